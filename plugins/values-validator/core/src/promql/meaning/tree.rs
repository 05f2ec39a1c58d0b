//! Questions about an expression as a tree.

use crate::promql::expr::{Expr, Kind};
use crate::sorted::Names;

/// Whether an aggregation is in it.
pub(super) fn sums(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Aggregate { .. }) || expr.parts().into_iter().any(sums)
}

/// Whether it gives fewer series than it reads.
pub(super) fn filters(expr: &Expr) -> bool {
    let itself = match &expr.kind {
        Kind::Binary {
            operator, boolean, ..
        } => {
            matches!(*operator, "and" | "unless")
                || (matches!(*operator, "==" | "!=" | "<" | ">" | "<=" | ">=") && !boolean)
        }
        Kind::Call { name, .. } => name.starts_with("absent"),
        _ => false,
    };
    itself || expr.parts().into_iter().any(filters)
}

/// How many matchers a side has.
pub(super) fn narrowed(expr: &Expr) -> usize {
    let own = match &expr.kind {
        Kind::Selector { matchers, .. } => matchers.len(),
        _ => 0,
    };
    own + expr.parts().into_iter().map(narrowed).sum::<usize>()
}

/// Whether both are one counter at two times.
pub(super) fn same_series(left: &Expr, right: &Expr) -> bool {
    let [a, b] = [left, right].map(|side| {
        let mut names = Vec::new();
        side.metrics(&mut names);
        names.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    });
    !a.is_empty() && a == b
}

/// Whether a part of it is of another time.
pub(super) fn moved(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Moved { .. }) || expr.parts().into_iter().any(moved)
}

/// The one range that an expression reads.
pub(super) fn seconds(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        Kind::Range { seconds, .. } => Some(*seconds),
        _ => expr.parts().into_iter().find_map(seconds),
    }
}

pub(super) fn without_le(labels: &Names) -> Names {
    labels.iter().filter(|label| *label != "le").collect()
}
