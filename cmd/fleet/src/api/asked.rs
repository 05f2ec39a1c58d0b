//! What a client asks for, read and checked.

use axum::http::StatusCode;
use serde_json::Value;

use super::refusal::Refusal;
use crate::model::{End, Request};
use crate::state::Server;
use crate::world::lock;

/// Characters of a token, about.
const CHARACTERS: usize = 4;

/// `max_tokens` of `/v1/completions` where none is given.
const DEFAULT_MAX_TOKENS: u64 = 16;

/// Tokens of an answer that stops by itself.
const USUAL_ANSWER: u64 = 220;

/// The request, or why the real server refuses it (its words are the captured ones).
pub(super) fn read(server: &Server, asked: &Value, chat: bool) -> Result<Request, Refusal> {
    let replica = lock(&server.member.replica);
    let settings = replica.settings();
    if let Some(model) = asked["model"].as_str()
        && !settings.models.iter().any(|served| served == model)
    {
        let aliases = settings.models.join(", ");
        return Err(Refusal {
            status: StatusCode::NOT_FOUND,
            message: format!("The model `{model}` does not exist. Valid aliases: {aliases}."),
            kind: "NotFoundError",
            param: Some("model"),
        });
    }
    let number = |key: &str, default: f64| asked[key].as_f64().unwrap_or(default);
    let temperature = number("temperature", 1.0);
    if temperature < 0.0 {
        let message = format!(
            "temperature must be non-negative, got {temperature:?}. (parameter=temperature, value={temperature:?})"
        );
        return Err(Refusal::bad(&message, Some("temperature")));
    }
    let most = settings.config.max_model_len;
    let limit = asked["max_completion_tokens"]
        .as_u64()
        .or(asked["max_tokens"].as_u64());
    if let Some(limit) = limit.filter(|limit| *limit > most) {
        let message = format!(
            "max_tokens={limit} cannot be greater than max_model_len={most}. Please request fewer output tokens. (parameter=max_tokens, value={limit})"
        );
        return Err(Refusal::bad(&message, Some("max_tokens")));
    }
    let prompt = if chat {
        let messages = asked["messages"].as_array();
        let texts = messages
            .into_iter()
            .flatten()
            .map(|m| 4 + tokens(&m["content"]));
        texts.sum::<u64>()
    } else {
        tokens(&asked["prompt"])
    }
    .max(1);
    if prompt >= most {
        let message = format!(
            "This model's maximum context length is {most} tokens. However, your request has {prompt} input tokens. Please reduce the length of the input messages."
        );
        return Err(Refusal::bad(&message, None));
    }
    let room = (settings.config.room() - 1).saturating_sub(prompt).max(1);
    let default = if chat { room } else { DEFAULT_MAX_TOKENS };
    let max_tokens = limit.unwrap_or(default).clamp(1, room);
    let whole = asked["ignore_eos"] == true || max_tokens <= USUAL_ANSWER;
    Ok(Request {
        id: 0,
        arrival: server.world.virtual_now(),
        prompt,
        output: if whole { max_tokens } else { USUAL_ANSWER },
        end: if whole { End::Length } else { End::Stop },
        leaves_after: None,
        max_tokens,
        temperature,
        top_p: number("top_p", 1.0),
        n: asked["n"].as_u64().unwrap_or(1).clamp(1, 16),
        prefix: None,
        chat,
        client: None,
    })
}

/// Tokens of a text, or of a list of token ids.
fn tokens(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len().div_ceil(CHARACTERS) as u64,
        Value::Array(ids) => ids.len() as u64,
        _ => 0,
    }
}
