//! Which alerts matchers take, as far as that is sure.

use super::alerts::{Alert, Alerts, Label};
use super::items;
use super::matcher::{parts, pieces};
use crate::node::join;
use crate::{Node, re2};

/// One comparison, and where it is written.
pub(super) struct Matcher<'a> {
    pub(super) path: String,
    pub(super) node: &'a Node,
    /// Below `match` or `match_re`, where the label is the key.
    pub(super) old: bool,
    /// Whether the text has no other comparison.
    pub(super) alone: bool,
    pub(super) label: String,
    pub(super) operator: &'static str,
    pub(super) value: String,
}

/// Those of a route, or of one side of an inhibition with `source_` or `target_` before the keys; none where one
/// cannot be read.
pub(super) fn matchers<'a>(path: &str, node: &'a Node, side: &str) -> Option<Vec<Matcher<'a>>> {
    let mut all = Vec::new();
    let key = format!("{side}matchers");
    for (at, node) in items(node, &key) {
        let text = node.as_str()?;
        let alone = pieces(text).count() == 1;
        for piece in pieces(text) {
            let (label, operator, value) = parts(piece).ok()?;
            let path = format!("{path}.{key}[{at}]");
            all.push(Matcher {
                path,
                node,
                old: false,
                alone,
                label,
                operator,
                value,
            });
        }
    }
    for (key, operator) in [("match", "="), ("match_re", "=~")] {
        let key = format!("{side}{key}");
        let below = join(path, &key);
        for (label, node) in node.child(&key).into_iter().flat_map(Node::entries) {
            all.push(Matcher {
                path: join(&below, label),
                node,
                old: true,
                alone: true,
                label: label.to_owned(),
                operator,
                value: node.as_str()?.to_owned(),
            });
        }
    }
    Some(all)
}

/// Whether all of them take the alert; none where that is not known.
pub(super) fn taken<'a, 'm>(
    alerts: &Alerts<'a>,
    alert: &Alert<'a>,
    matchers: impl IntoIterator<Item = &'m Matcher<'m>>,
) -> Option<bool> {
    let mut sure = Some(true);
    for matcher in matchers {
        match one(&alerts.label(alert, &matcher.label), matcher) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => sure = None,
        }
    }
    sure
}

fn one(label: &Label<'_>, matcher: &Matcher<'_>) -> Option<bool> {
    let Matcher {
        operator, value, ..
    } = matcher;
    let pattern = operator.ends_with('~').then(|| re2::whole(value));
    if matches!(pattern, Some(None)) {
        return None;
    }
    let positive = operator.starts_with('=');
    let fits = |text: &str| {
        positive
            == match &pattern {
                Some(Some(pattern)) => pattern.is_match(text),
                _ => value == text,
            }
    };
    match label {
        Label::Lacks => Some(fits("")),
        Label::OneOf(texts) => {
            let first = fits(texts.first()?);
            texts
                .iter()
                .all(|text| fits(text) == first)
                .then_some(first)
        }
        Label::Has | Label::Unknown if pattern.is_some() && value == ".*" => Some(positive),
        Label::Has if pattern.is_some() && value == ".+" => Some(positive),
        Label::Has if pattern.is_none() && value.is_empty() => Some(!positive),
        _ => None,
    }
}
