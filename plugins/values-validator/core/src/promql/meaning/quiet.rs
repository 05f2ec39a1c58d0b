//! Alerts that are quiet when all is gone: a count of what is left, and `absent()` of several at once.

use super::quotient::behind;
use super::{Doubt, Topic};
use crate::promql::expr::{Expr, Kind, Matcher};
use vllm_catalog::number::Shown;

/// Adds both, but for sides of `or`, of which another one may stand in for nothing.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, text: &str, said: &str) {
    match &expr.kind {
        Kind::Binary { operator: "or", .. } => return,
        Kind::Binary {
            operator,
            boolean: false,
            left,
            right,
            ..
        } => doubts.extend(
            right
                .number()
                .filter(|limit| *operator == "<" && *limit >= 1.0)
                .and_then(|limit| count(left, expr.at, limit, text)),
        ),
        Kind::Call { name, arguments } if name == "absent" => {
            doubts.extend(arguments.first().and_then(|of| absent(of, text, said)));
        }
        _ => {}
    }
    for part in expr.parts() {
        add(doubts, part, text, said);
    }
}

/// `count(up == 1)` and what counts the same where nothing is left: the text, the other one, and the comparison.
fn as_sum(left: &Expr, end: usize, text: &str) -> Option<(String, String, String)> {
    let Kind::Aggregate { name, of, .. } = &left.kind else {
        return None;
    };
    let Kind::Binary {
        operator: own @ ("==" | "!=" | "<" | "<=" | ">" | ">="),
        boolean: false,
        left: counted,
        right: with,
        ..
    } = &of.kind
    else {
        return None;
    };
    let with = with.number().filter(|_| name == "count")?;
    let head = text.get(left.at..counted.at)?;
    let inner = text.get(counted.at..of.at)?.trim_end();
    let head = head.strip_prefix("count")?;
    // What is 1 where it is counted, and 0 elsewhere, is counted by its sum.
    let up = matches!(&counted.kind, Kind::Selector { name, .. } if name == "up")
        && *own == "=="
        && (with - 1.0).abs() < f64::EPSILON;
    let new = if up {
        format!("sum{head}{inner}")
    } else {
        format!("sum{head}{inner} {own} bool {}", Shown(with))
    };
    let old = text.get(left.at..end)?.trim_end();
    // Behind the number: the bracket, and labels that stand there.
    let behind = text.get(of.at..end)?.trim_end();
    let behind = behind.get(behind.find(')')?..)?;
    let comparison = format!("{own} {}", Shown(with));
    Some((old.to_owned(), format!("{new}{behind}"), comparison))
}

/// `count(up == 1) < 3`
fn count(left: &Expr, end: usize, limit: f64, text: &str) -> Option<Doubt> {
    let (old, meant, comparison) = as_sum(left, end, text)?;
    Some(Doubt {
        topic: Topic::Condition,
        at: left.at,
        found: format!("count() of what is left by `{comparison}`"),
        expected: "a number that is 0 when nothing is left".to_owned(),
        why: "Where no series is left, count() gives nothing instead of 0: the alert is silent when all are gone.",
        fix: format!("write {meant} < {}", Shown(limit)),
        edit: Some((left.at, old, meant)),
        sure: false,
    })
}

/// `absent(up{model=~"a|b"})`
fn absent(of: &Expr, text: &str, said: &str) -> Option<Doubt> {
    let Kind::Selector { matchers, .. } = &of.kind else {
        return None;
    };
    let (several, names) = matchers.iter().find_map(alternatives)?;
    // Whoever says so means that none is left.
    let said = said.to_lowercase();
    if ["all ", "both", "every", "none", "no "]
        .iter()
        .any(|word| said.contains(word))
    {
        return None;
    }
    let span = behind(text, of.at, "")?;
    let selector = text.get(span)?;
    let old = format!("{}=~\"{}\"", several.label, several.value);
    let each = |name: &&str| {
        let one = selector.replace(&old, &format!("{}=\"{name}\"", several.label));
        format!("absent({one})")
    };
    let meant = names.iter().map(each).collect::<Vec<_>>().join(" or ");
    Some(Doubt {
        topic: Topic::Condition,
        at: several.at,
        found: format!("absent() of {} at once", names.join(" and ")),
        expected: "absent() of each".to_owned(),
        why: "It gives nothing while one of them is there: the alert fires only when all are gone.",
        fix: if selector.contains(&old) {
            format!("write {meant}")
        } else {
            "write absent(…) for each, joined by or".to_owned()
        },
        edit: None,
        sure: false,
    })
}

/// The names that a pattern is made of, where it is made of names alone.
fn alternatives(matcher: &Matcher) -> Option<(&Matcher, Vec<&str>)> {
    let names: Vec<&str> = matcher.value.split('|').collect();
    let plain = |name: &&str| {
        !name.is_empty()
            && (name.chars()).all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/'))
    };
    (matcher.operator == "=~" && names.len() > 1 && names.iter().all(plain))
        .then_some((matcher, names))
}

/// Corrects what is said of `count(…) == 0`: of no series there is no count.
pub(super) fn none(doubts: &mut [Doubt], expr: &Expr, text: &str) {
    for part in expr.parts() {
        none(doubts, part, text);
    }
    let Some((counted, operator, limit)) = super::against::against(expr) else {
        return;
    };
    let Kind::Aggregate { name, grouping, .. } = &counted.kind else {
        return;
    };
    let known = doubts.iter_mut().find(|doubt| {
        (doubt.topic, doubt.at) == (Topic::Threshold, expr.at)
            && doubt.why == super::NEVER.as_str()
            && doubt.edit.is_none()
    });
    let (Some(doubt), "count", "==" | "<" | "<=", 0.0..=1.0) = (known, &**name, operator, limit)
    else {
        return;
    };
    doubt.expected = "a number that is there when nothing is left".to_owned();
    let old = text.get(counted.at..expr.at).map(str::trim_end);
    let Some(old) = old.filter(|_| counted.at < expr.at) else {
        return;
    };
    // By labels there is nothing whose labels a 0 could have.
    if grouping.is_some() {
        let why = "of no series there is no count";
        if let Some((old, new, _)) = as_sum(counted, expr.at, text) {
            doubt.fix = format!("write {new} {operator} {}: {why}", Shown(limit));
            doubt.edit = Some((counted.at, old, new));
        } else {
            doubt.fix = format!("write absent(…) for each in place of it: {why}");
        }
        return;
    }
    let new = format!("({old} or vector(0))");
    doubt.fix = format!(
        "write {new} {operator} {}: of no series there is no count",
        Shown(limit)
    );
    doubt.edit = Some((counted.at, old.to_owned(), new));
}
