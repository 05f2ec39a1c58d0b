//! Labels that service discovery gives to targets.

use super::say::{empty, near_miss};
use crate::embedded::Text;
use crate::rules::Rule;
use crate::shape::nearest;
use crate::{Finding, Node};

/// Without `__meta_`; what ends in `_` keeps a name of the user's.
const LABELS: Text = text!(
    "kubernetes_namespace kubernetes_namespace_label_ kubernetes_namespace_labelpresent_ kubernetes_namespace_annotation_ kubernetes_namespace_annotationpresent_ \
kubernetes_node_name kubernetes_node_provider_id kubernetes_node_label_ kubernetes_node_labelpresent_ kubernetes_node_annotation_ kubernetes_node_annotationpresent_ kubernetes_node_address_ \
kubernetes_service_name kubernetes_service_label_ kubernetes_service_labelpresent_ kubernetes_service_annotation_ kubernetes_service_annotationpresent_ kubernetes_service_cluster_ip kubernetes_service_loadbalancer_ip kubernetes_service_external_name kubernetes_service_type kubernetes_service_port_name kubernetes_service_port_number kubernetes_service_port_protocol \
kubernetes_pod_name kubernetes_pod_ip kubernetes_pod_label_ kubernetes_pod_labelpresent_ kubernetes_pod_annotation_ kubernetes_pod_annotationpresent_ kubernetes_pod_container_init kubernetes_pod_container_name kubernetes_pod_container_id kubernetes_pod_container_image kubernetes_pod_container_port_name kubernetes_pod_container_port_number kubernetes_pod_container_port_protocol kubernetes_pod_ready kubernetes_pod_phase kubernetes_pod_node_name kubernetes_pod_host_ip kubernetes_pod_uid kubernetes_pod_controller_kind kubernetes_pod_controller_name kubernetes_pod_deployment_name kubernetes_pod_cronjob_name kubernetes_pod_job_name \
kubernetes_endpoints_name kubernetes_endpoints_label_ kubernetes_endpoints_labelpresent_ kubernetes_endpoints_annotation_ kubernetes_endpoints_annotationpresent_ kubernetes_endpoint_hostname kubernetes_endpoint_node_name kubernetes_endpoint_ready kubernetes_endpoint_port_name kubernetes_endpoint_port_protocol kubernetes_endpoint_address_target_kind kubernetes_endpoint_address_target_name \
kubernetes_endpointslice_name kubernetes_endpointslice_label_ kubernetes_endpointslice_labelpresent_ kubernetes_endpointslice_annotation_ kubernetes_endpointslice_annotationpresent_ kubernetes_endpointslice_address_type kubernetes_endpointslice_address_target_kind kubernetes_endpointslice_address_target_name kubernetes_endpointslice_endpoint_ kubernetes_endpointslice_port kubernetes_endpointslice_port_name kubernetes_endpointslice_port_protocol kubernetes_endpointslice_port_app_protocol \
kubernetes_ingress_name kubernetes_ingress_label_ kubernetes_ingress_labelpresent_ kubernetes_ingress_annotation_ kubernetes_ingress_annotationpresent_ kubernetes_ingress_class_name kubernetes_ingress_scheme kubernetes_ingress_path kubernetes_ingress_host \
ec2_ami ec2_architecture ec2_availability_zone ec2_availability_zone_id ec2_instance_id ec2_instance_lifecycle ec2_instance_state ec2_instance_type ec2_ipv6_addresses ec2_owner_id ec2_platform ec2_primary_ipv6_addresses ec2_primary_subnet_id ec2_private_dns_name ec2_private_ip ec2_public_dns_name ec2_public_ip ec2_region ec2_subnet_id ec2_tag_ ec2_vpc_id \
consul_address consul_dc consul_health consul_partition consul_metadata_ consul_namespace consul_node consul_service_address consul_service_id consul_service_metadata_ consul_service_port consul_service consul_tagged_address_ consul_tags \
dns_name dns_srv_record_target dns_srv_record_port dns_mx_record_target dns_ns_record_target"
);

/// Whether the job's targets may have any label at all.
pub(super) fn any(job: &Node) -> bool {
    ["http_sd_configs", "file_sd_configs"]
        .iter()
        .any(|key| job.child(key).is_some())
}

/// The discovery of Kubernetes in a job.
fn kubernetes(job: &Node) -> &[Node] {
    job.child("kubernetes_sd_configs")
        .map_or(&[][..], Node::items)
}

/// Whether the targets of the job have a label of the table.
fn has(job: &Node, label: &str) -> bool {
    let Some((kind, rest)) = label.split_once('_') else {
        return false;
    };
    if kind != "kubernetes" {
        return job.child(&format!("{kind}_sd_configs")).is_some();
    }
    let (object, below) = rest.split_once('_').unwrap_or((rest, ""));
    kubernetes(job).iter().any(|found| {
        let attached = |what: &str| {
            let given = found.child("attach_metadata").and_then(|n| n.child(what));
            given.and_then(Node::as_bool) == Some(true)
        };
        let role = found.child("role").and_then(Node::as_str).unwrap_or("");
        let slices = role == "endpointslice";
        let endpoints = role == "endpoints" || slices;
        match object {
            "namespace" => role != "node" && (below.is_empty() || attached("namespace")),
            "node" => role == "node" || attached("node"),
            "pod" => role == "pod" || endpoints,
            "service" => role == "service" || endpoints && !below.starts_with("port_"),
            "endpoint" => role == "endpoints",
            other => role == other,
        }
    })
}

/// The label of the list that a name is.
fn known<'a>(mut labels: impl Iterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    labels.find(|label| *label == name || label.ends_with('_') && name.starts_with(label))
}

/// A label that the job's targets do not have, and the one that was meant.
pub(super) fn label(
    rule: &Rule,
    path: &str,
    node: &Node,
    text: &str,
    job: &Node,
) -> Option<Finding> {
    let name = text.strip_prefix("__meta_")?;
    let own = || LABELS.split(' ').filter(|label| has(job, label));
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let spelt: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    let (kind, rest) = spelt.split_once('_')?;
    let listed = LABELS
        .split(' ')
        .any(|label| label.split('_').next() == Some(kind));
    if any(job)
        || spelt == name && known(own(), name).is_some()
        || own().next().is_none() && job.child("kubernetes_sd_configs").is_some()
        // Of a discovery that the table does not have.
        || !listed && job.child(&format!("{kind}_sd_configs")).is_some()
        || kind == "openstack" || kind == "aws" || kind == "lightsail" || kind == "msk"
    {
        return None;
    }
    let other = known(LABELS.split(' '), &spelt);
    let near = [
        spelt.clone(),
        format!("kubernetes_{spelt}"),
        format!("kubernetes_{rest}"),
        format!("kubernetes_pod_{rest}"),
    ]
    .into_iter()
    .find(|new| known(own(), new).is_some());
    let near = near.or_else(|| {
        if other.is_some() {
            return None;
        }
        // A name of the user's behind what was misspelt.
        let open = || own().filter(|label| label.ends_with('_'));
        let ends = spelt
            .match_indices('_')
            .map(|(at, _)| spelt.split_at(at + 1));
        let mut split = ends.filter(|(_, tail)| !tail.is_empty());
        split
            .find_map(|(head, tail)| {
                let words = head.matches('_').count();
                let open = open().filter(|label| label.matches('_').count() == words);
                Some(format!("{}{tail}", nearest(head, open)?))
            })
            .or_else(|| {
                let closed = own().filter(|label| !label.ends_with('_'));
                Some(nearest(&spelt, closed)?.to_owned())
            })
    });
    if let Some(near) = near {
        return Some(near_miss(rule, path, node, &format!("__meta_{near}")));
    }
    let finding = empty(rule, path, node);
    Some(match other {
        Some(label) if label.contains("_node_") || label.contains("_namespace_") => finding
            .expected(text!("a label of the job's role"))
            .fix(text!(
                "add attach_metadata: {node: true} or {namespace: true} to kubernetes_sd_configs"
            )),
        Some(label) => {
            let object = label.split('_').nth(1).unwrap_or("");
            finding
                .expected(text!("a label that the job's role or discovery gives"))
                .fix(if kind == "kubernetes" {
                    format!("write a label of this role, or another role: only the roles of {object} give it")
                } else {
                    format!("add {kind}_sd_configs, or write another label")
                })
        }
        None => finding
            .expected(text!("a label that the job's role or discovery gives"))
            .fix(text!(
                "write such a label: see Prometheus' documentation of its discovery"
            )),
    })
}

/// A pattern for names of labels that begins as none of the job's does.
pub(super) fn pattern(rule: &Rule, path: &str, node: &Node, job: &Node) -> Option<Finding> {
    let text = node.as_str()?;
    let rest = text.strip_prefix("__meta_kubernetes_")?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let begin = format!("kubernetes_{}", &rest[..end]);
    let own = || LABELS.split(' ').filter(|label| has(job, label));
    let fits =
        |label: &str| label.starts_with(&begin) || label.ends_with('_') && begin.starts_with(label);
    if any(job) || own().any(fits) || own().next().is_none() || rest[end..].starts_with(['?', '*'])
    {
        return None;
    }
    let near = nearest(&begin, own().filter(|label| label.ends_with('_')));
    let new = near.map(|near| format!("__meta_{near}{}", &rest[end..]));
    Some(match new {
        Some(new) => near_miss(rule, path, node, &format!("{new:?}")),
        None => empty(rule, path, node)
            .expected(text!("the beginning of labels that the job's role gives"))
            .fix(text!(
                "write such a beginning, as __meta_kubernetes_pod_label_(.+) of role pod"
            )),
    })
}
