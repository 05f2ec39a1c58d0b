//! Helm's two merges: files over files, and all that is given over the chart's defaults.

use crate::Findings;
use crate::codes::MAP_REPLACED;
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
            (value @ Value::Map(_), below) | (value, below @ Value::Map(_)) => {
                let (given, default_is) = (value.kind(), below.kind());
                findings.push(
                    MAP_REPLACED
                        .at(join(path, &key), node.place)
                        .found(format!("{given} where the chart has {default_is}"))
                        .expected(default_is)
                        .why("helm warns \"cannot overwrite table with non table\" or the like on its log, and the default is gone.")
                        .fix("give a map to change some of its keys, null to take the default away")
                        .related(default.place, "the default"),
                );
            }
            _ => {}
        }
    }
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
