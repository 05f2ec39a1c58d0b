//! One expression that does not parse, and Prometheus refuses the whole file of rules, or the operator's
//! webhook the object. Types are checked too: `rate` needs a range (`[5m]`).

mod meant;
#[cfg(feature = "full")]
mod metricsql;

use super::Rule;
use super::expressions::{expressions, inside, quotes};
use crate::promql::parse;
use crate::{Findings, Severity, Values};

/// `rules.additionalAlerts[].expr` as PromQL.
pub const RULE: Rule = Rule {
    code: "alert-expression",
    severity: Severity::Error,
    title: text!("An added alert's expression is not valid PromQL"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for (path, node, text) in expressions(values) {
        let Err(fault) = parse(text) else {
            continue;
        };
        if crate::FULL
            && fault.text.contains("an experimental function")
            && (values.list("prometheus.extraArgs")).any(|(_, argument)| {
                let argument = argument.as_str().unwrap_or_default();
                argument.contains("promql-experimental-functions")
            })
        {
            continue;
        }
        #[cfg(feature = "full")]
        if metricsql::takes(values, text, &fault.text) {
            continue;
        }
        let near: String = text[fault.at..].chars().take(20).collect();
        let near = near.lines().next().unwrap_or("");
        let place = if near.is_empty() {
            "at its end".into()
        } else {
            format!("at `{near}`")
        };
        let finding = RULE.finds(
            path,
            inside(node.place, text, fault.at),
            format!("{}, {place}", fault.text),
            text!("a PromQL expression that gives a vector"),
            text!("Prometheus refuses the whole file of rules: no alert is left."),
        );
        let meant = rewritten(text).filter(|meant| meant != text && parse(meant).is_ok());
        findings.push(match (meant, quotes(node.place, text)) {
            (Some(meant), Some(before)) => {
                let mut place = node.place;
                place.column += before;
                place.end_column -= before;
                finding.writes(place, &meant)
            }
            (Some(meant), None) => finding.fix_write(&meant),
            _ => finding.fix(cure(&fault.text, text)),
        });
    }
}

/// The expression as PromQL has it: with its operators and its units.
pub(super) fn rewritten(text: &str) -> Option<String> {
    let mut new = text.to_owned();
    for (other, ours) in [
        ("||", "or"),
        ("&gt;", ">"),
        ("&lt;", "<"),
        ("&amp;", "&"),
        ("&&", "and"),
        ("<>", "!="),
        ("=>", ">="),
        ("=<", "<="),
        ("mins]", "m]"),
        ("min]", "m]"),
        ("sec]", "s]"),
        ("hours]", "h]"),
        ("hour]", "h]"),
        ("days]", "d]"),
        (" and and ", " and "),
        ("\u{201c}", "\""),
        ("\u{201d}", "\""),
        ("\u{201e}", "\""),
        ("\u{2018}", "'"),
        ("\u{2019}", "'"),
    ] {
        if !(other == "=>" && new.contains("==>")) {
            new = new.replace(other, ours);
        }
    }
    if parse(&new).is_ok() {
        return Some(new);
    }
    if crate::FULL { meant::meant(new) } else { None }
}

/// What to do about a fault.
fn cure(fault: &str, expr: &str) -> String {
    if let Some(meant) = fault.split("did you mean ").nth(1) {
        return format!("write {}", meant.trim_end_matches('?'));
    }
    let known = [
        (
            "`by`, where",
            text!("put by (…) before or behind the brackets, not inside: sum by (model_name) (rate(metric[5m]))").as_str(),
        ),
        ("`&&`", "write and"),
        ("`||`", "write or"),
        ("function average", "write avg"),
        ("function mean", "write avg"),
        (
            "function percentile",
            text!("write quantile(0.95, metric), or histogram_quantile(0.95, sum by (le) (rate(metric_bucket[5m]))) of a histogram").as_str(),
        ),
        (
            "function group_",
            text!("write on (<the labels that both have>) before it").as_str(),
        ),
        (
            "beside a text in quotes",
            text!("write the number without quotes").as_str(),
        ),
        (
            "where `,` is expected",
            text!("close the brace or bracket before it").as_str(),
        ),
        (
            "experimental",
            text!("write another function, such as max_over_time or stddev_over_time, or start Prometheus with --enable-feature=promql-experimental-functions").as_str(),
        ),
        (
            "takes a range vector",
            text!("write a range behind the metric: metric[5m]").as_str(),
        ),
        (text!("a range after an expression").as_str(), text!("write a subquery: (…)[5m:]").as_str()),
        (
            "the pattern",
            text!("write .* for any text, and close each bracket; RE2 knows no lookahead: use !~ for what is not meant").as_str(),
        ),
        ("`=`, where", "write == to compare"),
        (
            "a text in quotes",
            text!("put quotes round the label's value: {model_name=\"qwen3\"}").as_str(),
        ),
        (
            text!("a text without its closing quote").as_str(),
            text!("close the quotes; a backslash in a text is written twice").as_str(),
        ),
        (
            "cannot be alerted on",
            text!("put rate(…) or max_over_time(…) round it").as_str(),
        ),
        ("needs bool", text!("compare a metric with a number").as_str()),
        (
            "the end, where",
            text!("close each bracket, and finish the expression").as_str(),
        ),
    ];
    if fault.contains("`=`, where") && expr.contains("=>") {
        return "write >=".into();
    }
    if expr.contains("$__") || expr.contains("${") {
        return text!("write the range itself: [5m]; variables are Grafana's")
            .as_str()
            .into();
    }
    let cure = known.iter().find(|(part, _)| fault.contains(part));
    cure.map_or(
        text!("try the expression in Prometheus, at /query").as_str(),
        |(_, cure)| cure,
    )
    .into()
}
