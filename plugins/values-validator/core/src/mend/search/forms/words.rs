//! Words near to those that are allowed, and numbers without their unit.

use super::{Case, Form};
use crate::codes;
use crate::node::Value;

/// Words that mean the same, of which a list of allowed words may have one.
const SAME: [&str; 41] = [
    "off never none disabled disable false no nothing 0",
    "force always enforce",
    "auto automatic default",
    "full all everything complete",
    "whole all everything complete full tail",
    "immediate immediately instant early head",
    "minimal min minimum small least",
    "standard default normal medium",
    "detailed verbose debug trace full all high 2",
    "basic brief low short minimal 0",
    "normal default medium standard 1",
    "debug verbose trace all",
    "error err fatal critical severe",
    "warn warning",
    "completions chat completion complete generate generation text chat/completions chat-completions chatcompletions v1/chat/completions llm",
    "embeddings embedding embed v1/embeddings",
    "score rerank reranker reranking scoring",
    "pooling pool reward encode",
    "classify classification classifier",
    "operator prometheus-operator prometheusoperator kube-prometheus-stack servicemonitor podmonitor",
    "in equals equal eq == = is oneof",
    "notin notequals notequal not_equal ne neq != not not_in",
    "exists exist present any",
    "doesnotexist notexists notexist absent missing !exists",
    "equal equals eq == = is",
    "force on enabled always true",
    "google gmp gke gcp",
    "azure aks azuremonitor azure-monitor ama ama-metrics",
    "google googlemanagedprometheus google-managed-prometheus managed-prometheus gmp-operator gcm",
    "victoriametrics vm victoria vmoperator vm-operator victoria-metrics victoriametrics-operator vmpodscrape vmservicescrape",
    "operator prometheusoperator kps podmonitors servicemonitors coreos prom-operator",
    "standalone bundled builtin built-in embedded internal self own",
    "vmalert victoriametrics vm victoria victoria-metrics vmsingle vmcluster",
    "mimir cortex grafana-mimir mimir-ruler loki-ruler",
    "thanos thanos-ruler thanosruler thanos-rule",
    "file yaml yml raw rulefile rule-file",
    "readwritemany rwx",
    "readwriteonce rwo",
    "readonlymany rox",
    "readwriteoncepod rwop",
    "badger disk file local persistent pvc filesystem",
];

pub(super) fn near(case: &mut Case<'_>) -> Option<()> {
    let shape = [codes::NOT_ALLOWED, codes::BAD_FORMAT, codes::WRONG_TYPE];
    if !shape.into_iter().any(|code| case.is(code)) {
        return None;
    }
    let node = case.node()?;
    if matches!(node.value, Value::Map(_) | Value::List(_)) {
        return None;
    }
    let own = case.source.at(node.place)?;
    let own = own.trim_matches(['"', '\'']).to_ascii_lowercase();
    let wanted = crate::shape::at(&case.path)?.words();
    // Only where another word says the opposite is a boolean one of the words.
    let off = |word: &&str| SAME[0].split(' ').any(|off| off.eq_ignore_ascii_case(word));
    if own == "true" && !wanted.iter().any(off) {
        return None;
    }
    for word in wanted {
        let lower = word.to_ascii_lowercase();
        let same = SAME.iter().any(|line| {
            let has = |word: &str| line.split(' ').any(|other| other == word);
            has(&own) && has(&lower)
        });
        if same && lower != own {
            case.put(node, &Form::flow(word), format!("did you mean {word}?"));
        }
    }
    // Two words that are as near: nobody knows which is meant.
    Some(())
}

/// Bytes where a key counts mebibytes.
pub(super) fn mebibytes(case: &mut Case<'_>) -> Option<()> {
    let node = case.node()?;
    let Value::Int(bytes) = node.value else {
        return None;
    };
    let whole = bytes > 0 && bytes % (1 << 20) == 0;
    if !case.is(codes::OUT_OF_BOUNDS) || !case.key().ends_with("Mib") || !whole {
        return None;
    }
    let count = bytes >> 20;
    case.put(
        node,
        &Form::flow(count.to_string()),
        format!("write {count}: it is counted in MiB"),
    );
    Some(())
}

/// Seconds of an interval or a timeout, days of a retention.
pub(super) fn units(case: &mut Case<'_>) -> Option<()> {
    if !case.is(codes::WRONG_TYPE) && !case.is(codes::BAD_FORMAT) {
        return None;
    }
    let node = case.node()?;
    let number = match &node.value {
        Value::Int(number) => *number,
        Value::Text(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let key = case.key().to_ascii_lowercase();
    let seconds = [
        "interval",
        "timeout",
        "decisionwait",
        "decisionwaitafterroot",
    ];
    let seconds = seconds.iter().any(|known| key.ends_with(known));
    let text = match number {
        // One or two may be minutes.
        5..600 if seconds => format!("{number}s"),
        // 24 may be hours.
        5..=400 if case.finding.path == "prometheus.retention" && number % 24 != 0 => {
            format!("{number}d")
        }
        _ => return None,
    };
    case.put(node, &Form::flow(text.clone()), format!("write {text}"));
    Some(())
}
