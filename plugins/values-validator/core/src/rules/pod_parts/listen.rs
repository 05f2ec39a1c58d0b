//! Containers of one pod share its ports: a proxy cannot listen where the part itself does.

use super::RULE;
use crate::node::item;
use crate::rules::look::on;
use crate::{Findings, Node, Values};

/// Parts, and the ports on which each listens.
const PARTS: [(&str, &str); 6] = [
    ("prometheus", "9090"),
    ("alertmanager", "9093 9094"),
    ("grafana", "3000"),
    ("jaeger", "16686 4317 4318"),
    ("probe", "9115"),
    ("tracing.collector", "4317 4318 8888 8889 13133"),
];

/// Flags with an address to listen on, without dashes.
const FLAGS: &str = "http-address https-address http-bind-address bind-address secure-listen-address insecure-listen-address listen-address web.listen-address listen";

/// Ends of variables with one.
const VARIABLES: [&str; 4] = [
    "HTTP_ADDRESS",
    "HTTPS_ADDRESS",
    "LISTEN_ADDRESS",
    "LISTEN_PORT",
];

/// A text with an address to listen on: its path, its node, and what is before the address in it.
type Listens<'a> = (String, &'a Node, &'a str);

/// Where a container listens by its arguments and its environment.
fn listens<'a>(path: &str, container: &'a Node) -> Vec<Listens<'a>> {
    let mut all = Vec::new();
    for key in ["command", "args"] {
        let items = container.child(key).map_or(&[][..], Node::items);
        let mut flagged = false;
        for (i, node) in items.iter().enumerate() {
            let text = node.as_str().unwrap_or_default();
            let name = text.split('=').next().unwrap_or_default();
            let own = FLAGS
                .split(' ')
                .any(|flag| flag == name.trim_start_matches('-'));
            let known = name.starts_with('-') && own;
            if flagged || known && text.contains('=') {
                let before = text
                    .find('=')
                    .filter(|_| known)
                    .map_or("", |at| &text[..=at]);
                all.push((item(&format!("{path}.{key}"), i), node, before));
            }
            flagged = known && !text.contains('=');
        }
    }
    let variables = container.child("env").map_or(&[][..], Node::items);
    for (i, variable) in variables.iter().enumerate() {
        let name = variable.child("name").and_then(Node::as_str);
        let own = name.is_some_and(|name| VARIABLES.iter().any(|end| name.ends_with(end)));
        if let Some(value) = variable.child("value").filter(|_| own) {
            all.push((format!("{path}.env[{i}].value"), value, ""));
        }
    }
    all
}

/// The port that a container declares and the part does not listen on.
fn declared(container: &Node, taken: &str) -> Option<i64> {
    let ports = container.child("ports").map_or(&[][..], Node::items).iter();
    let numbers = ports.filter_map(|port| port.child("containerPort")?.as_i64());
    numbers
        .into_iter()
        .find(|port| !is(taken, &port.to_string()))
}

fn is(taken: &str, port: &str) -> bool {
    taken.split(' ').any(|own| own == port)
}

/// Whether the part may listen elsewhere than by default.
fn moved(values: &Values, part: &str) -> bool {
    let text = |node: &Node, word: &str| node.as_str().is_some_and(|text| text.contains(word));
    let args = values.list(&format!("{part}.extraArgs"));
    let env = values.list(&format!("{part}.extraEnv"));
    let server = values.get("grafana.ini.server");
    args.into_iter()
        .any(|(_, arg)| text(arg, "listen") || text(arg, "http_port"))
        || env.into_iter().any(|(_, one)| {
            one.child("name")
                .is_some_and(|name| text(name, "HTTP_PORT"))
        })
        || part == "grafana" && server.is_some_and(|ini| ini.child("http_port").is_some())
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    for (part, taken) in PARTS {
        let section = part.split('.').next().unwrap_or(part);
        if !(section == "prometheus" || on(values, &format!("{section}.enabled")))
            || moved(values, part)
        {
            continue;
        }
        for (path, container) in values.list(&format!("{part}.extraContainers")) {
            let free = declared(container, taken);
            for (path, node, before) in listens(&path, container) {
                let address = &node.as_str().unwrap_or_default()[before.len()..];
                let port = address.rsplit(':').next().unwrap_or_default();
                if !is(taken, port) {
                    continue;
                }
                let host = &address[..address.len() - port.len()];
                let finding = RULE
                    .warning(path, &node.place)
                    .found(format!("port {port}, on which {part} listens in the same pod"))
                    .expected("a port of its own")
                    .why("The second of the two cannot listen there and ends at its start, again and again.");
                findings.push(match free {
                    Some(free) => finding.quotes(node.place, &format!("{before}{host}{free}")),
                    None => finding.fix(format!(
                        "write another port, such as {before}{host}4180, and declare it in ports"
                    )),
                });
            }
        }
    }
}
