//! Parts of a pod that Kubernetes refuses although each field is right: a mount without its volume, two
//! mounts at one path, a volume of two kinds, an environment variable with `value` and `valueFrom`, a
//! toleration `Exists` with a value, a container without an image or with another's name, GPUs by halves. `helm install` succeeds and no pod appears, or the API server refuses the object.

use super::Rule;
use super::look::{Model, models, walk_given};
use crate::embedded::Text;
use crate::node::join;
use crate::{Findings, Node, Severity, Values};
use vllm_catalog::number::Shown;

/// Pods' parts against each other.
pub const RULE: Rule = Rule {
    code: "pod-parts",
    severity: Severity::Error,
    title: text!("A part of a pod that Kubernetes refuses"),
    check,
};

const REFUSED: &str = "The API server refuses the object: helm install stops, or no pod appears.";

fn check(values: &Values, findings: &mut Findings) {
    walk_given(&values.root, "", &mut |path, key, node| {
        if node.is_default() {
            return;
        }
        match key {
            "fieldPath" => field(path, node, findings),
            "topologyKey" if node.as_str().is_some_and(|text| !text.is_empty() && !text.contains('/')) => {
                let full = match node.as_str().unwrap_or("") {
                    "zone" => "topology.kubernetes.io/zone",
                    "region" => "topology.kubernetes.io/region",
                    "hostname" | "host" | "node" => "kubernetes.io/hostname",
                    _ => "",
                };
                if !full.is_empty() {
                    let mut finding = RULE
                        .at(path, &node.place)
                        .found(node.described())
                        .expected(text!("a label of nodes, such as kubernetes.io/hostname or topology.kubernetes.io/zone"))
                        .why(text!("No node has that label: the rule has no effect, or no node fits."))
                        .fix(format!("write {full}"))
                        .replace(node.place, full);
                    finding.severity = Severity::Warning;
                    findings.push(finding);
                }
            }
            "subPath" if node.as_str().is_some_and(|text| text.starts_with('/')) => {
                let text = node.as_str().unwrap_or("").trim_start_matches('/');
                findings.push(
                    RULE.at(path, &node.place)
                        .found(node.described())
                        .expected(text!("a path inside of the volume, without / before it"))
                        .why(REFUSED)
                        .fix(format!("write {text}"))
                        .replace(node.place, text),
                );
            }
            "ingress" => other_host(path, node, findings),
            "tolerations" => node.items().iter().enumerate().for_each(|(i, n)| toleration(&format!("{path}[{i}]"), n, findings)),
            "env" | "extraEnv" => variables(path, node, findings),
            "topologyKey" if node.as_str() == Some("") => findings.push(
                RULE.at(path, &node.place)
                    .found(text!("an empty topologyKey"))
                    .expected(text!("a label of nodes, such as kubernetes.io/hostname or topology.kubernetes.io/zone"))
                    .why(REFUSED)
                    .fix(text!("write kubernetes.io/hostname for one pod a node"))
                    .replace(node.place, "kubernetes.io/hostname"),
            ),
            "matchExpressions" | "selectorExpressions" | "matchFields" => {
                node.items().iter().enumerate().for_each(|(i, n)| requirement(&format!("{path}[{i}]"), n, findings));
            }
            "callers" | "senders" | "scrapers" | "readers" | "kubernetesAPI" | "prometheus"
            | "alertmanager" | "collector" | "grafana" | "helmTest" | "vllm"
                if path.starts_with("networkPolicies.") =>
            {
                node.items().iter().enumerate().for_each(|(i, n)| peer(&format!("{path}[{i}]"), n, findings));
            }
            "gpuResource" => {
                const DEVICES: [&str; 9] = [
                    "nvidia.com/gpu",
                    "amd.com/gpu",
                    "gpu.intel.com/i915",
                    "gpu.intel.com/xe",
                    "habana.ai/gaudi",
                    "google.com/tpu",
                    "aws.amazon.com/neuron",
                    "aws.amazon.com/neuroncore",
                    "huawei.com/Ascend910",
                ];
                let near = node.as_str().filter(|t| t.contains('/') && !DEVICES.contains(t));
                if let Some(near) = near.and_then(|text| crate::shape::nearest(text, DEVICES)) {
                    let mut finding = RULE
                        .at(path, &node.place)
                        .found(node.described())
                        .expected(text!("a device's full name, such as nvidia.com/gpu or amd.com/gpu"))
                        .why(text!("No node has such a device: the pod is never scheduled."))
                        .fix(format!("did you mean {near}?"))
                        .replace(node.place, near);
                    finding.severity = Severity::Warning;
                    findings.push(finding);
                }
                if let Some(text) = node.as_str().filter(|text| !text.is_empty() && !text.contains('/')) {
                    findings.push(
                        RULE.at(path, &node.place)
                            .found(format!("{text:?}"))
                            .expected(text!("a device's full name, such as nvidia.com/gpu or amd.com/gpu"))
                            .why(REFUSED)
                            .fix(text!("write nvidia.com/gpu"))
                            .replace(node.place, "nvidia.com/gpu"),
                    );
                }
            }
            "extraVolumes" => extra_volumes(path, node, findings),
            "extraVolumeMounts" => extra_mounts(values, path, node, findings),
            "podSecurityContext" | "securityContext" => root_user(path, node, findings),
            "strategy" => strategy(path, node, findings),
            "resources" if path != "models" && !path.contains("volumeClaimTemplate") => resources(path, node, findings),
            "initContainers" | "extraContainers" => {
                for (i, container) in node.items().iter().enumerate() {
                    let name = container.child("name").and_then(Node::as_str);
                    let before = &node.items()[..i];
                    if let (Some(name), Some(own)) = (name, container.child("name"))
                        && before.iter().any(|other| other.child("name").and_then(Node::as_str) == Some(name))
                    {
                        findings.push(
                            RULE.at(format!("{path}[{i}].name"), &own.place)
                                .found(format!("a second container {name}"))
                                .expected("a name of its own")
                                .why(REFUSED)
                                .fix("rename it"),
                        );
                    }
                    if container.child("image").and_then(Node::as_str).is_none_or(str::is_empty) {
                        findings.push(
                            RULE.at(format!("{path}[{i}].image"), &container.place)
                                .found(text!("a container without image"))
                                .expected("an image")
                                .why(REFUSED)
                                .fix(text!("add image: registry/name:tag")),
                        );
                    }
                }
            }
            _ => {}
        }
    });
    for model in models(values) {
        volumes(&model, findings);
    }
}

fn toleration(path: &str, node: &Node, findings: &mut Findings) {
    let text = |key: &str| node.child(key).and_then(Node::as_str).unwrap_or("");
    let operator = text("operator");
    if operator == "Exists" && !text("value").is_empty() {
        let value = node.child("value").unwrap_or(node);
        findings.push(
            RULE.at(join(path, "value"), &value.place)
                .found(format!(
                    "operator Exists with the value {:?}",
                    text("value")
                ))
                .expected(text!("Exists without a value, or Equal with one"))
                .why(REFUSED)
                .fix(text!("write operator: Equal, or remove value")),
        );
    }
    if let Some(own) = node
        .child("operator")
        .filter(|_| operator == "Equal" && text("value").is_empty())
    {
        let mut finding = RULE
            .at(join(path, "operator"), &own.place)
            .found(text!("operator Equal without a value"))
            .expected(text!("a value, or operator: Exists for any"))
            .why(text!("It tolerates only a taint whose value is empty."))
            .fix(text!("write operator: Exists"))
            .replace(own.place, "Exists");
        finding.severity = Severity::Warning;
        findings.push(finding);
    }
    if text("key").is_empty() && operator != "Exists" {
        findings.push(
            RULE.at(path, &node.place)
                .found(text!("a toleration without key"))
                .expected(text!("a key, or operator: Exists for every taint"))
                .why(REFUSED)
                .fix(text!("add key, or write operator: Exists")),
        );
    }
    if let Some(seconds) = node.child("tolerationSeconds")
        && text("effect") != "NoExecute"
    {
        findings.push(
            RULE.at(join(path, "tolerationSeconds"), &seconds.place)
                .found(text!("tolerationSeconds without effect: NoExecute"))
                .expected("effect: NoExecute")
                .why(REFUSED)
                .fix(text!("add effect: NoExecute, or remove tolerationSeconds")),
        );
    }
}

fn variables(path: &str, node: &Node, findings: &mut Findings) {
    for (i, variable) in node.items().iter().enumerate() {
        let path = format!("{path}[{i}]");
        let value = variable.child("value").filter(|v| v.as_str() != Some(""));
        let from = variable.child("valueFrom");
        if let (Some(value), Some(from)) = (value, from) {
            findings.push(
                RULE.at(join(&path, "value"), value.place.max(value.key_place()))
                    .found("value and valueFrom")
                    .expected("one of them")
                    .why(REFUSED)
                    .fix(text!("remove value, or valueFrom"))
                    .related(from.key_place(), "valueFrom"),
            );
        }
        if let Some(node) = variable.child("name")
            && let Some(name) = node.as_str()
            && !identifier(name)
        {
            let fit = name.is_ascii() && !name.contains('=') && !name.is_empty();
            let new: String = (name.trim().chars())
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                .collect();
            let mut finding = RULE
                .at(join(&path, "name"), &node.place)
                .found(node.described())
                .expected(text!("letters, digits, `_`, `-` and `.`, not beginning with a digit"))
                .why(if fit {
                    text!("Kubernetes before 1.32 refuses the pod, and no shell can read the variable.").as_str()
                } else {
                    REFUSED
                });
            if fit {
                finding.severity = Severity::Warning;
            }
            let new = new
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .to_owned();
            findings.push(if identifier(&new) {
                finding.fix(format!("write {new}")).replace(node.place, new)
            } else {
                finding.fix("choose another name")
            });
        }
        let kinds = [
            "secretKeyRef",
            "configMapKeyRef",
            "fieldRef",
            "resourceFieldRef",
            "fileKeyRef",
        ];
        if let Some(from) = from {
            let count = kinds
                .iter()
                .filter(|kind| from.child(kind).is_some())
                .count();
            if count != 1 && matches!(from.value, crate::Value::Map(_)) {
                findings.push(
                    RULE.at(join(&path, "valueFrom"), &from.place)
                        .found(if count == 0 {
                            "valueFrom without a source"
                        } else {
                            "valueFrom with two sources"
                        })
                        .expected(text!("one of secretKeyRef, configMapKeyRef, fieldRef"))
                        .why(REFUSED)
                        .fix(text!("write valueFrom: {secretKeyRef: {name: …, key: …}}")),
                );
            }
        }
    }
}

/// Whether a text is a variable's name, as every Kubernetes takes it.
fn identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && (name.chars()).all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn requirement(path: &str, node: &Node, findings: &mut Findings) {
    let Some(operator) = node.child("operator") else {
        return;
    };
    let name = operator.as_str().unwrap_or("");
    let values = node.child("values");
    let count = values.map_or(0, |v| v.items().len());
    match name {
        "In" | "NotIn" if count == 0 => findings.push(
            RULE.at(join(path, "values"), &operator.place)
                .found(format!("{name} without values"))
                .expected(text!("values, such as [vllm]"))
                .why(REFUSED)
                .fix(text!("add values: […], or write operator: Exists")),
        ),
        "Exists" | "DoesNotExist" if count > 0 => findings.push(
            RULE.at(
                join(path, "values"),
                values.map_or(operator.place, |v| v.place),
            )
            .found(format!("{name} with values"))
            .expected(format!("{name} without values, or In with them"))
            .why(REFUSED)
            .fix(if name == "Exists" {
                "write operator: In, or remove values"
            } else {
                "write operator: NotIn, or remove values"
            }),
        ),
        "Gt" | "Lt" if count != 1 => findings.push(
            RULE.at(join(path, "values"), &operator.place)
                .found(format!("{name} with {count} values"))
                .expected(text!("one value, a whole number in quotes"))
                .why(REFUSED)
                .fix(text!("write values: [\"1\"]")),
        ),
        _ => {}
    }
}

fn strategy(path: &str, node: &Node, findings: &mut Findings) {
    let Some(rolling) = node.child("rollingUpdate") else {
        return;
    };
    if node.child("type").and_then(Node::as_str) == Some("Recreate") {
        findings.push(
            RULE.at(join(path, "rollingUpdate"), &rolling.place)
                .found(text!("type Recreate with rollingUpdate"))
                .expected(text!("Recreate alone, or RollingUpdate with its numbers"))
                .why(REFUSED)
                .fix(text!("remove rollingUpdate, or write type: RollingUpdate"))
                .related(node.child("type").unwrap_or(node).place, "the type"),
        );
        return;
    }
    for key in ["maxSurge", "maxUnavailable"] {
        if let Some(node) = rolling.child(key)
            && let Some(text) = node.as_str().filter(|text| text.parse::<u32>().is_ok())
        {
            findings.push(
                RULE.at(format!("{path}.rollingUpdate.{key}"), &node.place)
                    .found(node.described())
                    .expected("a number, or a percentage such as 25%")
                    .why(REFUSED)
                    .fix(format!("write {text}"))
                    .replace(node.place, text),
            );
        }
    }
    let zero = |key: &str| {
        rolling
            .child(key)
            .filter(|n| n.as_i64() == Some(0) || matches!(n.as_str(), Some("0" | "0%")))
    };
    if let (Some(_), Some(unavailable)) = (zero("maxSurge"), zero("maxUnavailable")) {
        findings.push(
            RULE.at(
                format!("{path}.rollingUpdate.maxUnavailable"),
                &unavailable.place,
            )
            .found(text!("maxSurge 0 and maxUnavailable 0"))
            .expected("one of them above 0")
            .why(text!(
                "No pod may be added and none taken away: the API server refuses it."
            ))
            .fix(text!("write maxUnavailable: 1, which needs no spare GPUs")),
        );
    }
}

fn resources(path: &str, node: &Node, findings: &mut Findings) {
    for kind in ["limits", "requests"] {
        for (name, amount) in node.child(kind).into_iter().flat_map(Node::entries) {
            let extended = name.contains('/');
            const NATIVE: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
            if !extended && !NATIVE.contains(&name) && !name.starts_with("hugepages-") {
                let near = match name {
                    "mem" | "ram" | "Memory" => Some("memory"),
                    "cpus" | "cores" | "CPU" => Some("cpu"),
                    "gpu" | "gpus" => Some("nvidia.com/gpu"),
                    "storage" | "disk" => Some("ephemeral-storage"),
                    _ => crate::shape::nearest(name, NATIVE),
                };
                let finding = RULE
                    .at(format!("{path}.{kind}.{name}"), amount.key_place())
                    .found(format!("the resource {name:?}"))
                    .expected(text!(
                        "cpu, memory, ephemeral-storage, or a device such as nvidia.com/gpu"
                    ))
                    .why(REFUSED);
                findings.push(match near {
                    Some(near) => finding
                        .fix(format!("write {near}"))
                        .replace(amount.key_place(), near),
                    None => finding.fix(text!("write memory, or remove it")),
                });
            }
            if extended && amount.as_quantity().is_some_and(|n| n.fract() != 0.0) {
                findings.push(
                    RULE.at(format!("{path}.{kind}[{name:?}]"), &amount.place)
                        .found(format!("{} of {name}", amount.as_str().map_or_else(|| amount.described(), str::to_owned)))
                        .expected("a whole number")
                        .why(text!("Devices are given whole: the API server refuses it."))
                        .fix(text!("write 1; for a part of a GPU, the name of a MIG slice such as nvidia.com/mig-1g.10gb")),
                );
            }
            if extended && kind == "requests" && name != "hugepages" {
                let limit = node.child("limits").and_then(|l| l.child(name));
                if limit.is_none_or(|limit| limit.as_quantity() != amount.as_quantity()) {
                    findings.push(
                        RULE.at(format!("{path}.requests[{name:?}]"), &amount.place)
                            .found(format!("{name} in requests, and not the same in limits"))
                            .expected("devices in limits")
                            .why(text!("Devices cannot be shared: the API server refuses a request that is not the limit."))
                            .fix(format!("move it to limits: {{{name}: …}}")),
                    );
                }
            }
            if name == "cpu"
                && amount.as_quantity().is_some_and(|n| n >= 300.0)
                && !matches!(amount.value, crate::Value::Text(_))
            {
                let number = Shown(amount.as_f64().unwrap_or(0.0));
                let mut finding = RULE
                    .at(format!("{path}.{kind}.cpu"), &amount.place)
                    .found(format!("{number} cores"))
                    .expected(format!("{number}m for thousandths of a core"))
                    .why(text!("No node has so many: the pod is never scheduled."))
                    .fix(format!("write {number}m"))
                    .replace(amount.place, format!("{number}m"));
                finding.severity = Severity::Warning;
                findings.push(finding);
            }
        }
    }
}

fn volumes(model: &Model<'_>, findings: &mut Findings) {
    let Some(deploy) = model.deploy else { return };
    let number = |key: &str| Some((deploy.child(key)?, deploy.child(key)?.as_i64()?));
    if let (Some((node, drain)), Some((other, end))) =
        (number("drainSeconds"), number("terminationSeconds"))
        && drain >= end
    {
        let mut finding = RULE
            .at(model.deploy_path("drainSeconds"), &node.place)
            .found(format!("drainSeconds: {drain}, terminationSeconds: {end}"))
            .expected(text!("drainSeconds below terminationSeconds"))
            .why(text!(
                "The pod is killed while it still waits: requests in flight are cut off."
            ))
            .fix(format!(
                "write less than {end}, or raise terminationSeconds"
            ))
            .related(other.place, "the end");
        finding.severity = Severity::Warning;
        findings.push(finding);
    }
    let list = |key: &str| deploy.child(key).map_or(&[][..], Node::items);
    let mut names: Vec<&str> = Vec::new();
    for (i, volume) in list("volumes").iter().enumerate() {
        let path = format!("{}[{i}]", model.deploy_path("volumes"));
        let kinds: Vec<(&str, &Node)> =
            volume.entries().filter(|(key, _)| *key != "name").collect();
        if let [(first, _), (second, node), ..] = kinds[..] {
            findings.push(
                RULE.at(join(&path, second), &node.place)
                    .found(format!("{first} and {second}"))
                    .expected(text!("one source for each volume"))
                    .why(REFUSED)
                    .fix(text!("remove one, or make two volumes of it")),
            );
        }
        let Some(node) = volume.child("name") else {
            continue;
        };
        let Some(name) = node.as_str() else { continue };
        if names.contains(&name) || OWN.contains(&name) {
            findings.push(
                RULE.at(join(&path, "name"), &node.place)
                    .found(format!("a second volume {name}"))
                    .expected("a name of its own")
                    .why(REFUSED)
                    .fix("rename it"),
            );
        }
        names.push(name);
    }
    let mount = |key: &str| deploy.get(key).and_then(Node::as_str);
    let stored = ["existingClaim", "size", "image", "hostPath"]
        .iter()
        .any(|key| mount(&format!("storage.{key}")).is_some_and(|text| !text.is_empty()));
    let mut paths: Vec<String> = vec!["/dev/shm".into(), "/tmp".into()];
    if stored {
        paths.push(mount("storage.mountPath").unwrap_or("/models").to_owned());
    }
    for key in ["initContainers", "extraContainers"] {
        for (i, container) in list(key).iter().enumerate() {
            let mounts = container.child("volumeMounts").map_or(&[][..], Node::items);
            for (j, mounted) in mounts.iter().enumerate() {
                if let Some(node) = mounted.child("name")
                    && let Some(name) = node.as_str()
                    && !names.contains(&name)
                    && !OWN.contains(&name)
                {
                    let path = format!("{}[{i}].volumeMounts[{j}].name", model.deploy_path(key));
                    findings.push(absent(path, node, name, &names));
                }
            }
        }
    }
    for (i, mounted) in list("volumeMounts").iter().enumerate() {
        let path = format!("{}[{i}]", model.deploy_path("volumeMounts"));
        if let Some(node) = mounted.child("name")
            && let Some(name) = node.as_str()
            && !names.contains(&name)
            && !OWN.contains(&name)
        {
            findings.push(absent(join(&path, "name"), node, name, &names));
        }
        if let Some(node) = mounted.child("mountPath")
            && let Some(at) = node.as_str()
        {
            let bare = at.trim_end_matches('/').to_owned();
            if !at.starts_with('/') {
                let mut finding = RULE
                    .at(join(&path, "mountPath"), &node.place)
                    .found(node.described())
                    .expected(text!("a path that begins with /"))
                    .why(text!(
                        "It is mounted below the root of the container, wherever the process works."
                    ))
                    .fix(format!("write /{at}"))
                    .replace(node.place, format!("{:?}", format!("/{at}")));
                finding.severity = Severity::Warning;
                findings.push(finding);
            }
            if paths.contains(&bare) {
                findings.push(
                    RULE.at(join(&path, "mountPath"), &node.place)
                        .found(format!("a second mount at {at}"))
                        .expected("a path of its own")
                        .why(REFUSED)
                        .fix(text!("mount it elsewhere, or change storage.mountPath")),
                );
            }
            paths.push(bare);
        }
    }
}

/// A mount without its volume.
fn absent(path: String, node: &Node, name: &str, names: &[&str]) -> crate::Finding {
    let finding = RULE
        .at(path, &node.place)
        .found(format!("a mount of the volume {name}, which is not there"))
        .expected(if names.is_empty() {
            "a volume of that name in deploy.volumes".to_owned()
        } else {
            format!("one of {}", names.join(", "))
        })
        .why(REFUSED);
    match crate::shape::nearest(name, names.iter().copied()) {
        Some(near) => finding
            .fix(format!("did you mean {near}?"))
            .replace(node.place, near),
        None => finding.fix(format!(
            "{}add it: volumes: [{{name: {name}, emptyDir: {{}}}}]",
            names
                .iter()
                .map(|name| format!("write {name}, or "))
                .collect::<String>()
        )),
    }
}

/// Volumes that the chart makes itself.
const OWN: [&str; 3] = ["models", "shm", "tmp"];

/// Volumes of one name.
fn extra_volumes(path: &str, node: &Node, findings: &mut Findings) {
    let mut names: Vec<&str> = Vec::new();
    for (i, volume) in node.items().iter().enumerate() {
        let Some(own) = volume.child("name") else {
            continue;
        };
        let Some(name) = own.as_str() else { continue };
        if names.contains(&name) {
            findings.push(
                RULE.at(format!("{path}[{i}].name"), &own.place)
                    .found(format!("a second volume {name}"))
                    .expected("a name of its own")
                    .why(REFUSED)
                    .fix("rename it"),
            );
        }
        names.push(name);
    }
}

/// Mounts of volumes that are neither given beside them nor the chart's.
fn extra_mounts(values: &Values, path: &str, node: &Node, findings: &mut Findings) {
    const PARTS: Text = text!(
        "admin config dashboards data datasources home kept policy providers queue queues receiver-token rules settings storage tmp"
    );
    let part = path
        .trim_end_matches("extraVolumeMounts")
        .trim_end_matches('.');
    let beside = values.get(&join(part, "extraVolumes"));
    let beside: Vec<&str> = (beside.map_or(&[][..], Node::items).iter())
        .filter_map(|volume| volume.child("name")?.as_str())
        .collect();
    let mut paths: Vec<&str> = Vec::new();
    for (i, mounted) in node.items().iter().enumerate() {
        if let Some(own) = mounted.child("mountPath")
            && let Some(at) = own.as_str()
        {
            if paths.contains(&at) {
                findings.push(
                    RULE.at(format!("{path}[{i}].mountPath"), &own.place)
                        .found(format!("a second mount at {at}"))
                        .expected("a path of its own")
                        .why(REFUSED)
                        .fix("mount it elsewhere"),
                );
            }
            paths.push(at);
        }
        let Some(own) = mounted.child("name") else {
            continue;
        };
        let Some(name) = own.as_str() else { continue };
        let known = beside.contains(&name)
            || PARTS.split(' ').any(|part| part == name)
            || name.starts_with("scrape-")
            || name.starts_with("remote-write-");
        if let Some(node) = mounted.child("mountPath")
            && let Some(at) = node
                .as_str()
                .filter(|at| !at.starts_with('/') && !at.is_empty())
        {
            let mut finding = RULE
                .at(format!("{path}[{i}].mountPath"), &node.place)
                .found(node.described())
                .expected(text!("a path that begins with /"))
                .why(text!(
                    "The container does not start, or the files are below its working directory."
                ))
                .fix(format!("write /{at}"))
                .replace(node.place, format!("/{at}"));
            finding.severity = Severity::Warning;
            findings.push(finding);
        }
        if !known {
            let mut finding = RULE
                .at(format!("{path}[{i}].name"), &own.place)
                .found(format!("a mount of the volume {name}, which is not there"))
                .expected(text!("a volume of that name in extraVolumes"))
                .why(REFUSED)
                .fix(match &beside[..] {
                    [only] => format!("write {only}, or add it to extraVolumes"),
                    _ => format!("add it: extraVolumes: [{{name: {name}, emptyDir: {{}}}}]"),
                });
            finding.severity = Severity::Warning;
            findings.push(finding);
        }
    }
}

/// What the downward API gives.
fn field(path: &str, node: &Node, findings: &mut Findings) {
    const FIELDS: [&str; 9] = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ];
    let Some(text) = node.as_str() else { return };
    let keyed = text.starts_with("metadata.labels[") || text.starts_with("metadata.annotations[");
    if keyed || FIELDS.contains(&text) {
        return;
    }
    let finding = RULE
        .at(path, &node.place)
        .found(node.described())
        .expected(text!(
            "a field such as status.podIP, metadata.name or spec.nodeName"
        ))
        .why(REFUSED);
    let near = FIELDS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(text))
        .copied();
    findings.push(match near.or_else(|| crate::shape::nearest(text, FIELDS)) {
        Some(near) => finding
            .fix(format!("did you mean {near}?"))
            .replace(node.place, near),
        None => finding.fix(text!("write status.podIP, metadata.name or spec.nodeName")),
    });
}

/// A host of `tls` that no rule of the Ingress is for.
fn other_host(path: &str, node: &Node, findings: &mut Findings) {
    let hosts = node.child("hosts").map_or(&[][..], Node::items);
    let hosts: Vec<&str> = hosts.iter().filter_map(Node::as_str).collect();
    let tls = node.child("tls").map_or(&[][..], Node::items).iter();
    for (i, node) in tls.enumerate() {
        for (j, node) in node
            .child("hosts")
            .map_or(&[][..], Node::items)
            .iter()
            .enumerate()
        {
            let Some(host) = node
                .as_str()
                .filter(|host| !host.starts_with('*') && !hosts.is_empty())
            else {
                continue;
            };
            if hosts
                .iter()
                .any(|known| *known == host || known.starts_with('*'))
            {
                continue;
            }
            let mut finding = RULE
                .at(format!("{path}.tls[{i}].hosts[{j}]"), &node.place)
                .found(format!("{host}, which is not in hosts"))
                .expected(format!("one of {}", hosts.join(", ")))
                .why(text!(
                    "The certificate is for another host than the one that is opened."
                ));
            finding.severity = Severity::Warning;
            findings.push(match crate::shape::nearest(host, hosts.iter().copied()) {
                Some(near) => finding
                    .fix(format!("did you mean {near}?"))
                    .replace(node.place, near),
                None => finding.fix(text!("write the host of hosts, or add this one there")),
            });
        }
    }
}

/// A peer of a NetworkPolicy, as the API server reads it.
fn peer(path: &str, node: &Node, findings: &mut Findings) {
    let mut say = |path: String, at: &Node, found: &str, expected: &str, fix: String| {
        findings.push(
            RULE.at(path, &at.place)
                .found(found)
                .expected(expected)
                .why(REFUSED)
                .fix(fix),
        );
    };
    let pods = ["podSelector", "namespaceSelector"]
        .iter()
        .any(|key| node.child(key).is_some());
    let Some(block) = node.child("ipBlock") else {
        if !pods {
            say(
                path.into(),
                node,
                "a peer without a selector",
                "podSelector, namespaceSelector or ipBlock",
                "write podSelector: {} for every pod of the namespace, or remove it".into(),
            );
        }
        return;
    };
    if pods {
        say(
            path.into(),
            node,
            "ipBlock beside a selector",
            "one of them",
            "make two peers of it".into(),
        );
    }
    let cidr = block.child("cidr");
    if let Some(node) = cidr
        && let Some(text) = node.as_str()
        && network(text).is_none()
    {
        let prefix = if text.contains(':') { 128 } else { 32 };
        say(
            join(path, "ipBlock.cidr"),
            node,
            &node.described(),
            CIDR.as_str(),
            match prefixed(text) {
                Some(new) => format!("write {new}, or {text}/{prefix} for one address"),
                None => CIDR.as_str().into(),
            },
        );
    }
    let outer = cidr.and_then(Node::as_str).and_then(network);
    for (i, node) in block
        .child("except")
        .map_or(&[][..], Node::items)
        .iter()
        .enumerate()
    {
        let inner = node.as_str().and_then(network);
        let within = match (outer, inner) {
            (Some((a, n)), Some((b, m))) => m > n && (n == 0 || a >> (128 - n) == b >> (128 - n)),
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if !within {
            say(
                format!("{path}.ipBlock.except[{i}]"),
                node,
                &node.described(),
                "a part of cidr",
                "write a network inside of cidr, or remove it".into(),
            );
        }
    }
}

const CIDR: Text = text!("an address and its prefix, such as 10.0.0.0/16 or fd00::/8");

/// The network that an address, or a first and a last one, stand for: zeros at the end are any.
fn prefixed(text: &str) -> Option<String> {
    let bits = |text: &str| {
        text.trim()
            .parse::<std::net::Ipv4Addr>()
            .ok()
            .map(u32::from)
    };
    let (first, length) = match text.split_once('-') {
        Some((first, last)) => (first.trim(), (bits(first)? ^ bits(last)?).leading_zeros()),
        None => {
            let zeros = bits(text)?.trailing_zeros().min(32) / 8 * 8;
            (text, 32 - zeros)
        }
    };
    Some(format!("{first}/{length}"))
}

/// The bits of a network, from the left, and the length of its prefix.
fn network(text: &str) -> Option<(u128, u32)> {
    let (address, prefix) = text.split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    match address.parse::<std::net::IpAddr>().ok()? {
        std::net::IpAddr::V4(v4) => {
            (prefix <= 32).then(|| (u128::from(v4.to_bits()) << 96, prefix))
        }
        std::net::IpAddr::V6(v6) => (prefix <= 128).then(|| (v6.to_bits(), prefix)),
    }
}

/// User 0 where root is forbidden: the kubelet does not start the container.
fn root_user(path: &str, node: &Node, findings: &mut Findings) {
    if let Some(profile) = node.child("seccompProfile")
        && profile.child("type").and_then(Node::as_str) == Some("Localhost")
        && profile.child("localhostProfile").is_none()
    {
        findings.push(
            RULE.at(join(path, "seccompProfile"), &profile.place)
                .found(text!("Localhost without localhostProfile"))
                .expected(text!("localhostProfile: the profile's path on the node"))
                .why(REFUSED)
                .fix(text!("add localhostProfile, or write type: RuntimeDefault")),
        );
    }
    let is = |key: &str, on: bool| node.child(key).and_then(Node::as_bool) == Some(on);
    if let Some(privileged) = node.child("privileged").filter(|_| is("privileged", true))
        && is("allowPrivilegeEscalation", false)
    {
        findings.push(
            RULE.at(join(path, "privileged"), &privileged.place)
                .found(text!(
                    "privileged: true with allowPrivilegeEscalation: false"
                ))
                .expected("one of them")
                .why(REFUSED)
                .fix(text!(
                    "remove privileged, or write allowPrivilegeEscalation: true"
                )),
        );
    }
    let Some(user) = node
        .child("runAsUser")
        .filter(|user| user.as_i64() == Some(0))
    else {
        return;
    };
    let barred = node.child("runAsNonRoot").and_then(Node::as_bool) == Some(true);
    if barred && !user.is_default() {
        findings.push(
            RULE.at(join(path, "runAsUser"), &user.place)
                .found(text!("user 0 with runAsNonRoot: true"))
                .expected(text!("another user, or runAsNonRoot: false"))
                .why(text!("The kubelet refuses to start the container."))
                .fix(text!(
                    "leave runAsUser out, or write runAsNonRoot: false beside it"
                )),
        );
    }
}
