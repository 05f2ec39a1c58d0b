//! Objects among the values, as the API server reads them.

use super::{Reader, Walk};
use crate::node::Node;
use crate::shape::schema::objects;
use crate::{Finding, Findings};

/// What the API server refuses of an object by the schema of its kind; nothing where the kind is not known. What a
/// template writes may be anything.
#[must_use]
pub fn object(object: &Node, path: &str) -> Vec<Finding> {
    let text = |key| object.child(key).and_then(Node::as_str);
    let (Some(version), Some(kind)) = (text("apiVersion"), text("kind")) else {
        return Vec::new();
    };
    let root = objects();
    let Some(schema) = root.properties.get(&format!("{version}/{kind}")) else {
        return Vec::new();
    };
    let walk = Walk {
        root,
        sources: &[],
        chosen: false,
        reader: Reader::Kubernetes,
    };
    let mut findings = Findings::default();
    walk.check(schema, object, path, &mut findings);
    findings.0
}
