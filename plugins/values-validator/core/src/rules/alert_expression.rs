//! One expression that does not parse, and Prometheus refuses the whole file of rules, or the operator's
//! webhook the object. Types are checked too: `rate` needs a range (`[5m]`).

use super::Rule;
use super::expressions::{expressions, inside, quotes};
use crate::close::ends;
use crate::promql::parse;
use crate::{Findings, Severity, Values};
use vllm_catalog::number::Shown;

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
        let near: String = text[fault.at..].chars().take(20).collect();
        let near = near.lines().next().unwrap_or("");
        let place = if near.is_empty() {
            "at its end".into()
        } else {
            format!("at `{near}`")
        };
        let finding = RULE
            .at(path, inside(node.place, text, fault.at))
            .found(format!("{}, {place}", fault.text))
            .expected(text!("a PromQL expression that gives a vector"))
            .why(text!(
                "Prometheus refuses the whole file of rules: no alert is left."
            ));
        let meant = rewritten(text).filter(|meant| meant != text && parse(meant).is_ok());
        findings.push(match (meant, quotes(node.place, text)) {
            (Some(meant), Some(before)) => {
                let mut place = node.place;
                place.column += before;
                place.end_column -= before;
                finding.fix(format!("write {meant}")).replace(place, meant)
            }
            (Some(meant), None) => finding.fix(format!("write {meant}")),
            _ => finding.fix(cure(&fault.text, text)),
        });
    }
}

/// The expression with operators, numbers and durations of other languages written as PromQL has them.
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
    for candidate in bracketed(&new) {
        if parse(&candidate).is_ok() {
            return Some(candidate);
        }
    }
    // A blank or brackets round a range, a unit written out, an aggregation without by.
    if let Some(plain) = spelled(&new).filter(|plain| parse(plain).is_ok()) {
        return Some(plain);
    }
    for (other, ours) in [("average(", "avg("), ("mean(", "avg("), (" = ", " == ")] {
        let renamed = new.replace(other, ours);
        if parse(&renamed).is_ok() {
            return Some(renamed);
        }
    }
    // The number that is compared with, at the end: 90%, 1k, 0,9.
    let at = new.rfind(['>', '<', '='])? + 1;
    let (head, limit) = new.split_at(at);
    let limit = limit.trim();
    let number = match limit.strip_suffix(['%', 'k', 'K']) {
        Some(bare) if limit.ends_with('%') => crate::units::float(bare.trim()).map(|n| n / 100.0),
        Some(bare) => crate::units::float(bare.trim()).map(|n| n * 1000.0),
        // 100,000 has groups of three digits, 0,9 a comma for the point.
        None if limit.split(',').skip(1).all(|group| group.len() == 3) => {
            crate::units::float(&limit.replace(',', ""))
        }
        None => crate::units::float(&limit.replace(',', ".")),
    };
    // A unit behind it: 200req, 500ms.
    let unit = limit
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(limit.len());
    let (bare, unit) = limit.split_at(unit);
    let number = number.or_else(|| {
        let bare = crate::units::float(bare.trim())?;
        let plain = unit
            .chars()
            .all(|c| c.is_ascii_alphabetic() || matches!(c, '/' | ' '));
        plain.then_some(if unit == "ms" { bare / 1000.0 } else { bare })
    });
    if let Some(number) = number {
        new = format!("{head} {}", Shown(number));
    }
    if parse(&new).is_ok() {
        return Some(new);
    }
    // topk(metric, 3)
    let open = new
        .find("topk(")
        .map(|at| at + 5)
        .or_else(|| new.find("bottomk(").map(|at| at + 8))?;
    let inner = &new[open..];
    let comma = inner.find(", ")?;
    let close = open + comma + 2 + inner[comma + 2..].find(')')?;
    let (metric, count) = (&new[open..open + comma], &new[open + comma + 2..close]);
    count.parse::<u32>().ok()?;
    Some(format!(
        "{}{count}, {metric}{}",
        &new[..open],
        &new[close..]
    ))
}

/// A bracket or quotes that are missing, `by` inside of the brackets, the quantile behind the buckets.
fn bracketed(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    // Before the operator of which the left side has too few.
    for operator in [" / ", " and ", " or ", " unless ", " * "] {
        if let Some((left, right)) = text.split_once(operator)
            && left.matches('(').count() > left.matches(')').count()
        {
            all.push(format!("{left}){operator}{right}"));
        }
    }
    // Before the comparison, or at the end.
    let compare = text.rfind(" > ").or_else(|| text.rfind(" < "));
    let compare = compare.or_else(|| text.rfind(" == ")).unwrap_or(text.len());
    for at in [compare, text.len()] {
        let (before, behind) = text.split_at(at);
        if let Some(ends) = ends(before, "\"'`") {
            all.push(format!("{before}{ends}{behind}"));
        }
    }
    if let Some(open) = text.rfind('{')
        && let Some(end) = text[open..].find([')', '['])
    {
        let at = open + end;
        all.push(format!("{}}}{}", &text[..at], &text[at..]));
    }
    // {model_name=llama}
    let mut quoted = String::new();
    let mut inside = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        quoted.push(c);
        inside = inside && c != '}' || c == '{';
        let equals = inside && (c == '=' || c == '~');
        if equals
            && rest
                .peek()
                .is_some_and(|next| !matches!(next, '"' | '\'' | '~' | '=' | '`'))
        {
            quoted.push('"');
            while let Some(c) = rest.next_if(|c| !matches!(c, ',' | '}')) {
                quoted.push(c);
            }
            quoted.push('"');
        }
    }
    all.push(quoted);
    // {label:"a"}, {label="a} and what other languages write for a range
    all.push(text.replace(":\"", "=\""));
    if let Some(end) = text.rfind('}') {
        all.push(format!("{}\"{}", &text[..end], &text[end..]));
    }
    all.push(
        text.replace("\"*", "\".*")
            .replace("*\"", ".*\"")
            .replace("..*", ".*"),
    );
    for (at, _) in text.match_indices("~\"") {
        let start = at + 2;
        if let Some(end) = text[start..].find('"')
            && let Some(new) = crate::re2::fixed(&text[start..start + end])
        {
            all.push(format!("{}{new}{}", &text[..start], &text[start + end..]));
        }
    }
    for (open, close) in [("[:", ']'), ("{", '}')] {
        if let Some((before, rest)) = text.rsplit_once(open)
            && let Some((range, behind)) = rest.split_once(close)
            && crate::units::seconds(range).is_some()
        {
            all.push(format!("{before}[{range}]{behind}"));
        }
    }
    // by {pod} (…), by pod (…), [5m] behind an offset
    if let Some((before, rest)) = text.split_once(" by ")
        && let Some((label, behind)) = rest.split_once(" (")
    {
        let label = label.trim_matches(|c| "{}[] ".contains(c));
        all.push(format!("{before} by ({label}) ({behind}"));
    }
    if let Some((before, rest)) = text.split_once(" offset ")
        && let Some((offset, rest)) = rest.split_once('[')
        && let Some((range, behind)) = rest.split_once(']')
    {
        all.push(format!(
            "{before}[{range}] offset {}{behind}",
            offset.trim()
        ));
    }
    // rate(sum(…)[5m]), and an offset behind the brackets
    for name in ["rate", "increase", "irate"] {
        for of in ["sum", "avg", "max"] {
            if let Some((before, rest)) = text.split_once(&format!("{name}({of}("))
                && let Some((inner, rest)) = rest.split_once(")[")
                && let Some((range, behind)) = rest.split_once("])")
            {
                all.push(format!("{before}{of}({name}({inner}[{range}])){behind}"));
            }
        }
    }
    if let Some((before, rest)) = text.rsplit_once(") offset ")
        && let Some(end) = before.rfind(']')
    {
        let (offset, behind) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
        let (inner, close) = before.split_at(end + 1);
        all.push(format!("{inner} offset {offset}{close}){behind}"));
    }
    // A unit written out: offset 1day
    for (at, _) in text.match_indices(|c: char| c.is_ascii_digit()) {
        let rest = &text[at..];
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        if let Some(new) = crate::units::meant(&rest[..end]) {
            all.push(format!("{}{new}{}", &text[..at], &rest[end..]));
        }
    }
    // sum(rate(…) by (pod))
    if let Some(by) = text.find(" by (")
        && let Some(end) = text[by..].find(')')
    {
        let clause = &text[by..=by + end];
        let without = format!("{}{}", &text[..by], &text[by + end + 1..]);
        for name in ["sum", "max", "min", "avg", "count"] {
            if let Some(at) = without.find(&format!("{name}(")) {
                let at = at + name.len();
                all.push(format!("{}{clause} {}", &without[..at], &without[at..]));
            }
        }
    }
    // histogram_quantile(…, 0.9)
    if let Some(open) = text.find("histogram_quantile(") {
        let open = open + "histogram_quantile(".len();
        for (comma, _) in text[open..].match_indices(", 0.") {
            let comma = open + comma;
            if let Some(close) = text[comma..].find(')') {
                let number = &text[comma + 2..comma + close];
                all.push(format!(
                    "{}{number}, {}{}",
                    &text[..open],
                    &text[open..comma],
                    &text[comma + close..]
                ));
            }
        }
    }
    // rate(metric{…}) without a range
    for name in ["rate(", "increase(", "delta(", "_over_time("] {
        if let Some(at) = text.find(name) {
            let at = at + name.len();
            if let Some(end) = text[at..].find(')') {
                let at = at + end;
                all.push(format!("{}[5m]{}", &text[..at], &text[at..]));
            }
        }
    }
    all
}

/// `[5 m]`, `(5m)` behind a selector, `sum (pod) (…)`.
fn spelled(text: &str) -> Option<String> {
    let mut new = text.to_owned();
    let unit = |text: &str| crate::units::seconds(text).is_some();
    for (at, _) in text.match_indices(['[', '(']).rev() {
        let close = if text[at..].starts_with('[') {
            ']'
        } else {
            ')'
        };
        let Some(end) = text[at..].find(close) else {
            continue;
        };
        let inner = &text[at + 1..at + end];
        let bare: String = inner.chars().filter(|c| !c.is_whitespace()).collect();
        let bare = crate::units::meant(&bare).unwrap_or(bare);
        let behind = text[..at].trim_end().ends_with(['}', ']'])
            || text[..at].ends_with(|c: char| c.is_alphanumeric());
        if unit(&bare) && behind {
            new.replace_range(at..=at + end, &format!("[{bare}]"));
        }
    }
    if new != text && parse(&new).is_ok() {
        return Some(new);
    }
    let text = new;
    ["sum", "max", "min", "avg", "count"]
        .into_iter()
        .find_map(|name| {
            let at = text.find(&format!("{name} ("))?;
            let rest = &text[at + name.len() + 1..];
            let end = rest.find(')')?;
            let labels = |c: char| c.is_alphanumeric() || matches!(c, '_' | ',' | ' ');
            (rest[1..end].chars().all(labels) && rest[end + 1..].trim_start().starts_with('('))
                .then(|| format!("{}{name} by {}", &text[..at], rest))
        })
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
