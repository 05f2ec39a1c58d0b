//! What other charts have in other keys: the label of a sidecar, settings by model, a disk; and the kind of an
//! object by its fields.

use super::{Case, Form, text, with};
use crate::codes;
use crate::node::{Node, Value};

/// `label` and `labelValue` of the Grafana chart's sidecar.
pub(super) fn sidecar(case: &mut Case<'_>) -> Option<()> {
    let above = case.above(1).to_vec();
    let keys = ["label", "labelValue"];
    if !case.is(codes::UNKNOWN_KEY) || !keys.contains(&case.key()) {
        return None;
    }
    let parent = case.at(&above)?;
    let free = parent.child("labels").is_none_or(Node::is_default);
    if !free || !crate::shape::at(&above)?.key("labels") {
        return None;
    }
    let label = text(parent.child(keys[0])?)?;
    let value = case.source.at(parent.child(keys[1])?.place)?;
    let value = Form::text(value.trim_matches(['"', '\'']));
    let labels = Form::map(&[Form::entry(label, &value)]).inline();
    let words = format!("write labels: {}", labels.shown());
    let mut all = case.lines.without(parent, &keys)?;
    all.push(Form::entry("labels", &labels));
    case.put(parent, &Form::map(&all), words);
    Some(())
}

/// Data sources as the files of the Grafana chart have them.
pub(super) fn provisioned(case: &mut Case<'_>) -> Option<()> {
    if !case.is(codes::WRONG_TYPE) || case.path != ["grafana", "datasources"] {
        return None;
    }
    let node = case.node()?;
    let mut files = node.entries().map(|(_, file)| file);
    let (file, None) = (files.next()?, files.next()) else {
        return None;
    };
    let list = file.child("datasources").unwrap_or(file);
    let items = case.lines.items(list)?;
    case.put(
        node,
        &Form::list(&items),
        "write the list of data sources itself",
    );
    Some(())
}

/// Settings by model below a section, which the entries of models have.
pub(super) fn entries(case: &mut Case<'_>) -> Option<()> {
    let [section, models] = &case.path[..] else {
        return None;
    };
    if !case.is(codes::UNKNOWN_KEY) || models != "models" {
        return None;
    }
    let list = case.root.child("models")?.items();
    let mut draft = case.draft();
    let mut first = String::new();
    for (name, _) in case.node()?.entries() {
        let named = |model: &Node| model.child("name").and_then(Node::as_str) == Some(name);
        let at = list.iter().position(named)?;
        if list[at].child(section).is_some() {
            return None;
        }
        let to = ["models".to_owned(), format!("[{at}]"), section.clone()];
        draft.moved(&with(&case.path, &[name]), &to)?;
        first = format!("move it to the entries: models[{at}].{section}");
    }
    case.all.push((draft.text(), first));
    Some(())
}

/// `persistence` of other charts, where this one has `storage`.
pub(super) fn persistence(case: &mut Case<'_>) -> Option<()> {
    let above = case.above(1).to_vec();
    let wanted = crate::shape::at(&with(&above, &["storage"]))?;
    if !case.is(codes::UNKNOWN_KEY) || case.key() != "persistence" || !wanted.key("persistent") {
        return None;
    }
    let parent = case.at(&above)?;
    if !parent.child("storage").is_none_or(Node::is_default) {
        return None;
    }
    let mut storage = Vec::new();
    match case.node()?.value {
        Value::Bool(on) => storage.push(Form::entry("persistent", &Form::flow(on.to_string()))),
        Value::Map(_) => {}
        _ => return None,
    }
    for (key, value) in case.node()?.entries() {
        let own = match key {
            "enabled" => "persistent",
            "storageClass" => "storageClassName",
            key => key,
        };
        if !wanted.key(own) {
            return None;
        }
        storage.push(Form::entry(own, &case.lines.value(value)?));
    }
    let storage = Form::map(&storage);
    let words = format!("write storage: {}", storage.shown());
    let all: Vec<Form> = (case.lines.entries(parent)?.into_iter())
        .map(|(key, form)| match key.as_str() {
            "persistence" => Form::entry("storage", &storage),
            _ => form,
        })
        .collect();
    case.put(parent, &Form::map(&all), words);
    Some(())
}

/// Group of an API, a field, and the only kind of the group that has it.
const KINDS: [(&str, &str, &str); 12] = [
    (
        "external-secrets.io/",
        "spec.secretStoreRef",
        "ExternalSecret",
    ),
    ("monitoring.coreos.com/", "spec.groups", "PrometheusRule"),
    (
        "monitoring.coreos.com/",
        "spec.podMetricsEndpoints",
        "PodMonitor",
    ),
    ("monitoring.coreos.com/", "spec.endpoints", "ServiceMonitor"),
    ("bitnami.com/", "spec.encryptedData", "SealedSecret"),
    ("cert-manager.io/", "spec.issuerRef", "Certificate"),
    ("networking.k8s.io/", "spec.podSelector", "NetworkPolicy"),
    ("keda.sh/", "spec.secretTargetRef", "TriggerAuthentication"),
    ("keda.sh/", "spec.scaleTargetRef", "ScaledObject"),
    ("v1", "stringData", "Secret"),
    ("v1", "spec.ports", "Service"),
    ("policy/", "spec.maxUnavailable", "PodDisruptionBudget"),
];

/// An object without its kind, told by its API and a field.
pub(super) fn kind(case: &mut Case<'_>) -> Option<()> {
    if case.finding.code != "extra-object" || case.key() != "kind" || case.node().is_some() {
        return None;
    }
    let object = case.at(case.above(1))?;
    let api = text(object.child("apiVersion")?)?;
    let is = |(group, field, _): &&(&str, &str, &str)| {
        let own = if group.ends_with('/') {
            api.starts_with(group)
        } else {
            api == *group
        };
        own && object.get(field).is_some()
    };
    let (_, _, kind) = KINDS.iter().find(is)?;
    let entry = Form::entry("kind", &Form::text(kind));
    let mut all = Vec::new();
    for (key, form) in case.lines.entries(object)? {
        all.push(form);
        if key == "apiVersion" {
            all.push(entry.clone());
        }
    }
    case.put(object, &Form::map(&all), format!("write kind: {kind}"));
    Some(())
}
