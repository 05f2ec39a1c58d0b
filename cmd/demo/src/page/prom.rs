//! Prometheus on the page's origin: what reads is passed on, all else refused.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Questions that change nothing, below `/api/v1/`.
const READ: [&str; 10] = [
    "query",
    "query_range",
    "query_exemplars",
    "series",
    "labels",
    "metadata",
    "rules",
    "alerts",
    "parse_query",
    "status/buildinfo",
];

/// Where Prometheus listens.
#[derive(Debug, Clone)]
pub struct Upstream {
    url: String,
    client: Client<HttpConnector, Body>,
}

impl Upstream {
    /// `url` as `http://127.0.0.1:9090`.
    #[must_use]
    pub fn new(url: String) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { url, client }
    }
}

/// Whether a request only reads; `path` without the leading slash.
#[must_use]
pub fn reads(method: &Method, path: &str) -> bool {
    let Some(question) = path.strip_prefix("api/v1/") else {
        return false;
    };
    let label = question
        .strip_prefix("label/")
        .and_then(|rest| rest.strip_suffix("/values"))
        .is_some_and(|name| !name.is_empty() && !name.contains('/'));
    (READ.contains(&question) && (method == Method::GET || method == Method::POST))
        || (label && method == Method::GET)
}

/// Passes a question on.
pub async fn pass(
    State(upstream): State<Upstream>,
    Path(path): Path<String>,
    mut request: Request,
) -> Response {
    if !reads(request.method(), &path) {
        let why = format!(
            "{} /{path}: only questions are passed on\n",
            request.method()
        );
        return (StatusCode::FORBIDDEN, why).into_response();
    }
    let query = request
        .uri()
        .query()
        .map_or(String::new(), |q| format!("?{q}"));
    let Ok(uri) = format!("{}/{path}{query}", upstream.url).parse::<Uri>() else {
        return (StatusCode::BAD_REQUEST, "no such address\n").into_response();
    };
    *request.uri_mut() = uri;
    request.headers_mut().remove(header::HOST);
    match upstream.client.request(request).await {
        Ok(answer) => answer.map(Body::new).into_response(),
        Err(error) => {
            let why = format!("Prometheus does not answer: {error}\n");
            (StatusCode::BAD_GATEWAY, why).into_response()
        }
    }
}
