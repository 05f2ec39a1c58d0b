//! Where a part of an expression stands that is written in a block: in which of its lines.

use super::length;
use crate::{Node, Place};

/// The place of a byte of the text, up to the end of its line, where each line of the text is one of the source.
pub(in crate::rules) fn inside(node: &Node, text: &str, at: usize) -> Option<Place> {
    let place = node.place;
    // In lines of its own, and not behind its key.
    let below = node.key.is_some_and(|key| key.line < place.line);
    let start = text.len() - text.trim_start_matches('\n').len();
    let own = text.trim_matches('\n');
    let lines = u32::try_from(own.split('\n').count()).ok()?;
    // With more lines than the text has some are put together.
    if !below || place.end_line.checked_sub(place.line)? != lines || own.starts_with(' ') {
        return None;
    }
    let before = own.get(..at.checked_sub(start)?)?;
    let begin = before.rfind('\n').map_or(0, |end| end + 1);
    let line = own[begin..].split('\n').next().unwrap_or_default();
    let row = place.line + u32::try_from(before.matches('\n').count()).ok()?;
    Some(Place {
        line: row,
        column: place.column + length(&before[begin..]),
        end_line: row,
        end_column: place.column + length(line),
        ..place
    })
}
