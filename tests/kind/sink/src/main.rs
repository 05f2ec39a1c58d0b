//! The far end of a cluster test, which reads it from the pod's log: one JSON line for each span
//! that an OTLP/HTTP exporter delivers (`{"span": {…}}`, as OTLP/JSON writes it) and for each alert
//! that an Alertmanager posts (`{"alert": {…}}`). Both carry `at`, the second (since 1970) of their arrival.
//! `POST /behaviour` with `{"status": 503, "milliseconds": 2000}` makes it a store that is slow or refuses.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tower_http::decompression::RequestDecompressionLayer;

const PORT: u16 = 8080;

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT))
        .await
        .with_context(|| format!("port {PORT} cannot be had"))?;
    let mut terminate = signal(SignalKind::terminate())?;
    axum::serve(listener, router(|line| println!("{line}")))
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}

/// How exports are answered from now on.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Behaviour {
    /// Anything but 200 takes nothing.
    status: u16,
    /// How long an answer takes.
    milliseconds: u64,
}

/// Seconds since 1970.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

/// The four paths; every delivered thing goes to `print`, one call each.
fn router(print: impl Fn(Value) + Clone + Send + Sync + 'static) -> Router {
    let alerts = print.clone();
    let behaviour = Arc::new(Mutex::new(Behaviour {
        status: 200,
        milliseconds: 0,
    }));
    let changed = Arc::clone(&behaviour);
    Router::new()
        .route(
            "/behaviour",
            post(move |Json(to): Json<Behaviour>| async move {
                if let Ok(mut behaviour) = changed.lock() {
                    *behaviour = to;
                }
            }),
        )
        .route("/health", get(|| async { "ok" }))
        .route(
            "/alerts",
            post(move |Json(body): Json<Value>| async move {
                for alert in body["alerts"].as_array().into_iter().flatten() {
                    alerts(json!({"alert": alert, "at": now()}));
                }
            }),
        )
        .route(
            "/v1/traces",
            post(move |body: Bytes| async move {
                let Behaviour {
                    status,
                    milliseconds,
                } = behaviour.lock().map_or_else(|e| *e.into_inner(), |b| *b);
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                if status != 200 {
                    let status = StatusCode::from_u16(status);
                    let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
                    return Err((status, "as /behaviour says".to_owned()));
                }
                // A body that is no export is refused for good, so that the exporter reports it.
                let export = ExportTraceServiceRequest::decode(body)
                    .map_err(|e| (StatusCode::BAD_REQUEST, e.to_string()))?;
                for resource in export.resource_spans {
                    for span in resource.scope_spans.into_iter().flat_map(|s| s.spans) {
                        print(json!({"span": span, "resource": resource.resource, "at": now()}));
                    }
                }
                Ok::<_, (StatusCode, String)>(())
            })
            .layer(RequestDecompressionLayer::new()),
        )
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::{Arc, Mutex};

    use axum::body::Body;
    use axum::http::Request;
    use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
    use tower::ServiceExt as _;

    use super::*;

    /// What the sink prints for one request, and its status.
    async fn post_to(path: &str, gzip: bool, body: Vec<u8>) -> (StatusCode, Vec<Value>) {
        let printed = Arc::new(Mutex::new(Vec::new()));
        let keep = printed.clone();
        let mut request = Request::post(path).header("content-type", "application/json");
        let body = if gzip {
            request = request.header("content-encoding", "gzip");
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&body).unwrap();
            encoder.finish().unwrap()
        } else {
            body
        };
        let answer = router(move |line| keep.lock().unwrap().push(line))
            .oneshot(request.body(Body::from(body)).unwrap())
            .await
            .unwrap();
        let lines = printed.lock().unwrap().clone();
        (answer.status(), lines)
    }

    #[tokio::test]
    async fn each_span_of_a_compressed_export_is_a_line() {
        let span = |name: &str| Span {
            name: name.to_owned(),
            ..Span::default()
        };
        let export = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                scope_spans: vec![ScopeSpans {
                    spans: vec![span("a"), span("b")],
                    ..ScopeSpans::default()
                }],
                ..ResourceSpans::default()
            }],
        };
        for gzip in [true, false] {
            let (status, lines) = post_to("/v1/traces", gzip, export.encode_to_vec()).await;
            assert_eq!(status, StatusCode::OK);
            let names: Vec<_> = lines.iter().map(|l| &l["span"]["name"]).collect();
            assert_eq!(names, ["a", "b"]);
        }
    }

    #[tokio::test]
    async fn what_is_no_export_is_refused() {
        let (status, lines) = post_to("/v1/traces", false, b"\xff\xff".to_vec()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(lines.is_empty());
    }

    #[tokio::test]
    async fn each_alert_of_a_notification_is_a_line() {
        let body =
            json!({"alerts": [{"labels": {"alertname": "A"}}, {"labels": {"alertname": "B"}}]});
        let (status, lines) = post_to("/alerts", false, body.to_string().into_bytes()).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(lines[1]["alert"]["labels"]["alertname"], "B");
    }
}
