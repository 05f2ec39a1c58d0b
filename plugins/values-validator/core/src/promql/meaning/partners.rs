//! Words for two sides whose series have no partners: what gives each series one, and one alone.

use super::selector::TARGET;
use super::{Facts, Labels};
use crate::embedded::recorded_labels;
use crate::sorted::Names;

/// The labels of a side, and whether it has those of its target too.
fn known(facts: &Facts) -> (Names, bool) {
    match &facts.labels {
        Labels::Closed(labels) => (labels.clone(), false),
        Labels::Open(labels) => (labels.clone(), true),
        Labels::Unknown => (Names::default(), true),
    }
}

/// The series that is recorded by pod, where that of the whole model is read beside one of pods.
fn of_pods(side: &Facts, other: &Facts) -> Option<String> {
    let (labels, _) = known(other);
    let stem = side.series.as_ref()?.strip_prefix("model:")?;
    let own = format!("pod:{stem}");
    // What is put together by other labels is not asked for by pod.
    if crate::FULL
        && let (Labels::Closed(have), Some(recorded)) =
            (&side.labels, recorded_labels(side.series.as_ref()?))
        && !recorded.split(',').all(|label| have.contains(label))
    {
        return None;
    }
    (labels.contains("pod") && recorded_labels(&own).is_some()).then_some(own)
}

/// What compares series as they are scraped: by all of their labels but those of one side.
#[cfg(feature = "full")]
pub(super) fn ignoring(operator: &str, a: &Facts, b: &Facts) -> Option<String> {
    let (Labels::Open(left), Labels::Open(right)) = (&a.labels, &b.labels) else {
        return None;
    };
    let less = |from: &Names, of: &Names| -> Names {
        from.iter().filter(|label| !of.contains(label)).collect()
    };
    let (on_left, on_right) = (less(left, right), less(right, left));
    let group = match (on_left.is_empty(), on_right.is_empty()) {
        _ if matches!(operator, "and" | "unless") => "",
        (false, true) => " group_left ()",
        (true, false) => " group_right ()",
        _ => return None,
    };
    let both: Names = on_left.iter().chain(on_right.iter()).collect();
    Some(format!("{operator} ignoring ({}){group}", both.joined()))
}

/// The right side of a quotient without the label that only it has, where that is what `ignoring` would have of
/// it: the place, the text there and what to write. Of each of its series alone the quotient would be too high.
#[cfg(feature = "full")]
pub(super) fn whole(new: &str, at: usize, text: &str) -> Option<(usize, String, String)> {
    let labels = new
        .strip_prefix("/ ignoring ")?
        .strip_suffix(" group_right ()")?;
    let span = super::quotient::behind(text, at + 1, "*/%+-")?;
    let old = text.get(span.clone())?;
    Some((
        span.start,
        old.to_owned(),
        format!("sum without {labels} ({old})"),
    ))
}

/// What gives both sides partners, the likeliest first.
pub(super) fn partners(operator: &str, a: &Facts, b: &Facts) -> String {
    let ((left, left_open), (right, right_open)) = (known(a), known(b));
    let has = |labels: &Names, open: bool, label: &str| {
        labels.contains(label) || open && TARGET.contains(&label)
    };
    let more = |from: &Names, to: &Names, open: bool| -> Names {
        from.iter().filter(|label| !has(to, open, label)).collect()
    };
    let (on_left, on_right) = (
        more(&left, &right, right_open),
        more(&right, &left, left_open),
    );
    let lacks = |extra: &Names, open: bool, other: bool| !extra.is_empty() || open && !other;
    let wider = (
        lacks(&on_left, left_open, right_open),
        lacks(&on_right, right_open, left_open),
    );
    let common: Names = (left.iter().filter(|label| has(&right, right_open, label)))
        .chain(right.iter().filter(|label| has(&left, left_open, label)))
        .collect();
    let on = common.joined();
    let set = matches!(operator, "and" | "unless" | "or");
    let of_pods = of_pods(a, b)
        .map(|own| (own, "left"))
        .or_else(|| Some((of_pods(b, a)?, "right")));
    if let Some((own, side)) = of_pods {
        let or = if set && !on.is_empty() {
            format!(", or write {operator} on ({on}) for that of the whole model")
        } else {
            String::new()
        };
        return format!("write {own} on the {side}, which is recorded by pod, too{or}");
    }
    // A set operator takes several partners; another needs to be told on which side they are.
    let group = match wider {
        _ if set => Some(""),
        (true, false) => Some(" group_left ()"),
        (false, true) => Some(" group_right ()"),
        _ => None,
    };
    let mut all = Vec::new();
    match (common.is_empty(), wider) {
        (false, (true, false)) => all.push(format!(
            "put the left side together by ({on}), as the right one is"
        )),
        (false, (false, true)) => all.push(format!(
            "put the right side together by ({on}), as the left one is"
        )),
        (false, _) => all.push(format!("put both sides together by ({on})")),
        (true, _) => {
            let closed = [(left, left_open), (right, right_open)];
            let labels = closed
                .iter()
                .filter(|(labels, open)| !open && !labels.is_empty());
            all.extend(labels.map(|(labels, _)| format!("by ({}) on both sides", labels.joined())));
            match all.first_mut() {
                Some(first) => first.insert_str(0, "write "),
                None => all.push("put both sides together by the same labels".to_owned()),
            }
        }
    }
    if let Some(group) = group.filter(|_| !set || !on.is_empty()) {
        let each = match group {
            "" => "",
            _ => " for each series against the sum",
        };
        all.push(format!("write {operator} on ({on}){group}{each}"));
    }
    // The labels alone are enough for a set operator.
    if crate::FULL && set && all.len() == 2 {
        all.swap(0, 1);
    }
    all.join(", or ")
}
