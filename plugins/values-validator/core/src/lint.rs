//! PromQL in files of others: Prometheus' rule files, PrometheusRules, dashboards of Grafana and Perses. Each
//! expression is read as [`crate::promql`] reads it and looked up in the catalog of one release of vLLM.

mod dashboard;
mod rule;
mod variables;

use vllm_catalog::Version;

use crate::finding::Findings;
use crate::node::{Node, Value, join};
use crate::promql::meaning::{Context, Topic, doubts};
use crate::promql::{Expr, Kind, parse};
use crate::rules::{self, absent, inside};
use crate::sorted::{Names, sort};
use crate::{Finding, Report, Severity, Source, yaml};
use variables::filled;

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

/// Who reads a part of a file, as far as `kind` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Unsaid,
    Prometheus,
    Victoria,
}

fn collect<'a>(
    node: &'a Node,
    path: &str,
    whose: Whose,
    queries: &mut Vec<Query<'a>>,
    recorded: &mut Names,
    findings: &mut Findings,
) {
    match &node.value {
        Value::Map(map) => {
            let text = |key: &str| node.child(key).and_then(Node::as_str);
            let alert = text("alert").is_some();
            let record = text("record");
            if let Some(name) = record {
                recorded.insert(name);
            }
            let kind = text("kind").unwrap_or("");
            let whose = match kind {
                "VMRule" => Whose::Victoria,
                _ if kind.starts_with("Prometheus") => Whose::Prometheus,
                _ => whose,
            };
            if alert {
                rule::texts(path, node, findings);
            }
            if whose != Whose::Victoria {
                rule::group(path, node, findings);
            }
            for (key, value) in map {
                let below = join(path, key);
                let is_query = key == "expr" || (key == "query" && whose == Whose::Prometheus);
                if let Some(text) = value
                    .as_str()
                    .filter(|text| is_query && !text.trim().is_empty())
                {
                    queries.push(Query {
                        path: below.clone(),
                        node: value,
                        text: filled(text),
                        alert,
                        recorded: record.is_some(),
                    });
                } else {
                    collect(value, &below, whose, queries, recorded, findings);
                }
            }
        }
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(
                    item,
                    &format!("{path}[{at}]"),
                    whose,
                    queries,
                    recorded,
                    findings,
                );
            }
        }
        _ => {}
    }
}

fn named(code: &'static str, path: &str, node: &Node) -> Finding {
    let rule = rules::ALL.iter().find(|rule| rule.code == code);
    Finding::new(
        code,
        rule.map_or(Severity::Error, |rule| rule.severity),
        path,
        node.place,
    )
}

const CODES: [(Topic, &str); 7] = [
    (Topic::Rate, "alert-rate"),
    (Topic::Quantile, "alert-quantile"),
    (Topic::Selector, "alert-selector"),
    (Topic::Threshold, "alert-threshold"),
    (Topic::Condition, "alert-condition"),
    (Topic::Window, "alert-window"),
    (Topic::Matching, "alert-matching"),
];

fn one(query: &Query<'_>, version: Version, recorded: &Names, findings: &mut Findings) {
    let place = |at: usize| inside(query.node.place, &query.text, at);
    let expr = match parse(&query.text) {
        Ok(expr) => expr,
        Err(fault) => {
            let mut finding = named("alert-expression", &query.path, query.node)
                .found(fault.text)
                .expected("a PromQL expression")
                .why(text!("Prometheus refuses it."))
                .fix(text!("try the expression in Prometheus, at /query"));
            finding.place = Some(place(fault.at));
            findings.push(finding);
            return;
        }
    };
    let mut names = Vec::new();
    expr.metrics(&mut names);
    let gone = |name: &str| -> Option<(String, Option<String>, String, bool)> {
        (!recorded.contains(name) && !recorded_elsewhere(name))
            .then(|| absent(name, version))
            .flatten()
    };
    let native = native(&expr, query.recorded);
    let whole = |name: &str| native.iter().any(|(whole, _)| whole == name);
    let dead = dead(&expr, &|name| {
        !whole(name) && gone(name).is_some_and(|(.., sure)| sure)
    });
    for (at, name) in names {
        let Some((found, _, fix, sure)) = gone(&name).filter(|_| !whole(&name)) else {
            continue;
        };
        let mut finding = named("alert-metric", &query.path, query.node)
            .found(found)
            .expected(format!("a series that vLLM {version} exports"))
            .why(match (sure, dead) {
                (true, true) => text!("No series has that name: the query has no result.").as_str(),
                (true, false) => {
                    text!("No series has that name; the other side of `or` answers.").as_str()
                }
                (false, _) => {
                    text!("Unless something else exports it, no series has that name.").as_str()
                }
            })
            .fix(fix);
        finding.place = Some(place(at));
        finding.severity = match (sure, dead) {
            (true, true) => Severity::Error,
            (true, false) => Severity::Info,
            (false, _) => Severity::Warning,
        };
        findings.push(finding);
    }
    let context = Context {
        alert: query.alert,
        ..Context::default()
    };
    for doubt in doubts(&expr, context) {
        // A native histogram needs no label le.
        if doubt.topic == Topic::Quantile && native.iter().any(|(_, at)| *at == doubt.at) {
            continue;
        }
        let code = CODES
            .iter()
            .find(|(topic, _)| *topic == doubt.topic)
            .map_or("alert-expression", |(_, code)| code);
        let mut finding = named(code, &query.path, query.node)
            .found(doubt.found)
            .expected(doubt.expected)
            .why(if query.alert {
                doubt.why
            } else {
                panel(doubt.why)
            })
            .fix(doubt.fix);
        finding.place = Some(place(doubt.at));
        if !doubt.sure && finding.severity == Severity::Error {
            finding.severity = Severity::Warning;
        }
        // A panel that never crosses a number shows it all the same.
        if !query.alert && finding.severity == Severity::Error && doubt.topic == Topic::Threshold {
            finding.severity = Severity::Warning;
        }
        findings.push(finding);
    }
}

/// Histograms that are read whole, as native ones or classic ones that Prometheus converts: below a rate in a
/// function of histograms, or recorded for one. With where the function begins.
fn native(expr: &Expr, recorded: bool) -> Vec<(String, usize)> {
    fn below(expr: &Expr, whole: Option<usize>, rated: bool, out: &mut Vec<(String, usize)>) {
        let (mut whole, mut rated) = (whole, rated);
        match &expr.kind {
            Kind::Call { name, .. } => {
                if name.starts_with("histogram_") {
                    whole = Some(expr.at);
                }
                rated |= matches!(name.as_str(), "rate" | "increase" | "irate");
            }
            Kind::Selector { name, .. } => {
                let histogram = |family: &vllm_catalog::Family| {
                    family.name == name && family.kind == vllm_catalog::Kind::Histogram
                };
                if let (Some(at), true) = (whole, rated)
                    && vllm_catalog::FAMILIES.iter().any(histogram)
                {
                    out.push((name.clone(), at));
                }
            }
            _ => {}
        }
        for part in expr.parts() {
            below(part, whole, rated, out);
        }
    }
    let mut names = Vec::new();
    below(expr, recorded.then_some(expr.at), false, &mut names);
    names
}

/// A consequence in words for panels.
fn panel(why: &'static str) -> &'static str {
    if why.contains("alert never fires") {
        text!("It never gives a result: the panel stays empty.").as_str()
    } else {
        why
    }
}

/// Names of this chart's own level, which another release may record.
fn recorded_elsewhere(name: &str) -> bool {
    name.contains(':') && !name.starts_with("vllm:")
}

/// Whether an expression has no result when some names have no series.
fn dead(expr: &Expr, gone: &dyn Fn(&str) -> bool) -> bool {
    match &expr.kind {
        Kind::Selector { name, .. } => gone(name),
        Kind::Binary {
            operator: "or",
            left,
            right,
            ..
        } => dead(left, gone) && dead(right, gone),
        Kind::Binary {
            operator: "unless",
            left,
            ..
        } => dead(left, gone),
        Kind::Call { name, .. } if name.starts_with("absent") || name == "vector" => false,
        _ => expr.parts().into_iter().any(|part| dead(part, gone)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
