//! Roles and what binds them, and the groups of kinds that are not Kubernetes' own.

use super::refusal::{plain, refused};
use crate::node::join;
use crate::shape::nearest;
use crate::{Findings, Node};

/// Kinds that `SERVED` does not have, by the version that serves them today.
const OTHERS: &str = "v1 PersistentVolume ResourceQuota LimitRange Endpoints\nstorage.k8s.io/v1 StorageClass\nscheduling.k8s.io/v1 PriorityClass\nnetworking.k8s.io/v1 IngressClass\nexternal-secrets.io/v1 ExternalSecret SecretStore ClusterSecretStore ClusterExternalSecret\ncert-manager.io/v1 Certificate Issuer ClusterIssuer\nkeda.sh/v1alpha1 ScaledObject ScaledJob TriggerAuthentication ClusterTriggerAuthentication\ngateway.networking.k8s.io/v1 HTTPRoute GRPCRoute GatewayClass\nnetworking.istio.io/v1 VirtualService DestinationRule ServiceEntry Sidecar\nsecurity.istio.io/v1 AuthorizationPolicy PeerAuthentication RequestAuthentication\nbitnami.com/v1alpha1 SealedSecret\nmonitoring.googleapis.com/v1 PodMonitoring ClusterPodMonitoring\noperator.victoriametrics.com/v1beta1 VMServiceScrape VMPodScrape VMRule\nkueue.x-k8s.io/v1beta1 ClusterQueue LocalQueue ResourceFlavor\ntraefik.io/v1alpha1 IngressRoute Middleware\nautoscaling.k8s.io/v1 VerticalPodAutoscaler\nsnapshot.storage.k8s.io/v1 VolumeSnapshot VolumeSnapshotClass";

pub(super) fn check(path: &str, object: &Node, kind: &str, findings: &mut Findings) {
    group(path, object, kind, findings);
    match kind {
        "RoleBinding" | "ClusterRoleBinding" => bound(path, object, kind, findings),
        "Role" | "ClusterRole" => super::role::check(path, object, findings),
        _ => {}
    }
}

/// A version without its group, or of a group that is nearly written.
fn group(path: &str, object: &Node, kind: &str, findings: &mut Findings) {
    let (Some(node), Some(text)) = (object.child("apiVersion"), plain(object, "apiVersion")) else {
        return;
    };
    let of = |line: &&str| line.split(' ').skip(1).any(|name| name == kind);
    let Some(served) = OTHERS
        .lines()
        .find(of)
        .and_then(|line| line.split(' ').next())
    else {
        return;
    };
    let group = |version: &'static str| version.split_once('/').map_or("", |(group, _)| group);
    let own = text.split_once('/').map_or("", |(group, _)| group);
    let near =
        own != group(served) && (!own.contains('.') || nearest(own, [group(served)]).is_some());
    // Groups of which each kind has had that one version for years.
    const ONE: [&str; 5] = [
        "keda.sh",
        "cert-manager.io",
        "bitnami.com",
        "storage.k8s.io",
        "scheduling.k8s.io",
    ];
    let other = own == group(served) && text != served && ONE.contains(&own);
    if !near && !other {
        return;
    }
    // An older version than today's may be the cluster's.
    let version = text.rsplit('/').next().unwrap_or(text);
    let new = if !other && version != "v1" && version.starts_with('v') {
        format!("{}/{version}", group(served))
    } else {
        served.to_owned()
    };
    findings.push(
        refused(
            join(path, "apiVersion"),
            node.place,
            format!("{kind} of {text}"),
            served,
        )
        .writes(node.place, &new),
    );
}

/// Who a role is given to.
fn bound(path: &str, object: &Node, kind: &str, findings: &mut Findings) {
    for (at, subject) in object
        .child("subjects")
        .map_or(&[][..], Node::items)
        .iter()
        .enumerate()
    {
        let path = format!("{path}.subjects[{at}]");
        if plain(subject, "kind") != Some("ServiceAccount") {
            continue;
        }
        if subject.child("namespace").is_none() {
            findings.push(
                refused(path.clone(), subject.place, "a ServiceAccount without its namespace", "namespace, beside kind and name")
                    .fix("add namespace: \"{{ .Release.Namespace }}\", or the namespace of the ServiceAccount"),
            );
        }
        if let Some(group) = subject
            .child("apiGroup")
            .filter(|g| g.as_str().is_some_and(|g| !g.is_empty()))
        {
            findings.push(
                refused(
                    join(&path, "apiGroup"),
                    group.place,
                    group.described(),
                    "no apiGroup: ServiceAccounts are of the core group",
                )
                .fix("remove it")
                .remove(group),
            );
        }
    }
    let role = object.get("roleRef.kind");
    if let (Some(node), "ClusterRoleBinding", Some("Role")) =
        (role, kind, plain(object, "roleRef.kind"))
    {
        findings.push(
            refused(
                format!("{path}.roleRef.kind"),
                node.place,
                "a Role in a ClusterRoleBinding",
                "ClusterRole, or a RoleBinding",
            )
            .fix("write kind: ClusterRole for both roles, or make a RoleBinding of it"),
        );
    }
}
