//! With `whole` every trace waits: `numTraces` must hold those that come within `decisionWait`. How many come is in
//! no value; a comment of the same file may state it.

use super::RULE;
use crate::rules::look::{duration, seconds, text};
use crate::{Findings, Source, Values};
use vllm_catalog::number::Shown;

/// Words for a request, and for a second.
const WHAT: [&str; 4] = ["request", "trace", "req", "call"];
const SECOND: [&str; 6] = ["second", "seconds", "sec", "s", "second.", "s."];

/// The number of requests or traces a second that a comment states: `400 requests per second`, `50 req/s`, `80 rps`.
fn stated(comment: &str) -> Option<f64> {
    let lower = comment.to_ascii_lowercase().replace('/', " per ");
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | ':'))
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(2).enumerate().find_map(|(at, pair)| {
        let number: f64 = pair[0].trim_start_matches('~').parse().ok()?;
        let rest = &words[at + 1..];
        let short = rest[0] == "rps" || rest[0] == "qps";
        let named = WHAT.iter().any(|word| rest[0].starts_with(word))
            && matches!(rest.get(1), Some(&("per" | "a" | "each" | "every")))
            && rest.get(2).is_some_and(|word| SECOND.contains(word));
        (short || named).then_some(number)
    })
}

/// The rate against `numTraces`.
pub(super) fn check(values: &Values, sources: &[Source], findings: &mut Findings) {
    let path = "tracing.sampling.numTraces";
    let (Some(node), Some(wait)) = (
        values.get(path),
        seconds(values, "tracing.sampling.decisionWait"),
    ) else {
        return;
    };
    let source = sources.get(node.place.source as usize);
    let (Some(source), Some(count)) = (source, node.as_f64()) else {
        return;
    };
    if text(values, "tracing.sampling.mode") != "whole" || node.is_default() {
        return;
    }
    let comments = source.text.lines().filter_map(|line| line.split_once('#'));
    let rate = comments.filter_map(|(_, comment)| stated(comment));
    let Some(rate) = rate.max_by(f64::total_cmp) else {
        return;
    };
    let needed = rate * wait;
    if count >= needed {
        return;
    }
    findings.push(
        RULE.at(path, &node.place)
            .found(format!(
                "{}, and {} a second wait for {}",
                Shown(count),
                Shown(rate),
                duration(wait)
            ))
            .expected(format!("{} or more", Shown(needed)))
            .why("The oldest traces are dropped before they are decided, slow requests among them.")
            .fix(format!("write {}", Shown((needed * 1.25).ceil()))),
    );
}

#[cfg(test)]
mod tests {
    use super::stated;

    #[test]
    fn a_comment_states_a_rate_with_its_unit() {
        for (comment, rate) in [
            (
                " Peak: 400 requests per second, longest answer eight minutes.",
                Some(400.0),
            ),
            (" about 50 requests a second", Some(50.0)),
            (" ~80 rps at noon", Some(80.0)),
            (" 12.5 req/s", Some(12.5)),
            (" 50 requests in 3 minutes", None),
            (" two seconds", None),
        ] {
            assert_eq!(stated(comment), rate, "{comment}");
        }
    }
}
