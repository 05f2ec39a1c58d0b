//! Two items that no series fits both.

use super::RULE;
use crate::promql::meaning::clash;
use crate::promql::{Kind, Matcher, parse};
use crate::{Findings, Node, Place, Values};

/// From the start of one item to the end of the other, where nothing is between them.
fn beside(first: &Node, second: &Node) -> Option<Place> {
    let (a, b) = (first.place, second.place);
    let near = a.source == b.source && b.line.checked_sub(a.end_line)? <= 1;
    near.then_some(Place {
        end_line: b.end_line,
        end_column: b.end_column,
        ..a
    })
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let mut all: Vec<(usize, String, &Node, Matcher)> = Vec::new();
    for (at, (path, node)) in values.list("metrics.matchers").enumerate() {
        let text = node.as_str().unwrap_or_default();
        let parsed = parse(&format!("up{{{text}}}"));
        if let Some(Kind::Selector { matchers, .. }) = parsed.ok().map(|expr| expr.kind) {
            all.extend(
                matchers
                    .into_iter()
                    .map(|one| (at, path.clone(), node, one)),
            );
        }
    }
    let matchers: Vec<&Matcher> = all.iter().map(|(.., one)| one).collect();
    let Some((first, second, both)) = clash(&matchers) else {
        return;
    };
    let ((before, _, one, a), (at, path, other, b)) = (&all[first], &all[second]);
    let finding = RULE
        .at(path, other.place)
        .found(format!("{}{}{:?}", b.label, b.operator, b.value))
        .expected(format!("one value of {}: no series has two", b.label))
        .why("All items together are put into every rule: no rule gives anything, and no alert fires.")
        .related(one.place, "the other one");
    let written =
        |matcher: &Matcher| format!("{}{}{:?}", matcher.label, matcher.operator, matcher.value);
    let Some(both) = both else {
        findings.push(finding.fix(format!("remove {} or {}", written(a), written(b))));
        return;
    };
    let finding = finding.fix(format!("write one item in place of the two: '{both}'"));
    let place = beside(one, other).filter(|_| before + 1 == *at);
    findings.push(match place {
        Some(place) => finding.replace(place, format!("'{both}'")),
        None => finding,
    });
}
