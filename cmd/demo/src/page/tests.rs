use std::fs;
use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt;

use super::{Defaults, Site, index, prom, router};

fn defaults() -> Defaults {
    Defaults {
        scrape_interval: "2s".to_owned(),
        duration: "15m".to_owned(),
        refresh_interval: "5s".to_owned(),
    }
}

fn site(folder: &Path) -> Router {
    let (page, dashboards) = (folder.join("page"), folder.join("dashboards"));
    fs::create_dir_all(&page).unwrap();
    fs::create_dir_all(&dashboards).unwrap();
    fs::write(page.join("index.html"), "<p>shell").unwrap();
    fs::write(folder.join("secret"), "no").unwrap();
    for (name, title) in [("a", "A"), ("fleet", "Fleet")] {
        let text = format!(r#"{{"spec": {{"display": {{"name": "{title}"}}}}}}"#);
        fs::write(dashboards.join(name).with_extension("json"), text).unwrap();
    }
    router(&Site {
        page: &page,
        dashboards: &dashboards,
        prometheus: 1, // nothing listens there
        defaults: defaults(),
    })
}

/// Status, content security policy, body.
async fn ask(router: &Router, method: Method, path: &str) -> (StatusCode, String, String) {
    let request = Request::builder().method(method).uri(path);
    let request = request.body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let policy = answer.headers().get(header::CONTENT_SECURITY_POLICY);
    let policy = policy
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, policy, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn page_and_dashboards_are_served_with_a_policy_and_nothing_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let router = site(folder.path());
    for path in ["/", "/d/fleet", "/d/fleet/x?var-model=m"] {
        let (status, policy, body) = ask(&router, Method::GET, path).await;
        assert_eq!(
            (status, body.as_str()),
            (StatusCode::OK, "<p>shell"),
            "{path}"
        );
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("eval"),
            "{policy}"
        );
    }
    let (_, _, body) = ask(&router, Method::GET, "/dashboards/index.json").await;
    let found: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(found["scrapeInterval"], "2s");
    assert_eq!(found["dashboards"][0]["title"], "Fleet");
    assert_eq!(found["dashboards"][1]["name"], "a");
    let (status, _, _) = ask(&router, Method::GET, "/dashboards/a.json").await;
    assert_eq!(status, StatusCode::OK);
    for path in [
        "/nothing.js",
        "/../secret",
        "/%2e%2e/secret",
        "/dashboards/../../secret",
    ] {
        let (status, _, body) = ask(&router, Method::GET, path).await;
        assert!(
            status.is_client_error() && body != "no",
            "{path}: {status} {body}"
        );
    }
}

#[tokio::test]
async fn a_prometheus_that_is_gone_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let router = site(folder.path());
    let (status, _, body) = ask(&router, Method::GET, "/prom/api/v1/query?query=up").await;
    assert_eq!(status, StatusCode::BAD_GATEWAY, "{body}");
    let (status, _, body) = ask(&router, Method::POST, "/prom/api/v1/admin/tsdb/snapshot").await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
}

#[test]
fn only_questions_reach_prometheus() {
    for path in [
        "query",
        "query_range",
        "series",
        "labels",
        "label/model/values",
    ] {
        assert!(
            prom::reads(&Method::GET, &format!("api/v1/{path}")),
            "{path}"
        );
    }
    assert!(prom::reads(&Method::POST, "api/v1/query_range"));
    for (method, path) in [
        (Method::POST, "api/v1/admin/tsdb/delete_series"),
        (Method::DELETE, "api/v1/series"),
        (Method::PUT, "api/v1/query"),
        (Method::POST, "-/reload"),
        (Method::GET, "api/v1/label/a/b/values"),
        (Method::GET, "api/v1/query/../admin"),
        (Method::GET, "metrics"),
        (Method::GET, "api/v1/status/config"),
    ] {
        assert!(!prom::reads(&method, path), "{method} {path}");
    }
}

#[test]
fn a_dashboard_that_is_no_json_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let none = index::index(&folder.path().join("none"), &defaults()).unwrap();
    assert_eq!(none["dashboards"], serde_json::json!([]));
    fs::write(folder.path().join("broken.json"), "{").unwrap();
    let said = index::index(folder.path(), &defaults()).unwrap_err();
    assert!(said.to_string().contains("broken.json"), "{said:#}");
}
