//! What is wrong with an expression.

use super::Query;
use super::series::{native, recorded_elsewhere};
use crate::finding::Findings;
use crate::node::Node;
use crate::promql::dead;
use crate::promql::meaning::{Context, Topic, doubts};
use crate::promql::parse;
use crate::rules::{self, absent, inside};
use crate::sorted::Names;
use crate::{Finding, Severity};
use vllm_catalog::Version;

pub(super) fn named(code: &'static str, path: &str, node: &Node) -> Finding {
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

pub(super) fn one(query: &Query<'_>, version: Version, recorded: &Names, findings: &mut Findings) {
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

/// A consequence in words for panels.
fn panel(why: &'static str) -> &'static str {
    if why.contains("alert never fires") {
        text!("It never gives a result: the panel stays empty.").as_str()
    } else {
        why
    }
}
