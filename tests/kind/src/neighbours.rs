//! Programs of other projects beside a release: their own manifests in a room, what the release's Prometheus
//! says meanwhile, and the rows of docs/compatibility.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::Api;
use serde::{Deserialize as _, Serialize};
use serde_json::{Value, json};

use crate::kubectl;
use crate::release::Release;
use crate::room::Room;
use crate::wait::{Seen, until};

/// How long a scrape, an evaluation and a reload may take together.
pub const SOON: Duration = Duration::from_secs(120);

/// Manifests as a project publishes them.
pub struct Manifests {
    objects: Vec<Value>,
}

/// Kinds that no namespace contains.
const CLUSTER: [&str; 6] = [
    "APIService",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "Namespace",
    "ValidatingWebhookConfiguration",
];

impl Manifests {
    /// Those of a tool's folder, placed into the room: its namespace in place of `home` and of none, and in
    /// each container that `images` names the image of that tool.
    ///
    /// # Errors
    /// When a file is missing or no YAML, or an image is.
    pub fn of(
        room: &Room,
        tool: &str,
        files: &[&str],
        home: &str,
        images: &[(&str, &str)],
    ) -> Result<Self> {
        let folder: PathBuf = harness::repo::tool(tool)?.with_file_name("");
        let mut objects = Vec::new();
        for file in files {
            for mut object in documents(&folder.join(file))? {
                place(&mut object, home, &room.namespace);
                let kind = object["kind"].as_str().unwrap_or_default();
                if object["metadata"]["namespace"].is_null() && !CLUSTER.contains(&kind) {
                    object["metadata"]["namespace"] = json!(room.namespace);
                }
                for (container, tool) in images {
                    let image = room.cluster.image(tool)?.reference();
                    run(&mut object, container, tool, &image);
                }
                objects.push(object);
            }
        }
        Ok(Self { objects })
    }

    /// Leaves out those of these names.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        let named = |object: &Value| object["metadata"]["name"].as_str().map(str::to_owned);
        self.objects
            .retain(|o| named(o).is_none_or(|name| !names.contains(&&*name)));
        self
    }

    /// Changes each.
    #[must_use]
    pub fn changed(mut self, change: impl Fn(&mut Value)) -> Self {
        self.objects.iter_mut().for_each(change);
        self
    }

    /// Adds one.
    #[must_use]
    pub fn with(mut self, object: Value) -> Self {
        self.objects.push(object);
        self
    }

    /// As YAML, one document after the other.
    fn text(&self) -> Result<String> {
        let mut text = String::new();
        for object in &self.objects {
            text += "---\n";
            text += &serde_yaml::to_string(object)?;
        }
        Ok(text)
    }

    /// Applies them.
    ///
    /// # Errors
    /// When kubectl fails; its words are in the error.
    pub async fn apply(&self) -> Result<()> {
        kubectl::run(&["apply", "--server-side", "-f", "-"], &self.text()?).await?;
        Ok(())
    }

    /// Deletes them, those outside of the room as well.
    ///
    /// # Errors
    /// When kubectl fails; its words are in the error.
    pub async fn delete(&self) -> Result<()> {
        let arguments = ["delete", "--ignore-not-found", "--wait=false", "-f", "-"];
        kubectl::run(&arguments, &self.text()?).await?;
        Ok(())
    }
}

/// An object of any kind as the API server has it; `path` as `apis/apps/v1/namespaces/…/deployments/vllm`.
///
/// # Errors
/// When there is none.
pub async fn object(room: &Room, path: &str) -> Result<Value> {
    let request = http::Request::get(format!("/{path}")).body(Vec::new())?;
    Ok(room.cluster.client.request(request).await?)
}

/// Waits until these Deployments of the room have a replica that is available.
///
/// # Errors
/// When they do not within four minutes.
pub async fn available(room: &Room, names: &[&str]) -> Result<()> {
    let api: Api<Deployment> = room.api();
    let limit = Duration::from_secs(240);
    until(&format!("{names:?} to be available"), limit, || async {
        let mut waits = Vec::new();
        for name in names {
            let status = api.get(name).await?.status.unwrap_or_default();
            if status.available_replicas.unwrap_or_default() < 1 {
                waits.push(*name);
            }
        }
        Ok(if waits.is_empty() {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{waits:?}"))
        })
    })
    .await
}

/// What is left of a release in its room: kinds and names of objects with its label, pods aside that end.
///
/// # Errors
/// When kubectl fails; its words are in the error.
pub async fn left(room: &Room, release: &str) -> Result<Vec<String>> {
    let kinds = "deployments,statefulsets,daemonsets,services,configmaps,secrets,serviceaccounts,roles,rolebindings,\
                 networkpolicies,poddisruptionbudgets,jobs";
    let label = format!("app.kubernetes.io/instance={release}");
    let arguments = [
        "get",
        kinds,
        "--namespace",
        &room.namespace,
        "-l",
        &label,
        "-o",
        "name",
        "--ignore-not-found",
    ];
    let said = kubectl::run(&arguments, "").await?;
    Ok(said
        .lines()
        .filter(|line| line.contains('/'))
        .map(str::to_owned)
        .collect())
}

/// The objects of a file.
fn documents(file: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let documents = serde_yaml::Deserializer::from_str(&text);
    let objects =
        documents.map(|d| Value::deserialize(d).with_context(|| file.display().to_string()));
    let objects: Result<Vec<_>> = objects.collect();
    Ok(objects?.into_iter().filter(Value::is_object).collect())
}

/// Puts `here` for every `namespace: home`, wherever an object names one.
fn place(object: &mut Value, home: &str, here: &str) {
    match object {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "namespace" && value == home {
                    *value = json!(here);
                } else {
                    place(value, home, here);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| place(item, home, here)),
        _ => {}
    }
}

/// Has a container run our build of its image.
fn run(object: &mut Value, container: &str, tool: &str, image: &str) {
    let containers = object.pointer_mut("/spec/template/spec/containers");
    for found in containers
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if found["name"] == container {
            found["image"] = json!(image);
            found["imagePullPolicy"] = json!("IfNotPresent");
            if found["command"].is_array() {
                found["command"] = json!([format!("/usr/local/bin/{tool}")]);
            }
            // The machine's cores are shared: what is asked for would keep pods from being scheduled.
            found["resources"]["requests"] = json!({"cpu": "10m", "memory": "64Mi"});
        }
    }
}

/// Values of a release in standalone mode with Prometheus alone, and seconds where an install has minutes.
///
/// # Errors
/// When an image is missing.
pub fn lean(room: &Room, models: Value) -> Result<Value> {
    let image = |name| room.cluster.image(name).map(crate::cluster::Image::values);
    Ok(json!({
        "models": models,
        "metrics": {"mode": "standalone", "scrape": {"interval": "5s", "timeout": "5s"}},
        "rules": {"window": "30s", "interval": "5s", "alerts": {
            "VllmReplicaDown": {"for": "5s"}, "VllmFleetDown": {"for": "5s"},
        }},
        "tracing": {"enabled": false},
        "alertmanager": {"enabled": false},
        "prometheus": {
            "image": image("prometheus")?,
            "resources": {"requests": {"cpu": "20m", "memory": "96Mi"}, "limits": {"memory": "1Gi"}},
        },
        "helmTest": {"image": image("install-check")?, "timeout": "60s"},
    }))
}

/// What a query gives: each series' labels and its value.
///
/// # Errors
/// When Prometheus does not answer, or not with a vector.
pub async fn vector(
    release: &Release,
    query: &str,
) -> Result<Vec<(BTreeMap<String, String>, f64)>> {
    let body = release.get("prometheus:9090", &asked(query)).await?;
    series(query, &body)
}

/// The path at which Prometheus answers a query.
#[must_use]
pub fn asked(query: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    format!("/api/v1/query?query={encoded}")
}

/// The series of its answer: labels and value.
///
/// # Errors
/// When it is none with a vector.
pub fn series(query: &str, body: &str) -> Result<Vec<(BTreeMap<String, String>, f64)>> {
    let answer: Value = serde_json::from_str(body)?;
    let result = answer["data"]["result"].as_array();
    let result = result.with_context(|| format!("{query}: {answer}"))?;
    let series = result.iter().map(|series| {
        let labels = BTreeMap::<String, String>::deserialize(&series["metric"])?;
        let value = series["value"][1].as_str().context("no value")?;
        Ok((labels, value.parse::<f64>()?))
    });
    series.collect()
}

/// Waits until a query gives one series of that value.
///
/// # Errors
/// When it does not within two minutes.
pub async fn equals(release: &Release, query: &str, wanted: f64) -> Result<()> {
    until(&format!("{query} to be {wanted}"), SOON, || async {
        let found = vector(release, query).await?;
        let same = |value: f64| (value - wanted).abs() < 1e-9;
        Ok(match found.as_slice() {
            [(_, value)] if same(*value) => Seen::Yes(()),
            _ => Seen::NotYet(format!("{found:?}")),
        })
    })
    .await
}

/// Alerts of warning or critical that fire now, each as `NAME MODEL`.
///
/// # Errors
/// When Prometheus does not answer.
pub async fn firing(release: &Release) -> Result<BTreeSet<String>> {
    alerts(
        release,
        "ALERTS{alertstate=\"firing\", severity=~\"warning|critical\"}",
    )
    .await
}

/// Those that fired at any time within the last half hour.
///
/// # Errors
/// When Prometheus does not answer.
pub async fn fired(release: &Release) -> Result<BTreeSet<String>> {
    let query =
        "last_over_time(ALERTS{alertstate=\"firing\", severity=~\"warning|critical\"}[30m])";
    alerts(release, query).await
}

async fn alerts(release: &Release, query: &str) -> Result<BTreeSet<String>> {
    let series = vector(release, query).await?;
    let of =
        |labels: &BTreeMap<String, String>, key: &str| labels.get(key).cloned().unwrap_or_default();
    let named = |(labels, _): (BTreeMap<String, String>, f64)| {
        format!("{} {}", of(&labels, "alertname"), of(&labels, "model"))
    };
    Ok(series.into_iter().map(named).collect())
}

/// Waits until exactly these alerts fire.
///
/// # Errors
/// When they do not within two minutes.
pub async fn fires(release: &Release, wanted: &[&str]) -> Result<()> {
    let wanted: BTreeSet<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
    until(&format!("exactly {wanted:?} firing"), SOON, || async {
        let found = firing(release).await?;
        Ok(if found == wanted {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{found:?}"))
        })
    })
    .await
}

/// A row of docs/compatibility.md.
#[derive(Debug, Serialize)]
pub struct Row {
    with: Vec<String>,
    done: String,
    seen: String,
}

impl Row {
    /// With which tools of tools/tools.lock, what was done, and what was seen.
    #[must_use]
    pub fn new(with: &[&str], done: &str, seen: impl Into<String>) -> Self {
        Self {
            with: with.iter().map(|tool| (*tool).to_owned()).collect(),
            done: done.to_owned(),
            seen: seen.into(),
        }
    }
}

/// Writes the rows of a case for the page.
///
/// # Errors
/// When they cannot be written.
pub fn write(case: &str, rows: &[Row]) -> Result<()> {
    ensure!(!rows.is_empty(), "{case} saw nothing");
    let folder = harness::repo::root().join("target/neighbours");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{case}.json"));
    std::fs::write(&file, serde_json::to_string_pretty(rows)?)
        .with_context(|| file.display().to_string())
}
