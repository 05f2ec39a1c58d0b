//! `/fleet`: what the world is like, and how to change it.
//!
//! - `GET /fleet`: scenario, speed, replicas
//! - `POST /fleet/scenario`: a JSON object, [`crate::world::Switch`]
//! - `GET /fleet/truth?from=N`: truth as JSON lines; the header `next` tells the next N
//! - `GET /fleet/sd?model=NAME`: targets for Prometheus' `http_sd_configs`, of all models without `model`

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::world::{Member, Switch, World, lock};

/// The routes.
pub fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/fleet", get(state))
        .route("/fleet/scenario", post(switch))
        .route("/fleet/truth", get(truth))
        .route("/fleet/sd", get(targets))
        .with_state(world)
}

async fn state(State(world): State<Arc<World>>) -> Json<Value> {
    let (scenario, speed) = world.scenario();
    let replicas: Vec<Value> = world
        .members
        .iter()
        .map(|member| {
            let replica = lock(&member.replica);
            let stats = replica.stats();
            json!({
                "name": replica.settings().name,
                "model": replica.settings().models[0],
                "up": replica.is_up(),
                "running": stats.iter().map(|s| s.running).sum::<usize>(),
                "waiting": stats.iter().map(|s| s.waiting).sum::<usize>(),
                "kv_cache_usage": stats.iter().map(|s| s.kv_usage).fold(0.0, f64::max),
            })
        })
        .collect();
    Json(json!({"scenario": scenario.as_str(), "speed": speed, "replicas": replicas}))
}

async fn switch(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let wanted: Switch = match serde_json::from_slice(&body) {
        Ok(wanted) => wanted,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    // A skip computes for seconds: not on a thread that answers others.
    let done = tokio::task::spawn_blocking(move || world.switch(&wanted)).await;
    match done {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(why)) => (StatusCode::BAD_REQUEST, format!("{why}\n")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

async fn truth(
    State(world): State<Arc<World>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let from = match query.get("from").map_or(Ok(0), |text| text.parse()) {
        Ok(from) => from,
        Err(_) => {
            let why = "from: expected the number of a line\n";
            return (StatusCode::BAD_REQUEST, why).into_response();
        }
    };
    let (truth, next) = world.truth(from);
    let lines: String = truth
        .iter()
        .filter_map(|truth| serde_json::to_string(truth).ok())
        .map(|line| format!("{line}\n"))
        .collect();
    ([("next", next.to_string())], lines).into_response()
}

/// Each server as the Kubernetes API would describe its pod, so that rendered relabelling works.
async fn targets(
    State(world): State<Arc<World>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Json<Value> {
    let wanted = query.get("model");
    let of_model = |member: &&Arc<Member>| {
        let replica = lock(&member.replica);
        wanted.is_none_or(|model| *model == replica.settings().models[0])
    };
    let targets = world.members.iter().filter(of_model).map(|member| {
        let replica = lock(&member.replica);
        let settings = replica.settings();
        let of = |key: &str| {
            let found = settings.environment.iter().find(|(name, _)| name == key);
            found.map_or("", |(_, value)| value.as_str()).to_owned()
        };
        json!({
            "targets": [member.address.map(|a| a.to_string()).unwrap_or_default()],
            "labels": {
                "__meta_kubernetes_namespace": of("k8s.namespace.name"),
                "__meta_kubernetes_pod_name": settings.name,
                "__meta_kubernetes_pod_ip": member.address.map(|a| a.ip().to_string()).unwrap_or_default(),
                "__meta_kubernetes_pod_phase": "Running",
                "__meta_kubernetes_pod_container_init": "false",
            },
        })
    });
    Json(targets.collect())
}
