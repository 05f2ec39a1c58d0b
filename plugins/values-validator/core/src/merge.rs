//! Helm's merge of all that is given over the chart's defaults. Files over files: [`crate::node::over`].

use crate::codes::{DEFAULT_REMOVED, MAP_REPLACED};
use crate::node::{Map, Node, Value, join};
use crate::shape::schema::Schema;
use crate::{Finding, Findings};

/// What was given over the chart's defaults: null deletes a default, a map and something else do not
/// merge (helm keeps what was given and warns on its log). `schema` is the chart's, where its keys are
/// known.
pub fn over_defaults(
    given: &mut Map,
    mut defaults: Map,
    schema: Option<&Schema>,
    findings: &mut Findings,
) {
    clean(&mut defaults);
    let known = schema.map(|root| Known { root, at: root });
    coalesce(given, defaults, "", known, findings);
}

/// What the chart's schema says of a map.
#[derive(Clone, Copy)]
struct Known<'a> {
    root: &'a Schema,
    at: &'a Schema,
}

impl Known<'_> {
    /// The same of a key below; none where keys are free, of what is Kubernetes' own, and of what
    /// templates can do without.
    fn below(self, key: &str) -> Option<Self> {
        let at = self.at.resolved(self.root).properties.get(key)?;
        let free = [
            "resources",
            "global",
            "podSecurityContext",
            "securityContext",
        ];
        (!free.contains(&key)).then_some(Self { at, ..self })
    }
}

fn coalesce(
    given: &mut Map,
    defaults: Map,
    path: &str,
    known: Option<Known<'_>>,
    findings: &mut Findings,
) {
    for (key, default) in defaults {
        let Some(node) = given.get_mut(&key) else {
            given.insert(key, default);
            continue;
        };
        let below = known.and_then(|known| known.below(&key));
        match (&mut node.value, default.value) {
            (Value::Null, default) => {
                let path_below = join(path, &key);
                let needed = NEEDED.contains(&path_below.as_str());
                if (below.is_some() || needed) && !empty(&default) {
                    findings.push(removed(path_below, node, &default));
                }
                given.remove(&key);
            }
            (Value::Map(inner), Value::Map(map)) => {
                coalesce(inner, map, &join(path, &key), below, findings);
            }
            (value @ Value::Map(_), other) | (value, other @ Value::Map(_)) => {
                let (given, default_is) = (value.kind(), other.kind());
                findings.push(
                    MAP_REPLACED
                        .at(join(path, &key), &node.place)
                        .found(format!("{given} where the chart has {default_is}"))
                        .expected(default_is)
                        .why(text!("helm warns \"cannot overwrite table with non table\" or the like on its log, and the default is gone."))
                        .fix(text!("give a map to change some of its keys, null to take the default away"))
                        .related(default.place, "the default"),
                );
            }
            _ => {}
        }
    }
}

/// `resources` that a template computes with: without them rendering stops.
const NEEDED: [&str; 4] = [
    "grafana.resources",
    "jaeger.resources",
    "tracing.balancer.resources",
    "tracing.collector.resources",
];

fn empty(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Text(text) => text.is_empty(),
        Value::Null => true,
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => false,
    }
}

fn removed(path: String, node: &Node, default: &Value) -> Finding {
    let default = Node {
        value: default.clone(),
        ..node.clone()
    };
    let renders = crate::embedded::renders()
        .lines()
        .any(|known| known == path);
    let mut finding = DEFAULT_REMOVED
        .at(path, node.key_place())
        .found(format!(
            "null, which takes away the default: {}",
            default.described()
        ))
        .expected(text!("a value, or no such line"))
        .fix(text!("leave the line out to keep the default"));
    if renders {
        finding.severity = crate::Severity::Warning;
    }
    finding.why(if renders {
        text!("helm deletes the default: what it sets is left out, or another program's default counts.")
    } else {
        text!("helm deletes the default, and the chart's templates count on it: helm install stops, or what is installed does not start.")
    })
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
