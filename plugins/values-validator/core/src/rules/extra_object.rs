//! `extraObjects` are objects of Kubernetes, expanded by helm's `tpl`: each needs apiVersion, kind and a
//! name, and a template that parses. Helm stops at the first that does not.

use super::Rule;
use super::look::walk;
use crate::gotemplate::{Dialect, read};
use crate::{Findings, Node, Severity, Value, Values};

/// `extraObjects[]`.
pub const RULE: Rule = Rule {
    code: "extra-object",
    severity: Severity::Error,
    title: text!("An extra object that helm or Kubernetes refuses"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for (path, object) in values.list("extraObjects") {
        let mut texts: Vec<(String, &Node)> = vec![(path.clone(), object)];
        walk(object, &path, &mut |path, _, node| {
            texts.push((path.to_owned(), node))
        });
        for (path, node) in &texts {
            if let Some(fault) = node
                .as_str()
                .and_then(|text| read(text, Dialect::Helm).err())
            {
                findings.push(
                    RULE.at(path.clone(), &node.place)
                        .found(fault.text)
                        .expected(text!("a template that helm can expand"))
                        .why(text!("helm install stops with it."))
                        .fix(text!("close each {{ with }}, and each block with {{ end }}; for braces of your own write {{ `{{` }}")),
                );
            }
        }
        if !matches!(object.value, Value::Map(_)) {
            continue;
        }
        let given = |key: &str| {
            object
                .get(key)
                .and_then(Node::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        for key in ["apiVersion", "kind", "metadata.name"] {
            let named = key == "metadata.name" && given("metadata.generateName");
            let list = object.child("kind").and_then(Node::as_str) == Some("List");
            if !given(key) && !named && !list {
                findings.push(
                    RULE.at(format!("{path}.{key}"), &object.place)
                        .found(format!("an object without {key}"))
                        .expected(text!("apiVersion, kind and metadata.name"))
                        .why(text!("The API server refuses it: helm install stops."))
                        .fix(format!("add {key}")),
                );
            }
        }
    }
}
