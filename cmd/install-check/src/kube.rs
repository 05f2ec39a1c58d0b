//! Reading from the Kubernetes API with the pod's own token.

use std::sync::Arc;
use std::{env, fs};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};

use crate::net::{Client, LARGEST, start};
use crate::operator::Metadata;

/// Where Kubernetes puts the account's files.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The API server, and who asks it.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    token: String,
    certificates: Option<Arc<Vec<Certificate<'static>>>>,
}

impl Api {
    /// An API server that needs no certificate of its own.
    #[must_use]
    pub fn at(base: &str, token: &str) -> Self {
        Self {
            base: base.to_owned(),
            token: token.to_owned(),
            certificates: None,
        }
    }

    /// The cluster's API server as this pod reaches it.
    ///
    /// # Errors
    /// When the pod has no token; says what to set.
    pub fn in_cluster() -> Result<Self, String> {
        let missing = "the test's pod has no token to read Prometheus objects with; set helmTest.rbac.create: true, or compare metrics.operator.labels by hand with `kubectl get prometheus -A -o yaml`";
        let file = |name| fs::read(format!("{ACCOUNT}/{name}")).map_err(|_| missing.to_owned());
        let name = |name| env::var(name).map_err(|_| missing.to_owned());
        let token = String::from_utf8_lossy(&file("token")?).trim().to_owned();
        let certificates = ureq::tls::parse_pem(&file("ca.crt")?)
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        let host = name("KUBERNETES_SERVICE_HOST")?;
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host
        };
        Ok(Self {
            base: format!("https://{host}:{}", name("KUBERNETES_SERVICE_PORT")?),
            token,
            certificates: Some(Arc::new(certificates)),
        })
    }

    /// GET of a path.
    ///
    /// # Errors
    /// When it is refused, when nothing answers, or not with the JSON that is read here.
    pub fn get<T: DeserializeOwned>(&self, client: Client, path: &str) -> Result<T, String> {
        let tls = self.certificates.as_ref().map(|certificates| {
            TlsConfig::builder()
                .root_certs(RootCerts::Specific(Arc::clone(certificates)))
                .build()
        });
        let said = |e: ureq::Error| format!("the Kubernetes API does not answer ({e})");
        let mut answer = (client.agent_by(tls).get(format!("{}{path}", self.base)))
            .header("authorization", format!("Bearer {}", self.token))
            .call()
            .map_err(said)?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(LARGEST);
        let text = body.read_to_string().map_err(said)?;
        match status {
            200 => serde_json::from_str(&text)
                .map_err(|e| format!("the Kubernetes API answers {path} in another form ({e})")),
            401 | 403 => Err(format!(
                "the test's pod may not read {path} ({status}); set helmTest.rbac.create: true"
            )),
            404 => Err(format!("the cluster does not serve {path}")),
            _ => Err(format!(
                "the Kubernetes API answers {path} with {status}: {}",
                start(&text)
            )),
        }
    }

    /// Name and labels of a namespace.
    ///
    /// # Errors
    /// As [`Api::get`].
    pub fn metadata(&self, client: Client, namespace: &str) -> Result<Metadata, String> {
        #[derive(Deserialize)]
        struct Namespace {
            metadata: Metadata,
        }
        let found: Namespace = self.get(client, &format!("/api/v1/namespaces/{namespace}"))?;
        Ok(found.metadata)
    }
}
