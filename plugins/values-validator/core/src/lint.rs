//! PromQL in files of others: Prometheus' rule files, PrometheusRules, dashboards of Grafana and Perses. Each
//! expression is read as [`crate::promql`] reads it and looked up in the catalog of one release of vLLM.

mod collect;
mod dashboard;
mod query;
mod rule;
mod series;
mod variables;

use vllm_catalog::Version;

use crate::finding::Findings;
use crate::node::{Node, Value};
use crate::sorted::{Names, sort};
use crate::{Report, Source, yaml};
use collect::{Whose, collect};
use query::one;

/// An expression in a file.
struct Query<'a> {
    path: String,
    node: &'a Node,
    /// As it is written, with variables of Grafana filled in at the same length.
    text: String,
    alert: bool,
    recorded: bool,
}

/// What is wrong with the PromQL of some files, for one release of vLLM. Names that one of the files records
/// are known in all of them.
#[must_use]
pub fn lint(sources: Vec<Source>, version: Version) -> Report {
    let mut findings = Findings::default();
    let mut documents: Vec<Node> = Vec::new();
    // Index 0 is the chart's own values.yaml everywhere.
    let mut all = vec![Source::new("", "")];
    all.extend(sources);
    for (index, source) in (0..).zip(&all).skip(1) {
        for text in split(&source.text) {
            let mut part = source.clone();
            part.text = text;
            if let Some(map) = yaml::read(&part, index, &mut findings) {
                documents.push(Node {
                    value: Value::Map(map),
                    place: crate::Place {
                        source: index,
                        line: 1,
                        column: 1,
                        end_line: 1,
                        end_column: 1,
                    },
                    key: None,
                });
            }
        }
    }
    let mut queries = Vec::new();
    let mut recorded = Names::default();
    for document in &documents {
        let first = queries.len();
        collect(
            document,
            "",
            Whose::Unsaid,
            &mut queries,
            &mut recorded,
            &mut findings,
        );
        if dashboard::is(document) {
            dashboard::check(document, &mut queries, first, &mut findings);
        }
    }
    for query in &queries {
        one(query, version, &recorded, &mut findings);
    }
    let mut findings = findings.0;
    sort(&mut findings, |a, b| {
        (a.place, a.code, &a.path).cmp(&(b.place, b.code, &b.path))
    });
    findings.dedup();
    Report {
        findings,
        sources: all,
    }
}

/// The documents of a file, each with as many empty lines before it as stand there.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for (at, line) in text.lines().enumerate() {
        if line.trim_end() == "---" {
            parts.push("\n".repeat(at + 1));
        } else if let Some(part) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity;

    fn codes(name: &str, text: &str) -> Vec<(&'static str, Severity, u32)> {
        let report = lint(vec![Source::new(name, text)], Version::NEWEST);
        report
            .findings
            .iter()
            .map(|f| (f.code, f.severity, f.place.unwrap_or_default().line))
            .collect()
    }

    #[test]
    fn rules_of_others_are_read_in_every_form() {
        let group = "groups:\n- name: a\n  rules:\n  - record: vllm:tokens:rate\n    expr: sum(rate(vllm:generation_tokens_total[5m]))\n  - {alert: A, expr: 'vllm:tokens:rate < 1'}\n";
        assert_eq!(codes("r.yaml", group), []);
        let rule = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n  groups:\n  - name: a\n    rules:\n    - alert: A\n      expr: vllm:num_preemptions > 1\n      annotations: {summary: '{{ $label.pod }}'}\n---\nkind: PrometheusRule\nspec:\n  groups:\n  - name: a\n    rules:\n    - {alert: A, expr: sum(up}\n";
        assert_eq!(
            codes("r.yaml", rule),
            [
                ("alert-metric", Severity::Error, 8),
                ("alert-template", Severity::Error, 9),
                ("alert-expression", Severity::Error, 16),
            ]
        );
    }

    #[test]
    fn a_dead_query_of_a_dashboard_is_an_error_and_one_that_is_answered_is_not() {
        let panel =
            |expr: &str| format!("{{\"panels\": [{{\"targets\": [{{\"expr\": {expr:?}}}]}}]}}");
        for live in [
            "rate(vllm:prompt_tokens_total{namespace=\"$namespace\", model_name=~\"${model:regex}\"}[$__rate_interval])",
            "topk($n, sum by ($by) (vllm:num_requests_waiting))",
            "histogram_quantile(0.9, sum by (le) (rate(vllm:e2e_request_latency_seconds_bucket[[[window]]])))",
            "DCGM_FI_DEV_GPU_UTIL",
        ] {
            assert_eq!(codes("d.json", &panel(live)), [], "{live}");
        }
        let found = |expr: &str| {
            codes("d.json", &panel(expr))
                .into_iter()
                .map(|(code, severity, _)| (code, severity))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found("rate(vllm:prefix_cache_hits[5m])"),
            [("alert-metric", Severity::Error)]
        );
        assert_eq!(
            found("rate(vllm:prompt_tokens_total[5m]) or rate(vllm:prompt_tokens[5m])"),
            [("alert-metric", Severity::Info)]
        );
        assert_eq!(
            found("vllm:corp_blocks > 3"),
            [("alert-metric", Severity::Warning)]
        );
    }
}
