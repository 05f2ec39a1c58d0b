//! The cluster under test and the images that run on it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use kube::Client;
use kube::api::{Api, ApiResource, DynamicObject, Patch, PatchParams};
use kube::core::GroupVersionKind;
use serde::Deserialize;
use serde_json::{Value, json};

/// One image, as the chart's values name it.
#[derive(Debug, Clone, Deserialize)]
pub struct Image {
    /// Registry and name.
    pub repository: String,
    /// Tag.
    pub tag: String,
}

impl Image {
    /// The values of an image in the chart.
    #[must_use]
    pub fn values(&self) -> Value {
        json!({"repository": self.repository, "tag": self.tag})
    }

    /// The reference that a container names.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}:{}", self.repository, self.tag)
    }
}

/// A cluster that answers, and images that it can run.
#[derive(Clone)]
pub struct Cluster {
    /// Speaks to its API server.
    pub client: Client,
    images: BTreeMap<String, Image>,
}

impl Cluster {
    /// The cluster of `KUBECONFIG`, with the images of the file that `IMAGES` names (by default
    /// what images/build wrote).
    ///
    /// # Errors
    /// When either is missing or the API server does not answer; says how to get them.
    pub async fn connect() -> Result<Self> {
        let how = "run the suite with `make kind-test`";
        std::env::var_os("KUBECONFIG")
            .with_context(|| format!("KUBECONFIG names no cluster: {how}"))?;
        let file = std::env::var_os("IMAGES").map_or_else(
            || harness::repo::root().join("target/images/images.json"),
            PathBuf::from,
        );
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("{}: {how}", file.display()))?;
        let images = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
        let client = Client::try_default()
            .await
            .context("KUBECONFIG cannot be used")?;
        client
            .apiserver_version()
            .await
            .context("the cluster of KUBECONFIG does not answer")?;
        Ok(Self { client, images })
    }

    /// The image of that name.
    ///
    /// # Errors
    /// When images/build made none of that name.
    pub fn image(&self, name: &str) -> Result<&Image> {
        self.images.get(name).with_context(|| {
            format!("no image '{name}' in the list of images: build with `images/build --tests`")
        })
    }

    /// GET from a pod or a Service through the API server's proxy; the body.
    ///
    /// # Errors
    /// When nothing answers there, or not with 2xx.
    pub async fn get(&self, namespace: &str, what: &str, path: &str) -> Result<String> {
        let url = format!("/api/v1/namespaces/{namespace}/{what}/proxy{path}");
        let request = http::Request::get(&url).body(Vec::new())?;
        self.client
            .request_text(request)
            .await
            .with_context(|| format!("GET {url}"))
    }

    /// Creates an object of any kind (version `v1`), or gives it another body.
    ///
    /// # Errors
    /// When the API server refuses it; its words are in the error.
    pub async fn apply(
        &self,
        group: &str,
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        mut body: Value,
    ) -> Result<()> {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, "v1", kind));
        let api: Api<DynamicObject> = match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        };
        body["apiVersion"] = json!(resource.api_version);
        body["kind"] = json!(kind);
        body["metadata"]["name"] = json!(name);
        let by = PatchParams::apply("vllm-monitoring-tests").force();
        api.patch(name, &by, &Patch::Apply(&body))
            .await
            .with_context(|| format!("{kind} {name}"))?;
        Ok(())
    }
}
