//! What is fuzzed of the validator's readers of other programs' texts ([`harness::fuzz`]): PromQL, Go templates,
//! regular expressions, Alertmanager's configuration, and files for `lint`. Any bytes give an answer, and every
//! place in it is inside of the text.

use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::Result;
use harness::fuzz::{Outcome, Target};
use values_validator_core::gotemplate::{self, Dialect};
use values_validator_core::promql::{meaning, parse};
use values_validator_core::{Input, Report, Source, Version, check, lint, re2};

/// Longest input, in bytes.
const LONGEST: usize = 512;

/// Pieces of PromQL, of templates, patterns, Alertmanager's configuration and dashboards.
const WORDS: [&str; 64] = [
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "`",
    ",",
    "\\",
    "\n",
    "\n  ",
    "\n- ",
    ": ",
    "- ",
    "[5m]",
    "[1h:5m]",
    "[5m] offset 1d",
    "@ end()",
    "sum by (pod) (",
    "rate(",
    "histogram_quantile(0.9, ",
    "absent(",
    "label_replace(",
    " and on (pod) ",
    " or ",
    " unless ",
    " > bool ",
    " == 0",
    " / ignoring (le) group_left (a) ",
    "-",
    "*",
    "^",
    "%",
    "vllm:num_requests_waiting",
    "vllm:e2e_request_latency_seconds_bucket",
    "vllm:prompt_tokens_total",
    "up",
    "{le=\"2.5\"}",
    "{model_name=~\"a|b\"}",
    "1e3",
    "0x1f",
    "NaN",
    "1d",
    "{{ ",
    " }}",
    "{{ end }}",
    "{{ range .Alerts }}",
    "{{ if eq $labels.pod \"a\" }}",
    "{{ $value | humanize }}",
    "(?i)",
    "[a-z]+",
    ".*",
    "(a|b",
    "\\d",
    "route: {receiver: a}",
    "receivers: [{name: a, slack_configs: [{channel: '#a'}]}]",
    "matchers: [a=\"b\"]",
    "time_intervals:",
    "groups: [{name: g, rules: [{alert: A, expr: up}]}]",
    "{\"panels\": [{\"targets\": [{\"expr\": \"up\"}]}]}",
    "😀",
    "é",
];

/// The folder of the corpus, from the repository's root.
const CORPUS: &str = "tests/values/corpus-texts";

/// Replays the corpus, then grows inputs from it.
///
/// # Errors
/// As [`Target::fuzz`].
///
/// # Panics
/// When a reader does, or a place is outside of the text.
pub fn run(short: u64) -> Result<Outcome> {
    let words = WORDS.map(str::as_bytes);
    let target = Target {
        name: "values-texts",
        corpus: CORPUS,
        words: &words,
        longest: LONGEST,
        runs: short,
    };
    target.fuzz(behaviour)
}

/// Reads an input as each of the readers does; a number for what they did. One input in twenty, by its bytes,
/// is then put where such texts stand in values, and into a file for `lint`.
fn behaviour(bytes: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(bytes);
    let mut did = DefaultHasher::new();
    match parse(&text) {
        Ok(expr) => {
            for doubt in meaning::doubts(
                &expr,
                meaning::Context {
                    alert: true,
                    ..Default::default()
                },
            ) {
                assert!(text.is_char_boundary(doubt.at), "{doubt:?}");
                (doubt.topic as u8, doubt.edit.is_some()).hash(&mut did);
            }
            meaning::kept(&expr).len().hash(&mut did);
        }
        Err(fault) => {
            assert!(text.is_char_boundary(fault.at), "{fault:?}");
            let words = fault.text.split('`').step_by(2);
            words.collect::<String>().hash(&mut did);
        }
    }
    for dialect in [Dialect::Alert, Dialect::Message, Dialect::Helm] {
        let read = gotemplate::read(&text, dialect);
        if let Err(fault) = &read {
            assert!(text.is_char_boundary(fault.at), "{fault:?}");
        }
        (read.is_ok(), gotemplate::closed(&text, dialect).is_some()).hash(&mut did);
    }
    (re2::refused(&text).is_some(), re2::fixed(&text).is_some()).hash(&mut did);
    let did = did.finish();
    if did.is_multiple_of(20) {
        placed(&text);
    }
    did
}

/// The text where values have it, as configuration and as a file of its own.
fn placed(text: &str) {
    let quoted = serde_json::Value::from(text).to_string();
    let values = format!(
        "models: [{{name: a, selector: {{app: a}}}}]\n\
         rules: {{additionalAlerts: [{{alert: A, expr: {quoted}, annotations: {{summary: {quoted}}}}}]}}\n\
         prometheus: {{remoteWrite: [{{url: {quoted}, write_relabel_configs: [{{regex: {quoted}}}]}}]}}\n\
         tracing: {{exporters: {{otlp: {{a: {{endpoint: {quoted}}}}}}}, redaction: {{attributes: [{quoted}]}}}}\n\
         alertmanager: {{config: {{route: {{receiver: a, routes: [{{matchers: [{quoted}]}}]}}, \
         receivers: [{{name: a, slack_configs: [{{title: {quoted}}}]}}]}}}}\n"
    );
    let indented = text.replace('\n', "\n    ");
    let config = format!("alertmanager:\n  config:\n    {indented}\n");
    for values in [values, config] {
        let input = Input {
            sources: vec![Source::new("values.yaml", values)],
            sets: Vec::new(),
        };
        promised(&check(&input));
    }
    let Ok(version) = Version::parse("0.33.0") else {
        return;
    };
    promised(&lint(vec![Source::new("rules.yaml", text)], version));
}

/// What every report promises.
fn promised(report: &Report) {
    for finding in &report.findings {
        assert!(
            !finding.found.is_empty() && !finding.expected.is_empty(),
            "{finding:?}"
        );
    }
}
