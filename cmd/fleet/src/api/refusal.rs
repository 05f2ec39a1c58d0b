//! Refusals, in the captured words.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal in vLLM's form.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
    pub(super) kind: &'static str,
    pub(super) param: Option<&'static str>,
}

impl Refusal {
    /// A 400.
    pub(super) fn bad(message: &str, param: Option<&'static str>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.to_owned(),
            kind: "BadRequestError",
            param,
        }
    }

    /// Its JSON.
    pub(super) fn body(&self) -> Value {
        json!({"error": {
            "message": self.message, "type": self.kind, "param": self.param,
            "code": self.status.as_u16(),
        }})
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}

/// The engine failed a request.
pub(super) fn failed() -> Refusal {
    Refusal {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        message: "EngineCore encountered an issue. See stack trace (above) for the root cause."
            .to_owned(),
        kind: "InternalServerError",
        param: None,
    }
}
