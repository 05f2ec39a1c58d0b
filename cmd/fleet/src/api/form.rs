//! The JSON of answers.

use serde_json::{Value, json};

use crate::clock::unix_now;
use crate::model::End;

/// What an answer is made of.
pub(super) struct Form {
    pub(super) chat: bool,
    pub(super) id: String,
    pub(super) model: Option<String>,
    pub(super) prompt: u64,
    pub(super) n: u64,
    pub(super) with_usage: bool,
}

impl Form {
    /// The frame of an answer, or of a piece of one.
    pub(super) fn object(&self, streamed: bool, choices: &Value) -> Value {
        let object = match (self.chat, streamed) {
            (true, true) => "chat.completion.chunk",
            (true, false) => "chat.completion",
            (false, _) => "text_completion",
        };
        json!({
            "id": self.id, "object": object, "created": unix_now() as u64,
            "model": self.model, "choices": choices,
        })
    }

    /// One of its `n` choices.
    pub(super) fn choice(
        &self,
        index: u64,
        tokens: u64,
        streamed: bool,
        end: Option<End>,
    ) -> Value {
        let text = " token".repeat(tokens as usize);
        let mut choice =
            json!({"index": index, "logprobs": null, "finish_reason": end.map(End::as_str)});
        match (self.chat, streamed) {
            (true, true) => choice["delta"] = json!({"content": text}),
            (true, false) => choice["message"] = json!({"role": "assistant", "content": text}),
            (false, _) => choice["text"] = json!(text),
        }
        choice
    }

    /// Tokens.
    pub(super) fn usage(&self, generated: u64) -> Value {
        json!({
            "prompt_tokens": self.prompt,
            "completion_tokens": generated,
            "total_tokens": self.prompt + generated,
        })
    }
}
