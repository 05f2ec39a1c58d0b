//! The dashboards in a browser: the built page, the dashboards' files and Prometheus, on one origin.
//!
//! Nothing can be changed through it: of Prometheus only what reads is passed on.

mod index;
mod prom;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Redirect;
use axum::routing::{any, get};
use harness::repo;
use tokio::runtime::Runtime;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

pub use index::Defaults;

/// What the browser may load: this origin. Styles are set from script by the page's components.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Where the page and the dashboards lie, and Prometheus.
#[derive(Debug, Clone)]
pub struct Site<'a> {
    /// The built page.
    pub page: &'a Path,
    /// Perses' dashboards, `*.json`.
    pub dashboards: &'a Path,
    /// Prometheus' port on loopback.
    pub prometheus: u16,
    /// What the page shows first.
    pub defaults: Defaults,
}

/// The server; ends when it falls.
pub struct Server {
    _runtime: Runtime,
}

/// Serves at `port` of loopback.
///
/// # Errors
/// When the port is taken.
pub fn serve(port: u16, site: &Site<'_>) -> Result<Server> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind(address))
        .with_context(|| format!("the dashboards cannot be served at {address}"))?;
    let router = router(site);
    runtime.spawn(async move { axum::serve(listener, router).await });
    Ok(Server { _runtime: runtime })
}

/// Where `tools/page` puts the page; `None` where it was not built.
#[must_use]
pub fn built() -> Option<std::path::PathBuf> {
    let folder = repo::root().join("target/pages/dashboards-page");
    folder.join("index.html").is_file().then_some(folder)
}

fn router(site: &Site<'_>) -> Router {
    let shell = ServeFile::new(site.page.join("index.html"));
    let prometheus = format!("http://127.0.0.1:{}", site.prometheus);
    let (folder, defaults) = (site.dashboards.to_owned(), site.defaults.clone());
    let here = prometheus.clone();
    let fixed =
        |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .route(
            "/dashboards/index.json",
            get(move || index::answer(folder, defaults)),
        )
        .nest_service("/dashboards", ServeDir::new(site.dashboards))
        .route(
            "/prom/{*path}",
            any(prom::pass).with_state(prom::Upstream::new(prometheus)),
        )
        .route(
            "/prometheus",
            get(move || async move { Redirect::temporary(&here) }),
        )
        .route_service("/d/{*path}", shell)
        .fallback_service(ServeDir::new(site.page))
        .layer(fixed(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
}

#[cfg(test)]
mod tests;
