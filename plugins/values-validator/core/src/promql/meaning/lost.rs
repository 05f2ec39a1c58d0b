//! Labels by which two sides are compared, and which one of them has lost.

use super::{Doubt, Facts, Labels};
use crate::promql::expr::Label;

/// All of them in one finding, with what the side has to be put together by.
pub(super) fn all<'a>(
    doubt: Option<&'a mut Doubt>,
    on: &[Label],
    sides: [&Facts; 2],
) -> Option<&'a mut Doubt> {
    let doubt = doubt?;
    let lacks = |side: &Facts, label: &Label| match &side.labels {
        Labels::Closed(have) => !have.contains(&label.name),
        _ => false,
    };
    let names: Vec<&str> = on
        .iter()
        .filter(|label| lacks(sides[0], label) != lacks(sides[1], label))
        .map(|label| label.name.as_str())
        .collect();
    let [_, _, ..] = names[..] else {
        return Some(doubt);
    };
    let names = names.join(", ");
    doubt.found = format!("on ({names}), which one side has not");
    doubt.fix = format!("keep {names} on both sides: by ({names})");
    Some(doubt)
}
