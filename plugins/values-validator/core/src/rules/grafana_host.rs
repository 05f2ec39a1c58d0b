//! The host by which users open Grafana is one that its routes serve.

use super::Rule;
use super::look::{on, text};
use crate::node::Node;
use crate::url::Url;
use crate::{Findings, Values};

/// Routes to Grafana, and where their hosts stand.
const ROUTES: [(&str, &str); 2] = [
    ("grafana.ingress", "hosts"),
    ("grafana.httpRoute", "hostnames"),
];

/// Whether a host of a route is for another one: itself, or a wildcard above it.
fn serves(own: &str, host: &str) -> bool {
    let below = own.strip_prefix('*');
    own.eq_ignore_ascii_case(host) || below.is_some_and(|end| host.ends_with(end))
}

pub(super) fn check(rule: &Rule, values: &Values, findings: &mut Findings) {
    let path = "grafana.rootURL";
    let root = text(values, path);
    let url = Url::of(root);
    let Some(node) = values.get(path) else { return };
    if url.scheme.is_none() || url.host.is_empty() || root.contains(['{', '$', '%']) {
        return;
    }
    let mut hosts: Vec<(&str, &Node)> = Vec::new();
    for (route, key) in ROUTES {
        let list = values.get(&format!("{route}.{key}"));
        let list = list.map_or(&[][..], Node::items);
        if !on(values, &format!("{route}.enabled")) {
            continue;
        }
        // Without a host a route is for every one.
        if list.is_empty() {
            return;
        }
        hosts.extend(list.iter().filter_map(|host| Some((host.as_str()?, host))));
    }
    let Some((first, place)) = hosts.first().copied() else {
        return;
    };
    let finding = rule.warning(path, &node.place);
    if hosts.iter().any(|(own, _)| serves(own, url.host)) {
        let tls = values.list("grafana.ingress.tls").next().is_some();
        if tls && on(values, "grafana.ingress.enabled") && url.scheme == Some("http") {
            let secure = root.replacen("http://", "https://", 1);
            findings.push(
                finding
                    .found("http://, and grafana.ingress has tls")
                    .expected("https://, as users open it")
                    .why("Logins are sent back to the address without TLS, which identity providers refuse.")
                    .writes(node.place, &secure),
            );
        }
        return;
    }
    let names: Vec<&str> = hosts.iter().map(|(name, _)| *name).collect();
    let finding = finding
        .found(format!("the host {}", url.host))
        .expected(format!("a host that is served: {}", names.join(", ")))
        .why("No route of Grafana serves that host: logins are sent back to it, and links in alerts lead there.")
        .related(place.place, "a host that is served");
    findings.push(if first.starts_with('*') || hosts.len() > 1 {
        finding.fix("write the host that users open, here and in the route's hosts")
    } else {
        finding.writes(node.place, &root.replacen(url.host, first, 1))
    });
}
