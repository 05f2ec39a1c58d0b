//! Parts of a pod that Kubernetes refuses although each field is right: a mount without its volume, two
//! mounts at one path, a volume of two kinds, an environment variable with `value` and `valueFrom`, a
//! toleration `Exists` with a value, a container without an image or with another's name, GPUs by halves. `helm install` succeeds and no pod appears, or the API server refuses the object.

#[cfg(feature = "full")]
mod annotations;
#[cfg(feature = "full")]
mod bounds;
mod container;
mod device;
mod drain;
#[cfg(feature = "full")]
mod ending;
mod extra_volumes;
#[cfg(feature = "full")]
mod families;
mod field;
mod ingress;
#[cfg(feature = "full")]
mod listen;
#[cfg(feature = "full")]
mod mode;
mod network_peer;
#[cfg(feature = "full")]
mod nodes;
#[cfg(feature = "full")]
mod own_pods;
#[cfg(feature = "full")]
mod part_mounts;
#[cfg(feature = "full")]
mod privileged;
#[cfg(feature = "full")]
mod references;
mod requirement;
mod resources;
mod security_context;
mod service;
#[cfg(feature = "full")]
mod startup;
mod strategy;
mod toleration;
mod topology;
#[cfg(feature = "full")]
mod two_peers;
#[cfg(feature = "full")]
mod uncounted;
mod variables;
#[cfg(feature = "full")]
mod vendor;
mod volumes;

use super::Rule;
use super::look::{models, walk_given};
use crate::embedded::Text;
use crate::node::item;
use crate::{Findings, Severity, Values};
use container::containers;
use device::device;
use extra_volumes::{extra_mounts, extra_volumes, sub_path};
use field::field;
use ingress::other_host;
use network_peer::peer;
use requirement::requirement;
use resources::resources;
use security_context::root_user;
use strategy::strategy;
use toleration::toleration;
use variables::variables;
use volumes::volumes;

/// Pods' parts against each other.
pub const RULE: Rule = Rule {
    code: "pod-parts",
    severity: Severity::Error,
    title: text!("A part of a pod that Kubernetes refuses"),
    check,
};

const REFUSED: Text =
    text!("The API server refuses the object: helm install stops, or no pod appears.");

fn check(values: &Values, findings: &mut Findings) {
    walk_given(&values.root, "", &mut |path, key, node| {
        if node.is_default() {
            return;
        }
        match key {
            "fieldPath" => field(path, node, findings),
            "topologyKey"
                if node
                    .as_str()
                    .is_some_and(|text| !text.is_empty() && !text.contains('/')) =>
            {
                topology::short(path, node, findings)
            }
            "subPath" if node.as_str().is_some_and(|text| text.starts_with('/')) => {
                sub_path(path, node, findings)
            }
            "ingress" => other_host(path, node, findings),
            "tolerations" => node
                .items()
                .iter()
                .enumerate()
                .for_each(|(i, n)| toleration(&item(path, i), n, findings)),
            "topologySpreadConstraints" => topology::domains(path, node, findings),
            "env" | "extraEnv" => variables(path, node, findings),
            "topologyKey" if node.as_str() == Some("") => topology::empty(path, node, findings),
            "matchExpressions" | "selectorExpressions" | "matchFields" => {
                #[cfg(feature = "full")]
                bounds::check(path, node, findings);
                node.items()
                    .iter()
                    .enumerate()
                    .for_each(|(i, n)| requirement(&item(path, i), n, findings));
            }
            "callers" | "senders" | "scrapers" | "readers" | "kubernetesAPI" | "prometheus"
            | "alertmanager" | "collector" | "grafana" | "helmTest" | "vllm"
                if path.starts_with("networkPolicies.") =>
            {
                #[cfg(feature = "full")]
                two_peers::split(path, node, findings);
                node.items()
                    .iter()
                    .enumerate()
                    .for_each(|(i, n)| peer(&item(path, i), n, findings));
            }
            #[cfg(feature = "full")]
            "mode" if path.contains(".items[") => mode::mode(path, node, findings),
            #[cfg(feature = "full")]
            "affinity" => nodes::check(values, path, node, findings),
            #[cfg(feature = "full")]
            "podAffinity" | "podAntiAffinity" => uncounted::terms(path, node, findings),
            #[cfg(feature = "full")]
            "defaultMode" => mode::mode(path, node, findings),
            "gpuResource" => device(path, node, findings),
            "extraVolumes" => extra_volumes(path, node, findings),
            "extraVolumeMounts" => extra_mounts(values, path, node, findings),
            "service" if !path.contains('[') => {
                #[cfg(feature = "full")]
                families::families(path, node, findings);
                service::exposed(path, node, findings);
            }
            "podSecurityContext" | "securityContext" => {
                #[cfg(feature = "full")]
                privileged::check(path, node, findings);
                root_user(values, path, node, findings);
            }
            "strategy" => {
                let replicas = crate::FULL.then(|| {
                    let of = path.strip_suffix("deploy.strategy")?;
                    values.get(&format!("{of}replicas"))
                });
                let replicas = replicas.flatten();
                strategy(path, node, replicas.and_then(crate::Node::as_i64), findings)
            }
            "resources" if path != "models" && !path.ends_with(".spec.resources") => {
                // The chart writes the limit of a model's GPUs itself, from the parallelism.
                let limited = path.ends_with(".deploy.resources")
                    && (!crate::FULL || {
                        let deploy = path.trim_end_matches("resources");
                        values.get(&format!("{deploy}gpuResource")).is_none()
                    });
                resources(path, node, limited, findings)
            }
            "initContainers" | "extraContainers" => {
                #[cfg(feature = "full")]
                {
                    references::beside(path, node, findings);
                    part_mounts::check(values, path, node, findings);
                    if key == "initContainers" {
                        ending::probes(path, node, findings);
                    }
                }
                containers(path, node, findings);
            }
            _ => {}
        }
    });
    #[cfg(feature = "full")]
    {
        annotations::check(values, findings);
        listen::check(values, findings);
        own_pods::check(values, findings);
    }
    for model in models(values) {
        #[cfg(feature = "full")]
        {
            startup::check(&model, findings);
            references::vllm(&model, findings);
            vendor::check(&model, findings);
        }
        volumes(&model, findings);
    }
}
