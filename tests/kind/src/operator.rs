//! The real Prometheus Operator in a room, with its definitions and its admission webhook, and a
//! Prometheus of its that selects by `release=kps`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams};
use kube::core::GroupVersionKind;
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use crate::room::Room;
use crate::wait::{Seen, until};

/// Who applies the definitions; another manager's are not touched.
const MANAGER: &str = "vllm-monitoring-tests";

/// The label by which its Prometheus selects, as kube-prometheus-stack installs it.
pub const LABEL: (&str, &str) = ("release", "kps");

/// One at a time: each Prometheus selects in all namespaces, so `helm test` of one case would find that of another.
static ALONE: Mutex<()> = Mutex::const_new(());

/// An operator and its Prometheus.
pub struct Operator {
    room: Room,
    _alone: MutexGuard<'static, ()>,
}

impl Operator {
    /// Waits until no other is there, installs it and waits until its Prometheus answers. `fleet` is a second namespace that the
    /// Prometheus may discover pods in.
    ///
    /// # Errors
    /// When a part does not become ready, or the cluster has an operator already.
    pub async fn start(room: &Room, fleet: &str) -> Result<Self> {
        let operator = Self {
            room: room.clone(),
            _alone: ALONE.lock().await,
        };
        operator.definitions().await?;
        operator
            .account("operator", &operator_rules(), &[&room.namespace])
            .await?;
        operator
            .account("prometheus", &pod_rules(), &[&room.namespace, fleet])
            .await?;
        operator.webhook().await?;
        operator.controller().await?;
        operator.prometheus().await?;
        Ok(operator)
    }

    /// GET from its Prometheus.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let body = self
            .room
            .cluster
            .get(
                &self.room.namespace,
                "services/prometheus-operated:9090",
                path,
            )
            .await?;
        Ok(serde_json::from_str(&body)?)
    }

    /// Removes its Prometheus, and what is in no namespace. Its definitions stay: other cases may list by them.
    ///
    /// # Errors
    /// When the API server refuses.
    pub async fn stop(self) -> Result<()> {
        let kind = GroupVersionKind::gvk("monitoring.coreos.com", "v1", "Prometheus");
        let kind = kube::core::ApiResource::from_gvk(&kind);
        let client = self.room.cluster.client.clone();
        let api: Api<DynamicObject> = Api::namespaced_with(client, &self.room.namespace, &kind);
        if api.get_opt(LABEL.1).await?.is_some() {
            api.delete(LABEL.1, &DeleteParams::default()).await?;
        }
        for (group, kind) in [
            ("rbac.authorization.k8s.io", "ClusterRole"),
            ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
            (
                "admissionregistration.k8s.io",
                "ValidatingWebhookConfiguration",
            ),
        ] {
            let api = self.all(group, kind);
            for name in ["operator", "prometheus", "webhook"] {
                let name = format!("{}-{name}", self.room.namespace);
                if api.get_opt(&name).await?.is_some() {
                    api.delete(&name, &DeleteParams::default()).await?;
                }
            }
        }
        Ok(())
    }

    /// The CustomResourceDefinitions that its module carries.
    async fn definitions(&self) -> Result<()> {
        let folder = harness::repo::tool("prometheus-operator")?;
        let folder: PathBuf = folder.with_file_name("crds");
        let api: Api<CustomResourceDefinition> = Api::all(self.room.cluster.client.clone());
        let mut names = Vec::new();
        for file in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let text = std::fs::read_to_string(file?.path())?;
            let object: Value = serde_yaml::from_str(&text)?;
            let name = object["metadata"]["name"]
                .as_str()
                .context("a definition without a name")?
                .to_owned();
            if let Some(there) = api.get_opt(&name).await? {
                let ours = (there.metadata.managed_fields.iter().flatten())
                    .any(|m| m.manager.as_deref() == Some(MANAGER));
                ensure!(
                    ours,
                    "{name} is there already: the cluster has an operator, which would take this one's objects; name a cluster without"
                );
            }
            api.patch(&name, &PatchParams::apply(MANAGER), &Patch::Apply(&object))
                .await?;
            names.push(name);
        }
        ensure!(names.len() > 5, "only {names:?} in {}", folder.display());
        until(
            "the definitions to be served",
            Duration::from_secs(60),
            || async {
                for name in &names {
                    let there = api.get(name).await?;
                    let served = there
                        .status
                        .iter()
                        .flat_map(|s| s.conditions.iter().flatten())
                        .any(|c| c.type_ == "Established" && c.status == "True");
                    if !served {
                        return Ok(Seen::NotYet(name.clone()));
                    }
                }
                Ok(Seen::Yes(()))
            },
        )
        .await
    }

    /// An account with a cluster-wide role where the room's name alone does not do.
    async fn account(&self, name: &str, rules: &Value, namespaces: &[&str]) -> Result<()> {
        let whole = format!("{}-{name}", self.room.namespace);
        self.apply(
            "",
            "ServiceAccount",
            Some(&self.room.namespace),
            name,
            json!({}),
        )
        .await?;
        let group = "rbac.authorization.k8s.io";
        self.apply(group, "ClusterRole", None, &whole, json!({"rules": rules}))
            .await?;
        let binding = json!({
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": whole},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": self.room.namespace}],
        });
        if name == "operator" {
            return self
                .apply(group, "ClusterRoleBinding", None, &whole, binding)
                .await;
        }
        for namespace in namespaces {
            self.apply(
                group,
                "RoleBinding",
                Some(namespace),
                &whole,
                binding.clone(),
            )
            .await?;
        }
        Ok(())
    }

    /// Checks every PrometheusRule of the room before the API server takes it.
    async fn webhook(&self) -> Result<()> {
        let host = format!("webhook.{}.svc", self.room.namespace);
        let certificate = rcgen::generate_simple_self_signed([host])?;
        let pem = certificate.cert.pem();
        let files = json!({"tls.crt": pem, "tls.key": certificate.signing_key.serialize_pem()});
        self.apply(
            "",
            "Secret",
            Some(&self.room.namespace),
            "webhook",
            json!({"stringData": files}),
        )
        .await?;
        let pod = json!({
            "containers": [container(&self.image("admission-webhook")?, json!([
                "--web.listen-address=:8443", "--web.enable-tls=true",
                "--web.cert-file=/tls/tls.crt", "--web.key-file=/tls/tls.key",
            ]), json!([{"name": "tls", "mountPath": "/tls"}]))],
            "volumes": [{"name": "tls", "secret": {"secretName": "webhook"}}],
        });
        self.deploy("webhook", pod).await?;
        let service = json!({"spec": {"selector": {"app": "webhook"}, "ports": [{"port": 443, "targetPort": 8443}]}});
        self.apply(
            "",
            "Service",
            Some(&self.room.namespace),
            "webhook",
            service,
        )
        .await?;
        self.ready("webhook").await?;
        let bundle = base64(pem.as_bytes());
        let hooks = json!({"webhooks": [{
            "name": "prometheusrules.monitoring.coreos.com",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Fail",
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.room.namespace}},
            "rules": [{"apiGroups": ["monitoring.coreos.com"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": ["prometheusrules"]}],
            "clientConfig": {"caBundle": bundle, "service": {
                "namespace": self.room.namespace, "name": "webhook", "path": "/admission-prometheusrules/validate",
            }},
        }]});
        let name = format!("{}-webhook", self.room.namespace);
        self.apply(
            "admissionregistration.k8s.io",
            "ValidatingWebhookConfiguration",
            None,
            &name,
            hooks,
        )
        .await
    }

    async fn controller(&self) -> Result<()> {
        let args = json!([
            format!("--namespaces={}", self.room.namespace),
            format!(
                "--prometheus-config-reloader={}",
                self.image("prometheus-config-reloader")?
            ),
            "--config-reloader-cpu-request=0",
            "--config-reloader-cpu-limit=0",
            "--config-reloader-memory-request=0",
            "--config-reloader-memory-limit=0",
        ]);
        let pod = json!({
            "serviceAccountName": "operator",
            "containers": [container(&self.image("prometheus-operator")?, args, json!([]))],
        });
        self.deploy("operator", pod).await?;
        self.ready("operator").await
    }

    async fn prometheus(&self) -> Result<()> {
        let all = json!({});
        let ours = json!({"matchLabels": {LABEL.0: LABEL.1}});
        let spec = json!({"spec": {
            "image": self.image("prometheus")?,
            "version": "v3.5.0",
            "replicas": 1,
            "serviceAccountName": "prometheus",
            "scrapeInterval": "5s",
            "evaluationInterval": "5s",
            "podMonitorSelector": ours, "podMonitorNamespaceSelector": all,
            "serviceMonitorSelector": ours, "serviceMonitorNamespaceSelector": all,
            "ruleSelector": ours, "ruleNamespaceSelector": all,
            "securityContext": {"runAsNonRoot": true, "runAsUser": 2000, "fsGroup": 2000, "seccompProfile": {"type": "RuntimeDefault"}},
            "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}},
        }});
        self.apply(
            "monitoring.coreos.com",
            "Prometheus",
            Some(&self.room.namespace),
            LABEL.1,
            spec,
        )
        .await?;
        until(
            "the operator's Prometheus",
            Duration::from_secs(120),
            || async {
                self.room
                    .cluster
                    .get(
                        &self.room.namespace,
                        "services/prometheus-operated:9090",
                        "/-/ready",
                    )
                    .await?;
                Ok(Seen::Yes(()))
            },
        )
        .await
    }

    fn image(&self, name: &str) -> Result<String> {
        Ok(self.room.cluster.image(name)?.reference())
    }

    async fn deploy(&self, name: &str, mut pod: Value) -> Result<()> {
        pod["securityContext"] = json!({"runAsNonRoot": true, "runAsUser": 2000, "seccompProfile": {"type": "RuntimeDefault"}});
        pod["terminationGracePeriodSeconds"] = json!(1);
        self.apply(
            "apps",
            "Deployment",
            Some(&self.room.namespace),
            name,
            json!({"spec": {
                "selector": {"matchLabels": {"app": name}},
                "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
            }}),
        )
        .await
    }

    async fn ready(&self, name: &str) -> Result<()> {
        let api: Api<Deployment> = self.room.api();
        until(
            &format!("the {name} to be available"),
            Duration::from_secs(60),
            || async {
                let there = api.get(name).await?;
                let available = there
                    .status
                    .and_then(|s| s.available_replicas)
                    .unwrap_or_default();
                Ok(if available > 0 {
                    Seen::Yes(())
                } else {
                    Seen::NotYet("0 available".to_owned())
                })
            },
        )
        .await
    }

    async fn apply(
        &self,
        group: &str,
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        body: Value,
    ) -> Result<()> {
        self.room
            .cluster
            .apply(group, kind, namespace, name, body)
            .await
    }

    fn all(&self, group: &str, kind: &str) -> Api<DynamicObject> {
        let kind = kube::core::ApiResource::from_gvk(&GroupVersionKind::gvk(group, "v1", kind));
        Api::all_with(self.room.cluster.client.clone(), &kind)
    }
}

fn container(image: &str, args: Value, mounts: Value) -> Value {
    json!({
        "name": "main", "image": image, "args": args, "volumeMounts": mounts,
        "securityContext": {
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
        },
    })
}

fn pod_rules() -> Value {
    json!([{"apiGroups": [""], "resources": ["pods", "services", "endpoints"], "verbs": ["get", "list", "watch"]}])
}

/// As the operator's documentation lists them.
fn operator_rules() -> Value {
    json!([
        {"apiGroups": ["monitoring.coreos.com"], "resources": ["*"], "verbs": ["*"]},
        {"apiGroups": ["apps"], "resources": ["statefulsets"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "delete"]},
        {"apiGroups": [""], "resources": ["services", "services/finalizers", "endpoints"], "verbs": ["get", "list", "watch", "create", "update", "delete"]},
        {"apiGroups": [""], "resources": ["nodes", "namespaces", "persistentvolumeclaims"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["patch", "create"]},
        {"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["patch", "create"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["*"]},
        {"apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"], "verbs": ["get"]},
        {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": ["*"]},
        {"apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews"], "verbs": ["create"]},
    ])
}

fn base64(bytes: &[u8]) -> String {
    let bytes = k8s_openapi::ByteString(bytes.to_vec());
    serde_json::to_value(bytes)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}
