//! Ports of the chart's Services, as routes name them.

use super::RULE;
use super::chart::{Service, own, service};
use crate::node::join;
use crate::rules::look::walk;
use crate::{Findings, Node, Severity, Values};

/// The name of a Service and its port, where a value names both: of Ingresses, routes of the Gateway API, Istio
/// and Traefik.
fn named(node: &Node) -> Option<(&Node, &str, &Node)> {
    let name = node.child("name").or_else(|| node.child("host"))?;
    let other = node
        .child("kind")
        .and_then(Node::as_str)
        .is_some_and(|kind| kind != "Service");
    let port = node.child("port").filter(|_| !other)?;
    Some((name, name.as_str()?, port))
}

/// Every backend below an object that is a Service of the chart: path, value and Service.
fn backends<'a>(
    values: &'a Values,
    path: &str,
    object: &'a Node,
) -> Vec<(String, &'a Node, Service<'a>)> {
    let mut all = Vec::new();
    if let Some(spec) = object.child("spec") {
        walk(spec, &join(path, "spec"), &mut |path, _, node| {
            if let Some((_, name, port)) = named(node)
                && let Some(service) = own(values, name).or_else(|| service(values, name))
            {
                all.push((join(path, "port"), port, service));
            }
        });
    }
    all
}

/// The first route to a model among the extra objects, and the namespace of its gateway.
pub(in crate::rules) fn routed(values: &Values) -> Option<(&Node, Option<&str>)> {
    let (_, object) = values.list("extraObjects").find(|(path, object)| {
        let mut all = backends(values, path, object).into_iter();
        all.any(|(_, _, service)| service.model.is_some())
    })?;
    let gateway = object
        .get("spec.parentRefs[0].namespace")
        .and_then(Node::as_str);
    Some((object, gateway.filter(|name| !name.contains("{{"))))
}

pub(super) fn check(values: &Values, path: &str, object: &Node, findings: &mut Findings) {
    for (path, port, service) in backends(values, path, object) {
        let (path, node) = match port.child("number") {
            Some(number) => (join(&path, "number"), number),
            None => (path, port),
        };
        let Some(given) = node.as_i64().filter(|given| !service.ports.contains(given)) else {
            continue;
        };
        let Some(first) = service.ports.first() else {
            continue;
        };
        let shown: Vec<String> = service.ports.iter().map(i64::to_string).collect();
        let mut finding = RULE
            .at(path, &node.place)
            .found(format!(
                "port {given} of a Service that has {}",
                shown.join(", ")
            ))
            .expected(shown.join(", "))
            .why("The route has no backend: each request is answered with 502 or 503.")
            .writes(node.place, &first.to_string());
        if let Some(model) = &service.model {
            finding = finding.related(model.node.place, "the entry that it serves");
        }
        finding.severity = Severity::Warning;
        findings.push(finding);
    }
}
