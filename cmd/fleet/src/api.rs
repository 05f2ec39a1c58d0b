//! OpenAI's two routes as vLLM answers them, whole or streamed; a client that leaves is an abort.

mod asked;
mod form;
mod refusal;

use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;

use self::asked::read;
use self::form::Form;
use self::refusal::{Refusal, failed};
use crate::clock::unix_now;
use crate::http_stats::Call;
use crate::model::End;
use crate::replica::{Piece, handler};
use crate::spans::Parent;
use crate::state::Server;
use crate::world::{Member, lock};

/// `GET /v1/models`.
pub async fn models(State(server): State<Server>) -> Json<Value> {
    let mut replica = lock(&server.member.replica);
    let settings = replica.settings();
    let created = unix_now() as u64;
    let data: Vec<Value> = settings
        .models
        .iter()
        .map(|id| {
            json!({
                "id": id, "object": "model", "created": created, "owned_by": "vllm",
                "root": settings.models[0], "parent": null,
                "max_model_len": settings.config.max_model_len,
            })
        })
        .collect();
    let answer = json!({"object": "list", "data": data});
    let call = Call {
        handler: "/v1/models",
        method: "GET",
        status: "2xx",
        seconds: 0.001,
        request_bytes: 0,
        response_bytes: answer.to_string().len() as u64,
    };
    replica.http.count(&call, unix_now());
    Json(answer)
}

/// `POST /v1/completions`.
pub async fn completions(
    State(server): State<Server>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(server, &headers, &body, false).await
}

/// `POST /v1/chat/completions`.
pub async fn chat_completions(
    State(server): State<Server>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(server, &headers, &body, true).await
}

/// Counts a call when it ends, and aborts the request of a client that left before.
#[derive(Debug)]
struct Guard {
    member: Arc<Member>,
    client: Option<u64>,
    chat: bool,
    status: &'static str,
    started: Instant,
    request_bytes: u64,
    response_bytes: u64,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut replica = lock(&self.member.replica);
        if let Some(client) = self.client {
            replica.abort(client);
        }
        let call = Call {
            handler: handler(self.chat),
            method: "POST",
            status: self.status,
            seconds: self.started.elapsed().as_secs_f64(),
            request_bytes: self.request_bytes,
            response_bytes: self.response_bytes,
        };
        replica.http.count(&call, unix_now());
    }
}

async fn answer(server: Server, headers: &HeaderMap, body: &[u8], chat: bool) -> Response {
    let mut guard = Guard {
        member: Arc::clone(&server.member),
        client: None,
        chat,
        status: "2xx",
        started: Instant::now(),
        request_bytes: body.len() as u64,
        response_bytes: 0,
    };
    let parsed = serde_json::from_slice(body)
        .map_err(|error| Refusal::bad(&format!("Invalid JSON: {error}"), None))
        .and_then(|value| read(&server, &value, chat).map(|request| (value, request)));
    let (asked, request) = match parsed {
        Ok(parsed) => parsed,
        Err(refusal) => {
            guard.status = "4xx";
            return refusal.into_response();
        }
    };
    let base = format!("{:016x}", fresh());
    let (id, span_id) = if chat {
        (format!("chatcmpl-{base}"), format!("chatcmpl-{base}"))
    } else {
        (format!("cmpl-{base}"), format!("cmpl-{base}-0"))
    };
    let header = |name| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("")
    };
    let parent = Parent::parse(header("traceparent"), header("tracestate"));
    let form = Form {
        chat,
        id,
        model: asked["model"].as_str().map(str::to_owned),
        prompt: request.prompt,
        n: request.n,
        with_usage: asked["stream_options"]["include_usage"] == true,
    };
    server.world.tick();
    let submitted = lock(&server.member.replica).submit(request, span_id, parent);
    let Some((client, pieces)) = submitted else {
        guard.status = "5xx";
        return Refusal {
            status: StatusCode::SERVICE_UNAVAILABLE,
            message: "The server is overloaded: too many requests are queued.".to_owned(),
            kind: "ServiceUnavailableError",
            param: None,
        }
        .into_response();
    };
    guard.client = Some(client);
    if asked["stream"] == true {
        stream(guard, form, pieces)
    } else {
        whole(guard, &form, pieces).await
    }
}

async fn whole(
    mut guard: Guard,
    form: &Form,
    mut pieces: mpsc::UnboundedReceiver<Piece>,
) -> Response {
    let (mut generated, mut ends) = (0, Vec::new());
    while (ends.len() as u64) < form.n {
        match pieces.recv().await {
            Some(Piece::Tokens(count)) => generated += count,
            Some(Piece::Ended(End::Error)) | None => {
                guard.status = "5xx";
                return failed().into_response();
            }
            Some(Piece::Ended(end)) => ends.push(end),
        }
    }
    guard.client = None;
    let each = generated / form.n;
    let choices: Vec<Value> = (0..)
        .zip(ends)
        .map(|(index, end)| form.choice(index, each, false, Some(end)))
        .collect();
    let mut answer = form.object(false, &json!(choices));
    answer["usage"] = form.usage(generated);
    guard.response_bytes = answer.to_string().len() as u64;
    Json(answer).into_response()
}

fn stream(mut guard: Guard, form: Form, pieces: mpsc::UnboundedReceiver<Piece>) -> Response {
    let (mut generated, mut ended) = (0, 0);
    let events = UnboundedReceiverStream::new(pieces).map(move |piece| {
        // The whole guard moves in here, not copies of its fields: it must fall with the stream.
        let guard = &mut guard;
        let mut text = String::new();
        let mut say = |value: &Value| text.push_str(&format!("data: {value}\n\n"));
        match piece {
            Piece::Tokens(count) => {
                generated += count;
                say(&form.object(true, &json!([form.choice(0, count, true, None)])));
            }
            Piece::Ended(End::Error) => {
                guard.status = "5xx";
                guard.client = None;
                say(&failed().body());
            }
            Piece::Ended(end) => {
                ended += 1;
                say(&form.object(true, &json!([form.choice(0, 0, true, Some(end))])));
                if ended == form.n {
                    guard.client = None;
                    if form.with_usage {
                        let mut last = form.object(true, &json!([]));
                        last["usage"] = form.usage(generated);
                        say(&last);
                    }
                    text.push_str("data: [DONE]\n\n");
                }
            }
        }
        guard.response_bytes += text.len() as u64;
        Ok::<_, Infallible>(Bytes::from(text))
    });
    let kind = [(CONTENT_TYPE, "text/event-stream; charset=utf-8")];
    (kind, Body::from_stream(events)).into_response()
}

/// Not of the seeded generators: what clients ask for comes when it likes anyway.
fn fresh() -> u64 {
    RandomState::new().hash_one(0)
}
