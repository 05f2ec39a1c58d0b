//! All values that templates see.

use super::{Node, item, join};

/// Everything that templates will see: the chart's defaults, files and arguments, merged.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// The root: always a map.
    pub root: Node,
}

impl Values {
    /// What stands at a path, such as `metrics.scrape.interval` or `models[0].name`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Node> {
        self.root.get(path)
    }

    /// The items of the list at a path, each with its own path: `models[0]`.
    #[must_use]
    #[inline(never)]
    pub fn list(&self, path: &str) -> std::vec::IntoIter<(String, &Node)> {
        let items = self.get(path).map_or(&[][..], Node::items);
        let mut list = Vec::new();
        for (index, node) in items.iter().enumerate() {
            list.push((item(path, index), node));
        }
        list.into_iter()
    }

    /// The entries of the map at a path: path, key and value of each.
    #[must_use]
    #[inline(never)]
    pub fn map(&self, path: &str) -> std::vec::IntoIter<(String, &str, &Node)> {
        let mut map = Vec::new();
        if let Some(node) = self.get(path) {
            for (key, node) in node.entries() {
                map.push((join(path, key), key, node));
            }
        }
        map.into_iter()
    }
}

/// Of values that contradict each other, the one to point at: what was given last, not a default.
#[must_use]
pub fn blamed<'a>(nodes: &[&'a Node]) -> Option<&'a Node> {
    nodes.iter().copied().max_by_key(|node| node.place)
}
