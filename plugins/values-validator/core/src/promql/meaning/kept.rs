//! The labels that a result has, as far as the expression alone tells.

use crate::embedded::recorded_labels;
use crate::promql::expr::{Expr, Grouping, Kind, Label, Type};
use crate::sorted::Names;

/// Labels of scraped series, which a rule that groups by others takes away.
const SCRAPED: [&str; 9] = [
    "container",
    "endpoint",
    "engine",
    "instance",
    "job",
    "le",
    "model_name",
    "namespace",
    "pod",
];

/// What is known of the labels of a result.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// These and no others.
    Only(Names),
    /// All that the series have but these.
    Without(Names),
}

impl Kept {
    /// Whether a result may have that label.
    #[must_use]
    pub fn may_have(&self, label: &str) -> bool {
        match self {
            Self::Only(names) => names.contains(label),
            Self::Without(gone) => !gone.contains(label),
        }
    }

    fn all() -> Self {
        Self::Without(Names::default())
    }

    fn none() -> Self {
        Self::Only(Names::default())
    }

    fn with<'a>(mut self, labels: impl Iterator<Item = &'a str>) -> Self {
        for label in labels {
            match &mut self {
                Self::Only(names) => {
                    names.insert(label);
                }
                Self::Without(gone) => gone.retain(&mut |gone| gone != label),
            }
        }
        self
    }

    fn less(mut self, labels: &[&str]) -> Self {
        match &mut self {
            Self::Only(names) => names.retain(&mut |name| !labels.contains(&name)),
            Self::Without(gone) => {
                for label in labels {
                    gone.insert(*label);
                }
            }
        }
        self
    }
}

/// The labels of each kind of result: one for each side of an `or`.
#[must_use]
pub fn kept(expr: &Expr) -> Vec<Kept> {
    match &expr.kind {
        Kind::Binary {
            operator: "or",
            left,
            right,
            ..
        } => {
            let mut sides = kept(left);
            sides.append(&mut kept(right));
            sides
        }
        _ => vec![one(expr)],
    }
}

fn one(expr: &Expr) -> Kept {
    match &expr.kind {
        Kind::Number(_) | Kind::Text(_) => Kept::all(),
        Kind::Selector { name, .. } => match recorded_labels(name) {
            // A store that reads several clusters adds labels of its own; it adds none of a scrape.
            Some(labels) => {
                let gone = SCRAPED
                    .iter()
                    .filter(|label| !labels.split(',').any(|has| has == **label));
                Kept::Without(gone.map(|label| (*label).to_owned()).collect())
            }
            None => Kept::all(),
        },
        Kind::Moved { of, .. } | Kind::Range { of, .. } | Kind::Negative(of) => one(of),
        Kind::Call { name, arguments } => call(name, arguments),
        Kind::Aggregate {
            name,
            grouping,
            parameter,
            of,
        } => {
            if matches!(name.as_str(), "topk" | "bottomk" | "limitk" | "limit_ratio") {
                return one(of);
            }
            let groups = match grouping {
                None => Kept::none(),
                Some(grouping) => grouped(of, grouping),
            };
            let counted = parameter.iter().filter_map(|value| match &value.kind {
                Kind::Text(label) => Some(label.as_str()),
                _ => None,
            });
            groups.with(counted)
        }
        Kind::Binary {
            operator,
            matching,
            many,
            left,
            right,
            ..
        } => {
            if matches!(*operator, "and" | "unless") || right.gives == Type::Scalar {
                return one(left);
            }
            if left.gives == Type::Scalar {
                return one(right);
            }
            match (operator, matching, many) {
                // Both sides' results.
                (&"or", ..) => Kept::all(),
                (_, _, Some(many)) => {
                    let side = one(if many.right { right } else { left });
                    side.with(many.labels.iter().map(|label| label.name.as_str()))
                }
                (_, Some(grouping), None) => grouped(left, grouping),
                (_, None, None) => one(left),
            }
        }
    }
}

/// By the labels named, or without them.
fn grouped(of: &Expr, grouping: &Grouping) -> Kept {
    let names: Vec<&str> = grouping
        .labels
        .iter()
        .map(|label: &Label| &*label.name)
        .collect();
    let inner = one(of);
    if grouping.without {
        return inner.less(&names);
    }
    let may = names.into_iter().filter(|name| inner.may_have(name));
    Kept::Only(may.map(str::to_owned).collect())
}

fn call(name: &str, arguments: &[Expr]) -> Kept {
    let series = arguments
        .iter()
        .find(|argument| !matches!(argument.gives, Type::Scalar | Type::Text));
    let Some(series) = series else {
        return Kept::none();
    };
    match name {
        // Labels that its matchers say for certain.
        "absent" | "absent_over_time" => match &bare(series).kind {
            Kind::Selector { matchers, .. } => {
                let said = |label: &str| matchers.iter().filter(|one| one.label == label).count();
                let sure = matchers
                    .iter()
                    .filter(|one| one.operator == "=" && said(&one.label) == 1);
                Kept::Only(sure.map(|one| one.label.clone()).collect())
            }
            _ => Kept::none(),
        },
        "label_replace" | "label_join" => {
            let made = arguments.get(1).and_then(|label| match &label.kind {
                Kind::Text(label) => Some(label.as_str()),
                _ => None,
            });
            one(series).with(made.into_iter())
        }
        "histogram_quantile" => one(series).less(&["le"]),
        _ => one(series),
    }
}

fn bare(expr: &Expr) -> &Expr {
    match &expr.kind {
        Kind::Moved { of, .. }
        | Kind::Range {
            of,
            subquery: false,
            ..
        } => bare(of),
        _ => expr,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, kept};
    use crate::promql::parse;

    #[test]
    fn the_labels_of_a_result_are_those_that_prometheus_gives_it() {
        for (expr, said) in [
            ("up == 0", "all but "),
            ("sum(up)", "only "),
            ("sum by (a, b) (up) > 1", "only a, b"),
            ("sum by (a, b) (sum by (b, c) (up))", "only b"),
            ("sum without (a) (up)", "all but a"),
            ("sum without (a) (sum by (a, b) (up))", "only b"),
            ("topk(3, sum by (a) (up))", "only a"),
            ("count_values by (b) (\"a\", up)", "only a, b"),
            ("absent(up{a=\"x\", b=~\"y\"})", "only a"),
            ("absent(up{a=\"x\", a!=\"y\"})", "only "),
            ("absent_over_time(up{a=\"x\"}[5m] offset 1h)", "only a"),
            ("absent(sum(up{a=\"x\"}))", "only "),
            (
                "label_replace(sum by (a) (up), \"b\", \"$1\", \"a\", \".*\")",
                "only a, b",
            ),
            (
                "histogram_quantile(0.9, sum by (le, a) (rate(x_bucket[5m]))) > 1",
                "only a",
            ),
            ("1 < sum by (a) (up)", "only a"),
            ("-sum by (a) (up) / 2", "only a"),
            ("x * on (a) group_left (b) y", "all but "),
            ("sum by (a) (x) * on (a) group_left (b) y", "only a, b"),
            (
                "x * on (a) group_right (b) sum by (a, c) (y)",
                "only a, b, c",
            ),
            ("x / on (a) y", "only a"),
            ("x / ignoring (a) y", "all but a"),
            ("x and on (a) sum by (a) (y)", "all but "),
            (
                "pod:vllm_num_requests_waiting:sum > 5",
                "all but container, endpoint, engine, instance, job, le",
            ),
            ("vector(1)", "only "),
            ("round(sum by (a) (rate(x[5m])), 0.1)", "only a"),
            ("up == 0 or sum by (a) (up)", "all but ; only a"),
        ] {
            let shown = kept(&parse(expr).unwrap())
                .into_iter()
                .map(|kept| match kept {
                    Kept::Only(names) => format!("only {}", names.joined()),
                    Kept::Without(names) => format!("all but {}", names.joined()),
                });
            assert_eq!(shown.collect::<Vec<_>>().join("; "), said, "{expr}");
        }
    }
}
