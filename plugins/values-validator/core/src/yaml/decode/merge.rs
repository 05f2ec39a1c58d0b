//! `<<`, the merge key.

use super::super::refusal;
use super::super::tree::{Id, Kind};
use super::{Decoder, Result};
use crate::node::Map;
use crate::{Finding, Place};

impl Decoder<'_> {
    /// `<<`: what is merged is written over the keys before it, and under those after it.
    pub(super) fn merge(&mut self, id: Id, path: &str, map: &mut Map) -> Result<()> {
        let raw = &self.tree.nodes[id];
        match &raw.kind {
            Kind::Map(pairs) => {
                self.count(raw.place)?;
                self.map(raw, pairs, path, map)
            }
            Kind::Alias(target) => {
                let aimed = &self.tree.nodes[*target];
                let Kind::Map(pairs) = &aimed.kind else {
                    return Err(no_map(raw.place));
                };
                self.count(raw.place)?;
                self.follow(id, *target, |d| {
                    d.count(aimed.place)?;
                    d.map(aimed, pairs, path, map)
                })
            }
            Kind::List(items) => {
                // Backwards: the earlier win.
                for item in items.iter().rev() {
                    if matches!(self.tree.nodes[*item].kind, Kind::Map(_) | Kind::Alias(_)) {
                        self.merge(*item, path, map)?;
                    } else {
                        return Err(no_map(self.tree.nodes[*item].place));
                    }
                }
                Ok(())
            }
            Kind::Scalar { .. } => Err(no_map(raw.place)),
        }
    }

    pub(super) fn is_merge(&self, id: Id) -> bool {
        let raw = &self.tree.nodes[id];
        let tagged = raw.tag.as_deref() == Some("tag:yaml.org,2002:merge");
        matches!(&raw.kind, Kind::Scalar { text, plain } if text == "<<" && (*plain || tagged))
    }
}

fn no_map(place: Place) -> Box<Finding> {
    refusal(
        place,
        text!("a merge key (<<) of something else").as_str(),
        text!("a map, an alias of one, or a list of them").as_str(),
        text!("name the anchor of a map: `<<: *anchor`").as_str(),
    )
}
