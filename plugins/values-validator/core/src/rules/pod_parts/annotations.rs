//! Annotations of an Ingress that its controller reads in pairs.

use super::RULE;
use crate::node::join;
use crate::{Finding, Findings, Node, Values};

const NGINX: &str = "nginx.ingress.kubernetes.io/";
const MANAGER: &str = "cert-manager.io/";
const OPEN: &str = "The controller asks nobody to log in: the page is open.";
const UNREAD: &str = "The controller reads it only beside the other: it does nothing.";

/// An annotation of ingress-nginx, the one that it needs with a value to add, and what happens without.
const PAIRS: [(&str, &str, &str, &str); 13] = [
    (
        "auth-type",
        "auth-secret",
        "<Secret with the key auth>",
        "The controller finds no users: it answers every request with 503.",
    ),
    ("auth-secret", "auth-type", "basic", OPEN),
    ("auth-secret-type", "auth-secret", "<Secret>", UNREAD),
    ("auth-realm", "auth-type", "basic", OPEN),
    (
        "auth-signin",
        "auth-url",
        "<address that checks a login>",
        OPEN,
    ),
    (
        "auth-response-headers",
        "auth-url",
        "<address that checks a login>",
        OPEN,
    ),
    (
        "auth-tls-verify-client",
        "auth-tls-secret",
        "<namespace>/<Secret with ca.crt>",
        "The controller asks for no certificate: the page is open.",
    ),
    (
        "auth-tls-verify-depth",
        "auth-tls-secret",
        "<namespace>/<Secret with ca.crt>",
        UNREAD,
    ),
    ("session-cookie-name", "affinity", "cookie", UNREAD),
    ("canary-weight", "canary", "\"true\"", UNREAD),
    ("cors-allow-origin", "enable-cors", "\"true\"", UNREAD),
    ("cors-allow-headers", "enable-cors", "\"true\"", UNREAD),
    ("cors-allow-methods", "enable-cors", "\"true\"", UNREAD),
];
/// Controllers that do not read the annotations of ingress-nginx.
const OTHERS: [&str; 7] = [
    "traefik", "alb", "gce", "haproxy", "kong", "istio", "cilium",
];

/// An Ingress as the values or an object have it.
struct Ingress<'a> {
    /// The path of its annotations.
    path: String,
    annotations: &'a Node,
    class: Option<&'a Node>,
    tls: bool,
}

/// The Ingresses of the chart's parts, and of extraObjects.
pub(super) fn check(values: &Values, findings: &mut Findings) {
    let parts = ["prometheus", "alertmanager", "grafana", "jaeger"];
    let parts = parts.iter().filter_map(|part| {
        let node = values.get(&format!("{part}.ingress"))?;
        let on = node.child("enabled").and_then(Node::as_bool) == Some(true);
        on.then(|| ingress(&format!("{part}.ingress"), node, node))?
    });
    let objects = values.list("extraObjects").filter_map(|(path, object)| {
        let kind = object.child("kind").and_then(Node::as_str);
        let (meta, spec) = (object.child("metadata")?, object.child("spec")?);
        (kind == Some("Ingress")).then(|| ingress(&join(&path, "metadata"), meta, spec))?
    });
    for one in parts.chain(objects) {
        one.check(findings);
    }
}

fn ingress<'a>(path: &str, annotated: &'a Node, spec: &'a Node) -> Option<Ingress<'a>> {
    Some(Ingress {
        path: join(path, "annotations"),
        annotations: annotated.child("annotations")?,
        class: spec
            .child("ingressClassName")
            .filter(|node| node.as_str().is_some_and(|text| !text.is_empty())),
        tls: spec.child("tls").is_some_and(|tls| !tls.items().is_empty()),
    })
}

impl Ingress<'_> {
    fn has(&self, key: &str) -> Option<&Node> {
        self.annotations.child(key)
    }

    fn warns(&self, key: &str, node: &Node, found: String, expected: &str, why: &str) -> Finding {
        RULE.warning(join(&self.path, key), node.key_place())
            .found(found)
            .expected(expected)
            .why(why)
    }

    fn check(&self, findings: &mut Findings) {
        let class = self.class.and_then(Node::as_str).unwrap_or("");
        let other = OTHERS.iter().find(|other| class.contains(**other));
        let mut said = Vec::new();
        for (key, needed, value, why) in &PAIRS {
            let (full, wanted) = (format!("{NGINX}{key}"), format!("{NGINX}{needed}"));
            let Some(node) = self.has(&full).filter(|_| !said.contains(needed)) else {
                continue;
            };
            if let Some(other) = other {
                findings.push(
                    self.warns(
                        &full,
                        node,
                        format!("{full}, and ingressClassName is {class}"),
                        "annotations of the controller that serves the Ingress",
                        &format!("Only ingress-nginx reads it, {other} does not: the page is open to all, or as {other} has it."),
                    )
                    .fix(format!("remove it, and write what {other} reads, or set ingressClassName: nginx")),
                );
                break;
            }
            if self.has(&wanted).is_none() {
                said.push(*needed);
                findings.push(
                    self.warns(&full, node, format!("{key} without {needed}"), "both", why)
                        .fix(format!("add {wanted}: {value}")),
                );
            }
        }
        self.issuers(findings);
        let old = "kubernetes.io/ingress.class";
        if let (Some(node), Some(field)) = (self.has(old), self.class) {
            let why = "The API server refuses an Ingress with both: helm install stops.";
            let finding = self.warns(
                old,
                node,
                format!("{old} beside ingressClassName"),
                "one of the two",
                why,
            );
            findings.push(
                finding
                    .fix("remove it")
                    .remove(node)
                    .related(field.place, "the other"),
            );
        }
    }

    /// cert-manager makes a certificate for what `tls` names.
    fn issuers(&self, findings: &mut Findings) {
        let [cluster, own] = ["cluster-issuer", "issuer"].map(|key| format!("{MANAGER}{key}"));
        let (first, second) = (self.has(&cluster), self.has(&own));
        if let (Some(first), Some(node)) = (first, second) {
            let why = "cert-manager refuses both: it makes no certificate.";
            findings.push(
                self.warns(
                    &own,
                    node,
                    format!("{own} beside {cluster}"),
                    "one of the two",
                    why,
                )
                .fix(format!("remove it, or remove {cluster}"))
                .related(first.key_place(), "the other"),
            );
        }
        let given = first
            .map(|node| (&cluster, node))
            .or(second.map(|node| (&own, node)));
        if let (Some((key, node)), false) = (given, self.tls) {
            let why = "cert-manager makes a certificate only for what tls names: the page is served with the controller's own, which no browser trusts.";
            findings.push(
                self.warns(
                    key,
                    node,
                    format!("{key} without tls"),
                    "tls with the Secret of the certificate",
                    why,
                )
                .fix("add tls: [{secretName: <Secret for the certificate>, hosts: [<host>]}]"),
            );
        }
    }
}
