//! Objects of Kubernetes and of programs beside it, as their servers read them: what `extraObjects` holds.

use anyhow::{Context, Result};
use k8s_openapi::api::{
    apps, autoscaling, batch, core, networking, policy, rbac, scheduling, storage,
};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::kubernetes::Fields;
use crate::{close, kubernetes, plain, shape};

/// Objects of KEDA, of the Gateway API, of cert-manager and of External Secrets, from the definitions that they
/// install (`programs/generate`).
const CUSTOM: &str = include_str!("custom.json");

/// Kinds of Kubernetes that people put beside a chart, each by its version and its name.
#[derive(JsonSchema)]
#[allow(dead_code)] // read by schemars alone
pub struct Objects {
    #[schemars(rename = "v1/ConfigMap")]
    config_map: core::v1::ConfigMap,
    #[schemars(rename = "v1/Secret")]
    secret: core::v1::Secret,
    #[schemars(rename = "v1/Service")]
    service: core::v1::Service,
    #[schemars(rename = "v1/ServiceAccount")]
    service_account: core::v1::ServiceAccount,
    #[schemars(rename = "v1/PersistentVolumeClaim")]
    claim: core::v1::PersistentVolumeClaim,
    #[schemars(rename = "v1/PersistentVolume")]
    volume: core::v1::PersistentVolume,
    #[schemars(rename = "v1/Pod")]
    pod: core::v1::Pod,
    #[schemars(rename = "v1/Namespace")]
    namespace: core::v1::Namespace,
    #[schemars(rename = "v1/ResourceQuota")]
    quota: core::v1::ResourceQuota,
    #[schemars(rename = "v1/LimitRange")]
    limit_range: core::v1::LimitRange,
    #[schemars(rename = "apps/v1/Deployment")]
    deployment: apps::v1::Deployment,
    #[schemars(rename = "apps/v1/StatefulSet")]
    stateful_set: apps::v1::StatefulSet,
    #[schemars(rename = "apps/v1/DaemonSet")]
    daemon_set: apps::v1::DaemonSet,
    #[schemars(rename = "batch/v1/Job")]
    job: batch::v1::Job,
    #[schemars(rename = "batch/v1/CronJob")]
    cron_job: batch::v1::CronJob,
    #[schemars(rename = "autoscaling/v2/HorizontalPodAutoscaler")]
    autoscaler: autoscaling::v2::HorizontalPodAutoscaler,
    #[schemars(rename = "networking.k8s.io/v1/Ingress")]
    ingress: networking::v1::Ingress,
    #[schemars(rename = "networking.k8s.io/v1/IngressClass")]
    ingress_class: networking::v1::IngressClass,
    #[schemars(rename = "networking.k8s.io/v1/NetworkPolicy")]
    network_policy: networking::v1::NetworkPolicy,
    #[schemars(rename = "policy/v1/PodDisruptionBudget")]
    budget: policy::v1::PodDisruptionBudget,
    #[schemars(rename = "rbac.authorization.k8s.io/v1/Role")]
    role: rbac::v1::Role,
    #[schemars(rename = "rbac.authorization.k8s.io/v1/ClusterRole")]
    cluster_role: rbac::v1::ClusterRole,
    #[schemars(rename = "rbac.authorization.k8s.io/v1/RoleBinding")]
    role_binding: rbac::v1::RoleBinding,
    #[schemars(rename = "rbac.authorization.k8s.io/v1/ClusterRoleBinding")]
    cluster_role_binding: rbac::v1::ClusterRoleBinding,
    #[schemars(rename = "scheduling.k8s.io/v1/PriorityClass")]
    priority_class: scheduling::v1::PriorityClass,
    #[schemars(rename = "storage.k8s.io/v1/StorageClass")]
    storage_class: storage::v1::StorageClass,
}

/// A schema whose properties are the kinds.
///
/// # Errors
/// When custom.json is no JSON.
pub fn objects() -> Result<Value> {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Objects>().to_value();
    plain::plain(&mut schema);
    // Servers write it, and nobody else.
    if let Some(definitions) = schema["$defs"].as_object_mut() {
        for definition in definitions.values_mut() {
            // The API server gives a condition of a policy its status.
            if let Some(required) = definition.get_mut("required").and_then(Value::as_array_mut) {
                required.retain(|key| key != "status");
            }
            let object = definition["properties"]["kind"].is_object();
            if let Some(status) = definition["properties"]
                .get_mut("status")
                .filter(|_| object)
            {
                *status = serde_json::json!({"type": "object"});
            }
        }
    }
    kubernetes::tighten(&mut schema, Fields::All);
    close::close(&mut schema);
    let custom: Value = serde_json::from_str(CUSTOM).context("custom.json")?;
    if let (Some(kinds), Value::Object(custom)) = (schema["properties"].as_object_mut(), custom) {
        kinds.extend(custom);
    }
    if let Value::Object(schema) = &mut schema {
        schema.remove("required");
    }
    Ok(shape(&schema))
}
