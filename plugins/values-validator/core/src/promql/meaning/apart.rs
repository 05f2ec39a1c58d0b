//! Two sides of an operator that can have no partners: they are held to different values of a label, or are matched
//! on a label that targets lack.

use super::selector::TARGET;
use super::{Facts, Labels, Reader, Topic};
use crate::promql::expr::{Expr, Grouping, Kind, Type};
use crate::sorted::Names;

/// The labels of which each series of a result has one value, with it.
fn fixed(expr: &Expr) -> Vec<(&str, &str)> {
    match &expr.kind {
        Kind::Selector { matchers, .. } => (matchers.iter())
            .filter(|one| one.operator == "=" && !one.value.is_empty() && !one.value.contains('$'))
            .map(|one| (one.label.as_str(), one.value.as_str()))
            .collect(),
        Kind::Moved { of, .. } | Kind::Range { of, .. } | Kind::Negative(of) => fixed(of),
        Kind::Call { name, arguments } => {
            if name.starts_with("absent") || name.starts_with("label_") || name == "vector" {
                return Vec::new();
            }
            let series = |one: &&Expr| matches!(one.gives, Type::Vector | Type::Matrix);
            let mut labels = arguments.iter().find(series).map(fixed).unwrap_or_default();
            labels.retain(|(label, _)| *label != "le");
            labels
        }
        Kind::Aggregate {
            name, grouping, of, ..
        } => {
            let mut labels = fixed(of);
            let named = |by: &Grouping, label: &str| by.labels.iter().any(|one| one.name == label);
            match grouping {
                _ if matches!(name.as_str(), "topk" | "bottomk" | "limitk") => {}
                Some(by) => labels.retain(|(label, _)| named(by, label) != by.without),
                None => labels.clear(),
            }
            labels
        }
        Kind::Binary {
            operator,
            matching,
            left,
            right,
            ..
        } => {
            if left.gives == Type::Scalar {
                return fixed(right);
            }
            let keeps = matches!(*operator, "and" | "unless")
                || right.gives == Type::Scalar
                || matching.is_none() && *operator != "or";
            if keeps { fixed(left) } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

impl Reader<'_> {
    /// Sides whose matchers want different values of a label that is compared.
    pub(super) fn apart(
        &mut self,
        at: usize,
        operator: &str,
        matching: Option<&Grouping>,
        (left, right): (&Expr, &Expr),
    ) {
        if operator == "or" {
            return;
        }
        let named = |by: &Grouping, label: &str| by.labels.iter().any(|one| one.name == label);
        let (a, b) = (fixed(left), fixed(right));
        let differ: Names = (a.iter())
            .filter(|(label, value)| {
                b.iter().any(|(other, its)| other == label && its != value)
                    && matching.is_none_or(|by| named(by, label) != by.without)
            })
            .map(|(label, _)| (*label).to_owned())
            .collect();
        if differ.is_empty() {
            return;
        }
        let labels = differ.joined();
        let fix = match matching {
            None => format!("write {operator} ignoring ({labels})"),
            Some(by) if by.without => format!("add {labels} to ignoring (…)"),
            Some(_) => format!("remove {labels} from on (…)"),
        };
        let doubt = self.doubt(
            Topic::Matching,
            at,
            format!("`{operator}` between series with different values of {labels}"),
            format!("sides with one value of {labels}, or ignoring ({labels})"),
            if operator == "unless" {
                "No series of one side has a partner on the other: nothing is left out."
            } else {
                "No series of one side has a partner on the other: it never gives a result."
            },
            fix,
        );
        if let (Some(doubt), None) = (doubt, matching) {
            let new = format!("{operator} ignoring ({labels})");
            doubt.edit = Some((at, operator.to_owned(), new));
        }
    }

    /// A side without labels, as `hour()` has none, of which no series is the partner.
    pub(super) fn unlabelled(
        &mut self,
        (at, operator): (usize, &str),
        sides: [(&Facts, &Expr); 2],
    ) -> bool {
        let bare =
            sides.map(|(side, _)| matches!(&side.labels, Labels::Closed(all) if all.is_empty()));
        let unknown = sides.iter().any(|(side, _)| side.labels == Labels::Unknown);
        if unknown || bare[0] == bare[1] {
            return false;
        }
        let mut names = Vec::new();
        sides[usize::from(bare[1])].1.metrics(&mut names);
        let (why, sum) = match operator {
            "and" if names.is_empty() => (
                "No series of one side has a partner on the other: it never gives a result.",
                "",
            ),
            "unless" => (
                "No series of one side has a partner on the other: nothing is left out.",
                if names.is_empty() {
                    ""
                } else {
                    ", or put both sides together by the same labels"
                },
            ),
            _ => return false,
        };
        let new = format!("{operator} on ()");
        let doubt = self.doubt(
            Topic::Matching,
            at,
            format!("`{operator}` between series with labels and a number without"),
            format!("{new}: one number for every series"),
            why,
            format!("write {new}{sum}"),
        );
        if let Some(doubt) = doubt.filter(|_| sum.is_empty()) {
            doubt.edit = Some((at, operator.to_owned(), new));
        }
        true
    }

    /// A label of vLLM's series, on which those of the scrape itself are matched.
    pub(super) fn unscraped(&mut self, at: usize, matching: Option<&Grouping>, sides: [&Facts; 2]) {
        let Some(on) = matching.filter(|by| !by.without) else {
            return;
        };
        for (up, other) in [(sides[0], sides[1]), (sides[1], sides[0])] {
            let scraped =
                up.series.as_deref() == Some("up") && matches!(up.labels, Labels::Open(_));
            let (Labels::Open(theirs) | Labels::Closed(theirs)) = &other.labels else {
                continue;
            };
            let lost = |label: &str| theirs.contains(label) && !TARGET.contains(&label);
            let (gone, left): (Vec<&str>, Vec<&str>) = (on.labels.iter())
                .map(|label| label.name.as_str())
                .partition(|label| lost(label));
            if !scraped || gone.is_empty() {
                continue;
            }
            let left = if left.is_empty() {
                "namespace, pod".to_owned()
            } else {
                left.join(", ")
            };
            let doubt = self.doubt(
                Topic::Matching,
                at,
                format!("on ({}), which up has not", gone.join(", ")),
                "labels that both sides have",
                "No series of one side has a partner on the other: it never gives a result.",
                format!("write on ({left})"),
            );
            super::unsure(doubt);
        }
    }
}
