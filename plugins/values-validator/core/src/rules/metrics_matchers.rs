//! `metrics.matchers` are put into every selector of the rules, as PromQL writes them: the text in
//! quotes knows only Go's escapes, and a pattern behind `=~` is a regular expression of RE2. With one that
//! does not parse Prometheus refuses the whole file of rules.

#[cfg(feature = "full")]
mod both;
#[cfg(feature = "full")]
mod labels;

use super::Rule;
use crate::embedded::Text;
use crate::promql::parse;
use crate::{Findings, Severity, Values};

/// `metrics.matchers[]` as PromQL.
pub const RULE: Rule = Rule {
    code: "metrics-matchers",
    severity: Severity::Error,
    title: text!("A matcher that PromQL cannot read"),
    check,
};

const REFUSED: Text =
    text!("It is put into every rule: Prometheus refuses them all, and no alert is left.");

/// The matchers of a text that commas separate, outside of quotes.
fn several(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = text.split(|c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    both::check(values, findings);
    #[cfg(feature = "full")]
    labels::prefixes(values, findings);
    for (path, node) in values.list("metrics.matchers") {
        let Some(text) = node.as_str() else { continue };
        let Err(fault) = parse(&format!("up{{{text}}}")) else {
            #[cfg(feature = "full")]
            labels::check(values, &path, node, text, findings);
            continue;
        };
        let glob = text.contains("\"*");
        let bare = text
            .trim()
            .trim_start_matches('{')
            .trim_end_matches('}')
            .replace("==", "=");
        let quoted = (bare.split_once('='))
            .filter(|(_, value)| !value.contains(['"', '~']))
            .map(|(label, value)| format!("{label}={value:?}"));
        let like = (text
            .split_once(" like ")
            .or_else(|| text.split_once(" LIKE ")))
        .map(|(label, value)| format!("{label}={value}"));
        let fixed = text.split_once("~\"").and_then(|(label, value)| {
            let new = crate::re2::fixed(value.strip_suffix('"')?)?;
            Some(format!("{label}~\"{new}\""))
        });
        let globbed = text
            .replace("\"*", "\".*")
            .replace("*\"", ".*\"")
            .replace("..*", ".*");
        let meant = [Some(bare), quoted, like, Some(globbed), fixed];
        let meant = meant.into_iter().flatten();
        let mut meant = meant.filter(|meant| parse(&format!("up{{{meant}}}")).is_ok());
        if let Some(meant) = meant.next() {
            // The chart takes one matcher an item.
            if crate::FULL
                && let items @ [_, _, ..] = &several(&meant)[..]
            {
                let items: Vec<String> = items.iter().map(|item| format!("'{item}'")).collect();
                findings.push(
                    RULE.at(path, node.place)
                        .found(format!("{text}: {}", fault.text))
                        .expected("one matcher of PromQL an item, without braces")
                        .why(REFUSED)
                        .fix(format!(
                            "write {} items: [{}]",
                            items.len(),
                            items.join(", ")
                        )),
                );
                continue;
            }
            findings.push(
                RULE.finds(path, &node.place, format!("{text}: {}", fault.text), text!("a matcher of PromQL: job=\"vllm\", or job=~\"vllm.*\" with a regular expression"), REFUSED)
                    .fix_write(&meant)
                    .replace(node.place, format!("'{meant}'")),
            );
            continue;
        }
        findings.push(
            RULE.finds(path, &node.place, format!("{text}: {}", fault.text), text!("a matcher of PromQL: job=\"vllm\", or job=~\"vllm.*\" with a regular expression"), REFUSED)
                .fix(if glob {
                    "write .* for any text: =~\".*vllm.*\""
                } else if text.contains('\\') {
                    "write [.] for a dot, or two backslashes"
                } else {
                    "close each bracket; after =~ write an RE2 expression"
                }),
        );
    }
}
