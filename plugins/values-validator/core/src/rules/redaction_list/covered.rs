//! What the chart's list is there for and other expressions do not match.

use crate::{Node, re2};

/// At least one name for each alternative of the chart's list.
const SAMPLES: [&str; 28] = [
    "user.id",
    "enduser.id",
    "gen_ai.request.user",
    "llm.user",
    "session.id",
    "client.address",
    "client.ip",
    "gen_ai.prompt",
    "gen_ai.prompt.0.content",
    "gen_ai.completion.0.content",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "gen_ai.event.content",
    "traceloop.entity.input",
    "traceloop.entity.output",
    "llm.prompts.0.content",
    "llm.completions.0.content",
    "llm.input_messages.0.message.content",
    "llm.output_messages.0.message.content",
    "input.value",
    "http.request.body",
    "http.request.header.authorization",
    "http.request.header.cookie",
    "http.request.header.x-api-key",
];

/// The first of those names that no expression of the list matches.
pub(super) fn left_out(list: &Node) -> Option<&'static str> {
    let own = list.items().iter().filter_map(Node::as_str);
    let own: Vec<_> = own.filter_map(re2::whole).collect();
    SAMPLES
        .into_iter()
        .find(|name| !own.iter().any(|pattern| pattern.is_match(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_expression_of_the_chart_matches_a_name() {
        let list = crate::rules::without_effect::default("tracing.redaction.attributes").unwrap();
        assert_eq!(left_out(list), None);
        for item in list.items().iter().filter_map(Node::as_str) {
            let pattern = re2::whole(item).unwrap();
            assert!(SAMPLES.iter().any(|name| pattern.is_match(name)), "{item}");
        }
    }
}
