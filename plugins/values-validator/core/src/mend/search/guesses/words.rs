//! Words where no edit is sure.

use super::super::targets;
use crate::check::DEFAULTS;
use crate::finding::Finding;
use crate::node::Node;
use crate::{codes, units};

/// Words that are nearer to what was meant than those of the rule.
pub fn words(finding: &Finding, root: &Node) -> Option<String> {
    let path = finding.path.as_str();
    if finding.code == codes::MISSING_KEY.code && path.ends_with(".topologyKey") {
        return Some(
            "add topologyKey: kubernetes.io/hostname for one pod a node, or topology.kubernetes.io/zone"
                .to_owned(),
        );
    }
    let node = targets::walked(root, &targets::parts(path))?;
    let key = path.rsplit('.').next().unwrap_or(path);
    #[cfg(feature = "full")]
    if let Some(words) = super::thresholds::words(finding, node, root) {
        return Some(words);
    }
    if let Some(words) = form(finding, root, node, key) {
        return Some(words);
    }
    if let Some(words) = node
        .as_str()
        .and_then(|text| pattern(text, &finding.fix.text))
    {
        return Some(words);
    }
    if finding.code == codes::DUPLICATE_KEY.code {
        return twice(path, key);
    }
    if let (true, Some(text)) = (
        finding.expected.starts_with("a whole number"),
        node.as_str(),
    ) {
        return count(path, key, text);
    }
    if finding.code == "receiver-undefined" && node.is_default() {
        let (_, names) = finding.found.split_once("among receivers ")?;
        return Some(format!("add receiver to route, with one of these: {names}"));
    }
    if let Some(key) = finding.found.strip_prefix("no ")
        && finding.code == "alertmanager-config"
        && finding.expected.contains(&format!("{key}_file"))
        && let Some(mounts) = root.get("alertmanager.extraVolumeMounts")
        && let [mount] = mounts.items()
        && let Some(folder) = mount.child("mountPath").and_then(Node::as_str)
    {
        return Some(format!("add {key}_file: {folder}/<key of the Secret>"));
    }
    if finding.code == "alertmanager-config" {
        if finding.found.starts_with("the unknown field") {
            return Some(text!("write .Labels.<label> or .Annotations.<name>: an alert also has Status, StartsAt, EndsAt, GeneratorURL and Fingerprint, and no value").as_str().to_owned());
        }
        if node.as_str().is_some_and(|text| text.contains("${")) {
            return Some(format!(
                "write {key}_file: <the path of a file>, and mount the Secret with alertmanager.extraVolumes and extraVolumeMounts: Alertmanager reads no environment"
            ));
        }
        if key == "chat_id" {
            return Some(text!("write the number of the chat, such as -1001234567890: Alertmanager takes no name with @").as_str().to_owned());
        }
        let reference = ["secretName", "name", "secretKeyRef", "valueFrom", "key"];
        if reference.iter().any(|name| node.child(name).is_some()) && finding.expected == "a text" {
            #[cfg(feature = "full")]
            if let Some(file) = mounted(node, root) {
                return Some(format!(
                    "write {key}_file: {file}, where the Secret is mounted"
                ));
            }
            return Some(format!(
                "write {key}_file: <the path of a file>, and mount the Secret with alertmanager.extraVolumes and extraVolumeMounts"
            ));
        }
    }
    if let Some((open, text)) = node
        .as_str()
        .filter(|_| finding.found.starts_with("histogram_quantile with 1 arg"))
        .and_then(|text| Some((text.find("histogram_quantile(")? + 19, text)))
    {
        let alert = targets::parts(path);
        let alert = targets::walked(root, &alert[..alert.len() - 1])?;
        let texts: Vec<&str> = (alert.entries().map(|(_, node)| node))
            .chain(
                alert
                    .child("annotations")
                    .into_iter()
                    .flat_map(|all| all.entries().map(|(_, node)| node)),
            )
            .filter_map(Node::as_str)
            .collect();
        let named = |of: &str| {
            texts
                .iter()
                .any(|text| text.contains(&format!("p{of}")) || text.contains(&format!("P{of}")))
        };
        let of = ["99", "95", "90", "50"].into_iter().find(|of| named(of));
        let of = of.unwrap_or("95");
        return Some(format!(
            "write the quantile first: {}0.{of}, {}",
            &text[..open],
            &text[open..]
        ));
    }
    None
}

/// What to write in the place of a value that says too little for an edit.
fn form(finding: &Finding, root: &Node, node: &Node, key: &str) -> Option<String> {
    let path = finding.path.as_str();
    let text = node.as_str().unwrap_or_default();
    let code = finding.code;
    let words = match (code, node.as_i64()) {
        ("out-of-bounds", Some(number))
            if number > 65_535 && finding.expected.ends_with("65535") =>
        {
            let usual = if path.starts_with("models[") {
                "; vLLM's is 8000"
            } else {
                ""
            };
            return Some(format!(
                "write the number of a port, from 1 to 65535{usual}"
            ));
        }
        ("autoscaling-bounds", Some(0)) => {
            "set minReplicas to 1, or add what starts the first replica, such as a gateway's queue: triggers: [{type: prometheus, metadata: {serverAddress: …, query: …, threshold: \"1\"}}], or a clock: {type: cron, metadata: {timezone: UTC, start: 0 8 * * 1-5, end: 0 18 * * 1-5, desiredReplicas: \"1\"}}"
        }
        ("wrong-type", _)
            if path.starts_with("tracing.receiver.tls") && node.as_bool() == Some(true) =>
        {
            "write tls: {secretName: <Secret>}: a Secret of type kubernetes.io/tls has the keys tls.crt and tls.key"
        }
        ("wrong-type", _) if path.ends_with(".ingress.tls") && node.as_bool() == Some(true) => {
            let hosts = root
                .get(path.strip_suffix("tls")?.trim_end_matches('.'))?
                .child("hosts")?;
            let hosts = crate::shape::written(hosts);
            return Some(format!(
                "write tls: [{{secretName: <Secret>, hosts: {hosts}}}], with the Secret of the certificate"
            ));
        }
        ("wrong-type", _) if path == "metrics.scrape.tls" && node.as_bool() == Some(true) => {
            "write scheme: https beside it, and tls: {ca: {secretName: <Secret>}} for a CA of your own"
        }
        ("wrong-type" | "not-allowed", _)
            if matches!(path, "jaeger.storage" | "jaeger.storage.type")
                && [
                    "elastic",
                    "opensearch",
                    "cassandra",
                    "clickhouse",
                    "postgres",
                ]
                .iter()
                .any(|name| text.contains(name)) =>
        {
            return Some(format!(
                "write {}: this Jaeger stores in memory or in badger, on a disk of its own; for {text} run a Jaeger of your own and name it in tracing.exporters",
                if key == "type" {
                    "badger or memory"
                } else {
                    "storage: {type: badger}, or {type: memory}"
                }
            ));
        }
        ("without-effect", _)
            if path.starts_with("alertmanager.")
                && finding
                    .fix
                    .text
                    .starts_with("set alertmanager.enabled: true")
                && root
                    .get("prometheus.alertmanagers")
                    .is_none_or(|all| all.items().is_empty()) =>
        {
            "set alertmanager.enabled: true; without it alerts reach nobody, unless prometheus.alertmanagers names another Alertmanager, and then remove it"
        }
        ("not-allowed", _) if path == "metrics.mode" && text == "prometheus" => {
            "write operator for the Prometheus of a Prometheus Operator, or standalone for a Prometheus of this chart"
        }
        ("not-allowed", _) if path == "rules.export.format" => {
            "write ConfigMap for a ConfigMap with the rules, or file for a file to write with helm template"
        }
        ("prefill-pods", _) if text.contains("(?") => {
            "RE2 has no lookahead: write what the names of prefill pods have in common, such as .*prefill.*"
        }
        _ => return None,
    };
    Some(words.to_owned())
}

/// The file of a Secret's key, where the one volume that Alertmanager mounts is of that Secret.
#[cfg(feature = "full")]
fn mounted(reference: &Node, root: &Node) -> Option<String> {
    let text = |node: &Node, key: &str| Some(node.child(key)?.as_str()?.to_owned());
    let [mount] = root.get("alertmanager.extraVolumeMounts")?.items() else {
        return None;
    };
    let mut volumes = root.get("alertmanager.extraVolumes")?.items().iter();
    let volume = volumes.find(|volume| text(volume, "name") == text(mount, "name"))?;
    let of = ["secretName", "name"]
        .iter()
        .find_map(|key| text(reference, key));
    let key = ["secretKey", "key"]
        .iter()
        .find_map(|key| text(reference, key))?;
    let secret = text(volume.child("secret")?, "secretName");
    let folder = text(mount, "mountPath").filter(|_| of == secret)?;
    Some(format!("{}/{key}", folder.trim_end_matches('/')))
}

/// Both units for a number of bytes that Kubernetes does not know: GB may be either.
pub fn units_of(finding: &mut Finding) {
    let found = finding.found.to_ascii_lowercase();
    let Some(own) = finding
        .fix
        .text
        .strip_prefix("write ")
        .filter(|own| own.len() < 12)
    else {
        return;
    };
    if own.ends_with(['k', 'M', 'G', 'T']) && found.ends_with("b\"") {
        let binary = own.replace('k', "K");
        finding.fix.text = format!("write {own}, or {binary}i if it is counted in steps of 1024");
    }
}

/// Another name for one of two exporters.
fn twice(path: &str, key: &str) -> Option<String> {
    let below = path.strip_prefix("tracing.exporters.")?;
    match below.split('.').count() {
        1 => Some(format!(
            "write {key} once, with a name below it for each exporter: {key}: {{first: {{endpoint: …}}, second: {{endpoint: …}}}}; what is sent over HTTP goes below otlphttp"
        )),
        2 => Some(format!(
            "write another name for one of the two, such as {key}-2"
        )),
        _ => None,
    }
}

/// A size in the place of a count.
fn count(path: &str, key: &str, text: &str) -> Option<String> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let parts = targets::parts(path);
    let (first, rest) = parts.split_first()?;
    let default = targets::walked(DEFAULTS.get(first.as_str())?, rest)?.as_f64()?;
    let size = !unit.is_empty()
        && unit != text
        && units::quantity(&format!("1{}", unit.trim_end_matches('B'))).is_some();
    size.then(|| {
        format!("write a number without a unit, such as {default}: {key} is a count, not a size")
    })
}

/// Which bracket of a pattern is open; lookaheads are named where there is one.
fn pattern(text: &str, words: &str) -> Option<String> {
    let (before, note) = words.split_once("close each bracket")?;
    crate::re2::refused(text)?;
    let note = match note.find("; RE2 knows no lookahead") {
        Some(at) if !text.contains("(?") => &note[..at],
        _ => note,
    };
    let close = match open(text) {
        Some((at, bracket)) => {
            let end = if bracket == '[' { ']' } else { ')' };
            format!("close the {bracket} at character {at} of the text with {end}")
        }
        None => "close each bracket".to_owned(),
    };
    Some(format!("{before}{close}{note}"))
}

/// The first bracket that is not closed, and its place, from 1.
fn open(text: &str) -> Option<(usize, char)> {
    let mut all = Vec::new();
    let (mut class, mut escaped) = (false, false);
    for (at, c) in (1..).zip(text.chars()) {
        match c {
            _ if escaped => {
                escaped = false;
                continue;
            }
            '\\' => escaped = true,
            ']' if class => {
                class = false;
                all.pop();
            }
            _ if class => {}
            '[' => {
                class = true;
                all.push((at, c));
            }
            '(' => all.push((at, c)),
            ')' => {
                all.pop();
            }
            _ => {}
        }
    }
    all.first().copied()
}
