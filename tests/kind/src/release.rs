//! The chart in a room, by the real helm.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::room::Room;
use crate::wait::{Seen, until};

/// The release's name, which is also the prefix of its objects.
pub const NAME: &str = "vllm-monitoring";

/// How long a release may take to be ready: images are there, nothing is loaded over a network.
const READY: &str = "120s";

/// An installed release.
pub struct Release {
    room: Room,
    name: String,
}

impl Release {
    /// Installs the chart and waits until all is ready.
    ///
    /// # Errors
    /// When helm fails; its words are in the error.
    pub async fn install(room: &Room, values: &Value) -> Result<Self> {
        Self::install_as(room, NAME, values).await
    }

    /// The same under another name.
    ///
    /// # Errors
    /// When helm fails; its words are in the error.
    pub async fn install_as(room: &Room, name: &str, values: &Value) -> Result<Self> {
        let release = Self::there(room, name);
        release
            .apply(&["install", "--wait"], &tree(), values)
            .await?;
        Ok(release)
    }

    /// Another chart, folder or package, and waits until all is ready.
    ///
    /// # Errors
    /// When helm fails; its words are in the error.
    pub async fn install_of(room: &Room, chart: &Path, values: &Value) -> Result<Self> {
        let release = Self::there(room, NAME);
        release.apply(&["install", "--wait"], chart, values).await?;
        Ok(release)
    }

    /// Another chart that need not become ready.
    ///
    /// # Errors
    /// When helm fails; its words are in the error.
    pub async fn install_unready(room: &Room, chart: &Path, values: &Value) -> Result<Self> {
        let release = Self::there(room, NAME);
        release.apply(&["install"], chart, values).await?;
        Ok(release)
    }

    /// One that something else installed.
    #[must_use]
    pub fn there(room: &Room, name: &str) -> Self {
        Self {
            room: room.clone(),
            name: name.to_owned(),
        }
    }

    /// Upgrades it to the chart of this tree and other values, and waits until all is ready.
    ///
    /// # Errors
    /// When helm fails; its words are in the error.
    pub async fn upgrade(&self, values: &Value) -> Result<()> {
        self.apply(&["upgrade", "--wait"], &tree(), values).await
    }

    /// Back to the revision before, and waits until all is ready.
    ///
    /// # Errors
    /// When helm fails; its words are in the error.
    pub async fn rollback(&self) -> Result<()> {
        self.helm(&["rollback", &self.name, "--wait", "--timeout", READY])
            .await
            .map(drop)
    }

    async fn apply(&self, verb: &[&str], chart: &Path, values: &Value) -> Result<()> {
        let file = self.values_file(values)?;
        let (chart, file) = (chart.to_string_lossy(), file.to_string_lossy());
        let mut args = verb.to_vec();
        args.extend([&self.name, &*chart, "--values", &file, "--timeout", READY]);
        self.helm(&args).await.map(drop)
    }

    /// The chart of this tree as `helm template` renders it, without hooks: nothing of the cluster is
    /// known. With `only`, that template alone, and be it a hook.
    ///
    /// # Errors
    /// When helm fails; its words are in the error.
    pub async fn template(room: &Room, values: &Value, only: Option<&str>) -> Result<String> {
        let release = Self::there(room, NAME);
        let file = release.values_file(values)?;
        let (chart, file) = (tree(), file.to_string_lossy().into_owned());
        let chart = chart.to_string_lossy();
        let mut args = vec!["template", NAME, &*chart, "--values", &file];
        match only {
            Some(template) => args.extend(["--show-only", template]),
            None => args.push("--no-hooks"),
        }
        release.helm(&args).await
    }

    fn values_file(&self, values: &Value) -> Result<PathBuf> {
        let file = self.room.folder()?.join("values.yaml");
        std::fs::write(&file, serde_json::to_string_pretty(values)?)?;
        Ok(file)
    }

    /// `helm test`: whether it passed, and what helm and the test's pod said.
    ///
    /// # Errors
    /// When helm cannot be run.
    pub async fn test(&self) -> Result<(bool, String)> {
        let args = ["test", &self.name, "--timeout", "240s", "--logs"];
        let (passed, said) = self.run(&args).await?;
        Ok((passed, said))
    }

    /// Uninstalls it and waits until its objects are gone.
    ///
    /// # Errors
    /// When helm fails; its words are in the error.
    pub async fn uninstall(&self) -> Result<()> {
        self.helm(&["uninstall", &self.name, "--wait", "--timeout", READY])
            .await
            .map(drop)
    }

    /// helm in the room; what it printed.
    ///
    /// # Errors
    /// When helm fails; its words are in the error.
    pub async fn helm(&self, args: &[&str]) -> Result<String> {
        let (passed, said) = self.run(args).await?;
        if !passed {
            bail!("helm {}:\n{said}", args.join(" "));
        }
        Ok(said)
    }

    async fn run(&self, args: &[&str]) -> Result<(bool, String)> {
        let helm = harness::repo::tool("helm")?;
        let out = Command::new(helm)
            .args(args)
            .args(["--namespace", &self.room.namespace])
            .stdin(Stdio::null())
            .output()
            .await
            .context("helm cannot be run")?;
        let mut said = String::from_utf8_lossy(&out.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&out.stderr));
        Ok((out.status.success(), said))
    }

    /// GET from one of the release's Services, as `prometheus:9090`.
    ///
    /// # Errors
    /// When nothing answers there.
    pub async fn get(&self, service: &str, path: &str) -> Result<String> {
        let what = format!("services/{}-{service}", self.name);
        self.room
            .cluster
            .get(&self.room.namespace, &what, path)
            .await
    }

    /// Every object of the release as helm stored it.
    ///
    /// # Errors
    /// When helm fails.
    pub async fn manifest(&self) -> Result<String> {
        self.helm(&["get", "manifest", &self.name]).await
    }

    /// What helm printed after the last install or upgrade.
    ///
    /// # Errors
    /// When helm fails.
    pub async fn notes(&self) -> Result<String> {
        self.helm(&["get", "notes", &self.name]).await
    }

    /// The loaded rule of that name, once Prometheus has it.
    ///
    /// # Errors
    /// When it is not loaded within a minute.
    pub async fn rule(&self, name: &str, holds: impl Fn(&Value) -> bool) -> Result<Value> {
        until(
            &format!("the rule {name} as wanted"),
            Duration::from_secs(60),
            || async {
                let body: Value =
                    serde_json::from_str(&self.get("prometheus:9090", "/api/v1/rules").await?)?;
                let rule = body["data"]["groups"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .flat_map(|g| g["rules"].as_array().into_iter().flatten())
                    .find(|r| r["name"] == name);
                Ok(match rule {
                    Some(rule) if holds(rule) => Seen::Yes(rule.clone()),
                    other => Seen::NotYet(format!("{other:?}")),
                })
            },
        )
        .await
    }
}

/// The chart of this tree.
#[must_use]
pub fn tree() -> PathBuf {
    harness::repo::root().join("chart")
}

/// An entry with one replica of the simulated vLLM, which the chart deploys.
///
/// # Errors
/// When its image is missing.
pub fn model(room: &Room) -> Result<Value> {
    Ok(json!({
        "name": "qwen3-235b",
        "replicas": 1,
        "deploy": {
            "enabled": true,
            "model": "Qwen/Qwen3-235B-A22B-Instruct-2507",
            "image": room.cluster.image("vllm")?.values(),
            "tensorParallelSize": 4,
            "sharedMemory": "16Mi",
            "startupSeconds": 120,
            "env": [
                // As busy as one replica can be without a queue; a slow request ends every 10 s.
                {"name": "FLEET_REQUESTS_PER_SECOND", "value": "2"},
                {"name": "FLEET_SLOW_SHARE", "value": "0.01"},
                {"name": "FLEET_SPEED", "value": "5"},
            ],
        },
    }))
}

/// Values that hurry: seconds where a real install has minutes, images that the cluster has, one
/// replica of the simulated vLLM, kept traces to the sink.
///
/// # Errors
/// When an image is missing.
pub fn values(room: &Room, sink: &str) -> Result<Value> {
    let image = |name| room.cluster.image(name).map(crate::cluster::Image::values);
    Ok(json!({
        "models": [model(room)?],
        "metrics": {"mode": "standalone", "scrape": {"interval": "5s", "timeout": "5s"}},
        "rules": {"window": "30s", "interval": "5s"},
        "tracing": {
            "collector": {
                "image": image("otelcol-vllm")?,
                "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "1Gi"}},
            },
            "sampling": {"decisionWait": "2s"},
            // The tests' own spans come over HTTP, through the API server.
            "receiver": {"http": {"enabled": true}},
            // What is kept is compared with what is slow by the limits.
            "policy": {
                "errors": {"enabled": false},
                "slowest": {"enabled": false},
                "baseline": {"enabled": false},
                "budget": {"enabled": false},
            },
            "exporters": {"debug": {"enabled": false}, "otlphttp": {"sink": {"endpoint": sink}}},
        },
        "prometheus": {
            "image": image("prometheus")?,
            "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "1Gi"}},
        },
        "alertmanager": {
            "image": image("alertmanager")?,
            "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
        },
        "helmTest": {"image": image("install-check")?, "timeout": "50s"},
    }))
}

/// Puts `over` over `values`, map by map, as helm merges values files.
pub fn merge(values: &mut Value, over: Value) {
    match (values, over) {
        (Value::Object(values), Value::Object(over)) => {
            for (key, value) in over {
                merge(values.entry(key).or_insert(Value::Null), value);
            }
        }
        (values, over) => *values = over,
    }
}
