//! Names and words in the objects of `--speculative-config`, `--kv-transfer-config` and `--limit-mm-per-prompt`.

use super::super::say;
use super::written;
use crate::finding::in_quotes;
use crate::node::Node;
use crate::rules::look::Arg;
use crate::shape::bare;
use crate::{Finding, Severity};

/// Argument, then the names of its object; `theirs=ours` for what is written for one of them.
const NAMES: &str = "\
--speculative-config method model num_speculative_tokens draft_tensor_parallel_size prompt_lookup_max prompt_lookup_min max_model_len quantization revision num_spec_tokens=num_speculative_tokens num_tokens=num_speculative_tokens k=num_speculative_tokens num_draft_tokens=num_speculative_tokens speculative_model=model draft_model=model speculative_method=method ngram_prompt_lookup_max=prompt_lookup_max ngram_prompt_lookup_min=prompt_lookup_min
--kv-transfer-config kv_connector kv_role kv_rank kv_parallel_size kv_ip kv_port kv_buffer_device kv_buffer_size kv_connector_extra_config kv_connector_module_path engine_id connector=kv_connector role=kv_role rank=kv_rank extra_config=kv_connector_extra_config kv_extra_config=kv_connector_extra_config
--limit-mm-per-prompt image video audio images=image videos=video audios=audio";

/// Name of a key, then its values, and `theirs=ours`. A word that is like none may be a plugin's.
const WORDS: &str = "\
kv_role kv_producer kv_consumer kv_both producer=kv_producer consumer=kv_consumer both=kv_both prefill=kv_producer decode=kv_consumer kv_prefill=kv_producer kv_decode=kv_consumer
kv_connector NixlConnector LMCacheConnectorV1 P2pNcclConnector MultiConnector OffloadingConnector MooncakeConnector SharedStorageConnector nixl=NixlConnector lmcache=LMCacheConnectorV1 lmcacheconnector=LMCacheConnectorV1 multi=MultiConnector offloading=OffloadingConnector p2pnccl=P2pNcclConnector mooncake=MooncakeConnector
method ngram eagle eagle3 medusa mlp_speculator draft_model suffix mtp prompt_lookup=ngram draft=draft_model";

/// Which word of a line is meant by one that is none of them.
fn meant(line: &'static str, word: &str) -> Option<&'static str> {
    let wanted = bare(word);
    let mut words = line.split(' ').skip(1);
    if words.clone().any(|known| known == word) {
        return None;
    }
    words.find_map(|known| {
        let (theirs, ours) = known.split_once('=').unwrap_or((known, known));
        let theirs = bare(theirs);
        let near = wanted.len() > 5 && strsim::damerau_levenshtein(&theirs, &wanted) == 1;
        // Of two that differ by a digit, each may be one.
        let digit = word.ends_with(|c: char| c.is_ascii_digit());
        (theirs == wanted || near && !digit).then_some(ours)
    })
}

fn line(table: &'static str, first: &str) -> Option<&'static str> {
    table
        .lines()
        .find(|line| line.split(' ').next() == Some(first))
}

/// A name or a word that vLLM does not know, or a name that is not there.
pub(super) fn check(arg: &Arg<'_>, flag: &str, object: &Node) -> Option<Finding> {
    let names = line(NAMES, flag)?;
    for (name, value) in object.entries() {
        if let Some(ours) = meant(names, name).filter(|ours| object.child(ours).is_none()) {
            return Some(renamed(arg, name, ours, "a name that vLLM knows"));
        }
        let words = line(WORDS, name);
        if let (Some(words), Some(word)) = (words, value.as_str())
            && object.child("kv_connector_module_path").is_none()
            && let Some(ours) = meant(words, word)
        {
            return Some(renamed(arg, word, ours, "a word that vLLM knows"));
        }
    }
    let (given, needed, such) = match flag {
        "--kv-transfer-config" => ("kv_connector", "kv_role", "\"kv_both\""),
        "--speculative-config"
            if object.child("method").and_then(Node::as_str) == Some("ngram") =>
        {
            ("method", "num_speculative_tokens", "4")
        }
        _ => return None,
    };
    if object.child(given).is_none() || object.child(needed).is_some() {
        return None;
    }
    let found = format!("{flag} with {given}, without {needed}");
    let fix = format!("add \"{needed}\": {such} to the object");
    Some(say(&arg.path, arg.holder, found, "both").fix(fix))
}

/// One text of the object in place of another.
fn renamed(arg: &Arg<'_>, old: &str, new: &str, expected: &str) -> Finding {
    let finding = say(&arg.path, arg.holder, in_quotes(old), expected);
    let value = (arg.value).replacen(&in_quotes(old), &in_quotes(new), 1);
    let mut finding = written(finding, arg, &value);
    if new == "image" || new == "video" || new == "audio" {
        finding = finding.why("vLLM knows no such kind of input: the limit does nothing.");
        finding.severity = Severity::Warning;
    }
    finding
}
