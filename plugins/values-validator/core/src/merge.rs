//! Helm's two merges: files over files, and all that is given over the chart's defaults.

use crate::Findings;
use crate::codes::WRONG_TYPE;
use crate::node::{Node, Value, join};
use crate::yaml::Map;

/// A later file over earlier ones: maps are merged, anything else is replaced, by null too.
pub fn over(below: &mut Map, above: Map) {
    for (key, node) in above {
        match (below.get_mut(&key), node) {
            (
                Some(Node {
                    value: Value::Map(old),
                    place,
                    key: key_place,
                }),
                Node {
                    value: Value::Map(new),
                    place: new_place,
                    key: new_key,
                },
            ) => {
                over(old, new);
                (*place, *key_place) = (new_place, new_key);
            }
            (_, node) => drop(below.insert(key, node)),
        }
    }
}

/// What was given over the chart's defaults: null deletes a default, a map and something else do not
/// merge (helm keeps what was given and warns on its log).
pub fn over_defaults(given: &mut Map, mut defaults: Map, findings: &mut Findings) {
    clean(&mut defaults);
    coalesce(given, defaults, "", findings);
}

fn coalesce(given: &mut Map, defaults: Map, path: &str, findings: &mut Findings) {
    for (key, default) in defaults {
        let Some(node) = given.get_mut(&key) else {
            given.insert(key, default);
            continue;
        };
        match (&mut node.value, default.value) {
            (Value::Null, _) => drop(given.remove(&key)),
            (Value::Map(inner), Value::Map(below)) => {
                coalesce(inner, below, &join(path, &key), findings);
            }
            _ => {}
        }
    }
    let _ = (WRONG_TYPE, findings);
}

/// A default of null is as good as none.
fn clean(map: &mut Map) {
    map.retain(|_, node| !matches!(node.value, Value::Null));
    for node in map.values_mut() {
        if let Value::Map(inner) = &mut node.value {
            clean(inner);
        }
    }
}
