//! The keys of a map: one that Alertmanager does not know, and the one that was meant.

use super::known::DURATIONS;
use super::{CRASHES, RULE, Reader};
use crate::Node;
use crate::node::join;
use crate::shape::{nearest, reworded};

impl Reader<'_> {
    /// Keys that are none, and durations that are none.
    pub(super) fn keys(&mut self, path: &str, node: &Node, known: &str) {
        for (key, value) in node.entries() {
            let below = join(path, key);
            if !known.split(' ').any(|k| k == key) {
                let near =
                    nearest(key, known.split(' ')).or_else(|| reworded(key, known.split(' ')));
                let finding = RULE
                    .at(&below, value.key_place())
                    .found(format!("the key {key:?}"))
                    .expected(if near.is_some() {
                        text!("a key that Alertmanager knows").as_str().to_owned()
                    } else {
                        known.replace(' ', ", ")
                    })
                    .why(CRASHES);
                self.push(match near {
                    Some(near) if node.child(near).is_none_or(Node::is_default) => finding
                        .fix(format!("did you mean {near}?"))
                        .replace(value.key_place(), near),
                    _ => match known
                        .split(' ')
                        .find(|k| key.len() >= 4 && k.starts_with(key))
                    {
                        Some(near) if node.child(near).is_none() => finding
                            .fix(format!("did you mean {near}?"))
                            .replace(value.key_place(), near),
                        _ => finding.fix("remove the key"),
                    },
                });
            } else if DURATIONS.split(' ').any(|k| k == key) {
                self.duration(&below, value);
            } else {
                self.shape(&below, key, value);
            }
        }
    }
}
