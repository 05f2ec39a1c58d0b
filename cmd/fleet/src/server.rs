//! A server's HTTP side: vLLM's routes, and `/fleet` beside them.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::clock::unix_now;
use crate::state::Server;
use crate::world::{Member, World, lock};
use crate::{api, control, exposition};

/// All routes of one server.
pub fn router(member: Arc<Member>, world: Arc<World>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/health", get(|| async {}))
        .route("/ping", get(|| async {}).post(|| async {}))
        .route(
            "/version",
            get(|| async { axum::Json(serde_json::json!({"version": "0.33.0"})) }),
        )
        .route("/v1/models", get(api::models))
        .route("/v1/completions", post(api::completions))
        .route("/v1/chat/completions", post(api::chat_completions))
        .with_state(Server {
            member,
            world: Arc::clone(&world),
        })
        .merge(control::router(world))
}

async fn metrics(State(context): State<Server>) -> impl IntoResponse {
    let body = lock(&context.member.replica).metrics(unix_now());
    ([(CONTENT_TYPE, exposition::CONTENT_TYPE)], body)
}

/// Listens at `address` while the server is up, until the process ends.
///
/// # Errors
/// When the address is taken.
pub async fn serve(address: SocketAddr, member: Arc<Member>, world: Arc<World>) -> Result<()> {
    let listener = bind(address).await?;
    let routes = router(Arc::clone(&member), world);
    tokio::spawn(async move {
        let mut up = member.up.subscribe();
        let mut listener = Some(listener);
        loop {
            if up.wait_for(|up| *up).await.is_err() {
                return;
            }
            let bound = match listener.take() {
                Some(listener) => Ok(listener),
                None => bind(address).await,
            };
            match bound {
                Ok(bound) => {
                    let mut up = up.clone();
                    let down = async move {
                        let _ = up.wait_for(|up| !*up).await;
                    };
                    let served = axum::serve(bound, routes.clone()).with_graceful_shutdown(down);
                    if let Err(error) = served.await {
                        eprintln!("{address}: {error}");
                    }
                }
                Err(error) => {
                    eprintln!("{error:#}");
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                }
            }
        }
    });
    Ok(())
}

/// Listens for every server that has an address.
///
/// # Errors
/// When an address is taken.
pub async fn serve_all(world: &Arc<World>) -> Result<()> {
    for member in &world.members {
        if let Some(address) = member.address {
            serve(address, Arc::clone(member), Arc::clone(world)).await?;
        }
    }
    Ok(())
}

/// Listens at `address` for `/fleet` alone, whatever the servers do.
///
/// # Errors
/// When the address is taken.
pub async fn serve_control(address: SocketAddr, world: Arc<World>) -> Result<()> {
    let listener = bind(address).await?;
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, control::router(world)).await {
            eprintln!("{address}: {error}");
        }
    });
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{address} is not free: stop what listens there, or choose another")
    })
}
