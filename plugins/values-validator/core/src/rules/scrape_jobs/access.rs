//! What discovery may read: the chart's Prometheus lists pods alone.

use super::{REFUSES, RULE};
use crate::node::{item, join};
use crate::rules::look::{models, text};
use crate::{Finding, Findings, Node, Values};

/// Whether somebody else may have given its account more, or it is another account.
fn granted(values: &Values) -> bool {
    let account = "prometheus.serviceAccount";
    let create = values.get(&format!("{account}.create"));
    create.and_then(Node::as_bool) != Some(true)
        || !text(values, &format!("{account}.name")).is_empty()
        || values.list("extraObjects").any(|(_, object)| {
            let kind = object.child("kind").and_then(Node::as_str);
            kind.is_none_or(|kind| kind.ends_with("RoleBinding"))
        })
}

/// A timeout above the interval of all jobs.
pub(super) fn late(values: &Values, path: &str, job: &Node) -> Option<Finding> {
    let interval = values.get("metrics.scrape.interval")?;
    let node = job.child("scrape_timeout")?;
    let own = job.child("scrape_interval").is_some();
    if own || node.as_seconds()? <= interval.as_seconds()? {
        return None;
    }
    let text = interval.as_str()?;
    let finding = RULE
        .at(join(path, "scrape_timeout"), node.place)
        .found(format!(
            "{}, and the interval of all jobs is {text}",
            node.described()
        ))
        .expected("a timeout not above the interval")
        .why(REFUSES)
        .fix(format!(
            "write {text} or less, or give the job a scrape_interval"
        ));
    Some(finding.related(interval.place, "the interval"))
}

/// Roles of Kubernetes' discovery for which the account has no permission.
pub(super) fn check(values: &Values, path: &str, job: &Node, findings: &mut Findings) {
    if granted(values) || text(values, "metrics.mode") != "standalone" {
        return;
    }
    let key = "kubernetes_sd_configs";
    let all = job.child(key).map_or(&[][..], Node::items);
    for (at, found) in all.iter().enumerate() {
        // Elsewhere somebody else may have given it more.
        let named = found.child("namespaces").and_then(|own| own.child("names"));
        let named = named.map_or(&[][..], Node::items);
        if named.is_empty() || !named.iter().all(|name| of_models(values, name)) {
            continue;
        }
        let path = join(&item(&join(path, key), at), "role");
        findings.0.extend(forbidden(&path, job, found));
    }
}

/// Whether the chart gives its Prometheus a Role in the namespace: it is one of a model.
fn of_models(values: &Values, name: &Node) -> bool {
    let all = models(values);
    let mut all = all
        .iter()
        .filter_map(|model| model.node.child("namespaces"))
        .flat_map(Node::items);
    all.any(|own| own.as_str().is_some() && own.as_str() == name.as_str())
}

fn forbidden(path: &str, job: &Node, found: &Node) -> Option<Finding> {
    // Another API server, or somebody else's login.
    let own = |key: &str| found.child(key).is_none();
    let node = found.child("role")?;
    let role = node.as_str()?;
    let listed = match role {
        "endpoints" => "endpoints and services",
        "endpointslice" => "EndpointSlices and services",
        "service" => "services",
        "ingress" => "Ingresses",
        _ => return None,
    };
    let logins = [
        "api_server",
        "kubeconfig_file",
        "authorization",
        "basic_auth",
        "oauth2",
    ];
    if !logins.into_iter().all(own) {
        return None;
    }
    let finding = RULE
        .warning(path, node.place)
        .found(format!("role {role}"))
        .expected("role pod: the chart lets its Prometheus list pods, and nothing else")
        .why(format!(
            "The API server forbids it to list {listed}: the job finds no target."
        ))
        .fix(format!(
            "write role: pod, or add a Role and a RoleBinding for {listed} to extraObjects"
        ));
    // Steps that read what a pod has, too.
    let steps = job.child("relabel_configs").map_or(&[][..], Node::items);
    let mut labels = steps
        .iter()
        .flat_map(|step| step.child("source_labels"))
        .flat_map(Node::items);
    let of_pods = labels.all(|label| {
        let rest = label
            .as_str()
            .and_then(|label| label.strip_prefix("__meta_kubernetes_"));
        rest.is_none_or(|rest| rest.starts_with("pod_") || rest == "namespace")
    });
    let endpoints = role.starts_with("endpoint");
    Some(if of_pods && endpoints && !steps.is_empty() {
        finding.replace(node.place, "pod")
    } else {
        finding
    })
}
