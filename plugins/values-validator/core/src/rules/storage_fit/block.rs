//! Classes of disks that one node mounts, for a claim of many, and shared folders where a disk is needed.

use super::RULE;
use crate::rules::look::{Model, models, on, text};
use crate::{Finding, Findings, Node, Values};

/// Names of classes as clouds and drivers install them, by their beginnings, and what the same provider has for many
/// nodes.
const DISKS: [(&str, &str); 7] = [
    ("gp2 gp3 ebs io1 io2", "efs-sc, of Amazon EFS"),
    (
        "premium-rwo standard-rwo pd- hyperdisk",
        "standard-rwx, of Filestore",
    ),
    (
        "managed-csi managed-premium managed-standard default-disk azure-disk azuredisk",
        "azurefile-csi-premium",
    ),
    ("rook-ceph-block ceph-rbd ceph-block csi-rbd", "cephfs"),
    (
        "do-block-storage hcloud-volumes linode-block-storage oci-bv csi-cinder vultr-block-storage scw-bssd sbs-",
        "nfs-client, of an NFS server",
    ),
    (
        "local-path local-storage topolvm openebs-hostpath openebs-lvm",
        "nfs-client, of an NFS server",
    ),
    ("gce-pd premium-ssd", "a shared file system's"),
];

/// Names of classes over NFS.
const SHARED: &str = "efs nfs azurefile filestore standard-rwx premium-rwx";

/// The class of a claim: the one above all, its own, or the default.
fn class<'a>(values: &'a Values, own: Option<&'a Node>) -> Option<&'a Node> {
    let named = |node: &&Node| node.as_str().is_some_and(|text| !text.is_empty());
    values
        .get("global.storageClass")
        .filter(named)
        .or(own.filter(named))
        .or(values.get("global.defaultStorageClass").filter(named))
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let models = models(values);
    let weights = models.iter().filter_map(|model| weights(values, model));
    findings.0.extend(weights);
    samples(values, findings);
}

/// A claim that the chart makes for the weights: ReadWriteMany, where nothing else is said.
fn weights(values: &Values, model: &Model<'_>) -> Option<Finding> {
    let storage = model.deploy?.child("storage")?;
    storage
        .child("size")
        .and_then(Node::as_str)
        .filter(|size| !size.is_empty())?;
    let mode = storage.child("accessMode");
    let class = class(values, storage.child("storageClassName"))?;
    let name = class.as_str()?;
    let starts = |words: &str| words.split(' ').any(|start| name.starts_with(start));
    let (_, shared) = DISKS.iter().find(|(words, _)| starts(words))?;
    let many = mode.is_none_or(|mode| matches!(mode.as_str(), Some("ReadWriteMany" | "")));
    if !many || name.contains("rwx") {
        return None;
    }
    let replicas = model.node.child("replicas").and_then(Node::as_i64);
    let one = replicas.unwrap_or(1) == 1 && model.autoscaling().is_none();
    let finding = RULE
        .at(
            format!("{}.storageClassName", model.deploy_path("storage")),
            &class.place,
        )
        .found(format!("{name}, for a claim that is ReadWriteMany"))
        .expected("a class of a shared file system, or accessMode: ReadWriteOnce")
        .why(
            "Its disks are mounted on one node alone: the claim stays Pending, and no pod starts.",
        );
    Some(match mode {
        Some(mode) if one => finding
            .fix("write accessMode: ReadWriteOnce")
            .replace(mode.place, "ReadWriteOnce"),
        None if one => finding.fix("add accessMode: ReadWriteOnce beside it"),
        _ => finding.fix(format!(
            "name a class that has ReadWriteMany, such as {shared}"
        )),
    })
}

/// Prometheus' samples in a folder of NFS.
fn samples(values: &Values, findings: &mut Findings) {
    let base = "prometheus.storage";
    if text(values, "metrics.mode") != "standalone" || !on(values, &format!("{base}.persistent")) {
        return;
    }
    let path = format!("{base}.storageClassName");
    let own = values.get(&path).filter(|node| !node.is_default());
    let Some(node) = own else { return };
    let name = node.as_str().unwrap_or("");
    if SHARED.split(' ').any(|start| name.starts_with(start)) {
        findings.push(
            RULE.at(path, &node.place)
                .found(format!("{name}, a shared file system, for samples"))
                .expected("a class of disks")
                .why("Prometheus does not support NFS: its blocks are damaged sooner or later, and samples are lost.")
                .fix("name a class of disks, such as gp3 or premium-rwo, or remove it for the default one"),
        );
    }
}
