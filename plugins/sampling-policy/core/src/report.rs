//! What is learnt, as gauges.

use policy_kit::Gauge;

use crate::json::Node;
use crate::models::{Model, OTHERS, PROMPTS};
use crate::sketch::Sketch;
use crate::state::State;

const LIMIT: Gauge<'static> = Gauge {
    name: "learned_limit",
    unit: "s",
    description: "Limit learnt from the model's own requests, above which one is among its slowest.",
    shards: "max",
};

const OBSERVATIONS: Gauge<'static> = Gauge {
    name: "learned_observations",
    unit: "{request}",
    description: "Requests that the limit is learnt from; older ones count less.",
    shards: "sum",
};

const OTHER_LOOKUPS: Gauge<'static> = Gauge {
    name: "unlearned_requests",
    unit: "{request}",
    description: "Requests of models beyond the 64 that are told apart, since the start.",
    shards: "sum",
};

const TOKENS: Gauge<'static> = Gauge {
    name: "budget_tokens",
    unit: "{trace}",
    description: "Traces that the budget still allows at once.",
    shards: "sum",
};

/// All gauges.
pub const GAUGES: [Gauge<'static>; 4] = [LIMIT, OBSERVATIONS, OTHER_LOOKUPS, TOKENS];

/// The values of the gauges, as the JSON of `ABI.md`.
#[must_use]
pub fn report(state: &State) -> String {
    let no_labels = || Node::Object(Vec::new());
    let mut values = vec![
        value(TOKENS, no_labels(), state.bucket.tokens()),
        value(OTHER_LOOKUPS, no_labels(), state.models.others() as f64),
    ];
    let entries = state.models.entries();
    for (at, model) in entries.iter().enumerate() {
        let shared = at + 1 == entries.len();
        for (sketch, measure, prompt) in sketches(model) {
            if sketch.settled() == 0.0 {
                continue;
            }
            let name = String::from_utf8_lossy(model.name());
            let labels = Node::object([
                ("model", Node::from(if shared { OTHERS } else { &name })),
                ("measure", Node::from(measure)),
                ("prompt_tokens", Node::from(prompt)),
            ]);
            values.push(value(OBSERVATIONS, labels.clone(), sketch.settled()));
            if let Some(limit) = sketch.limit() {
                values.push(value(LIMIT, labels, limit));
            }
        }
    }
    Node::object([("gauges", Node::List(values))]).to_json()
}

fn sketches(model: &Model) -> impl Iterator<Item = (&Sketch, &'static str, &'static str)> {
    let first_token = model.first_token.iter().zip(PROMPTS);
    first_token
        .map(|(sketch, (_, prompt))| (sketch, "time_to_first_token", prompt))
        .chain([(&model.output, "time_per_output_token", "+Inf")])
}

fn value(gauge: Gauge<'_>, labels: Node, value: f64) -> Node {
    Node::object([
        ("name", Node::from(gauge.name)),
        ("labels", labels),
        ("value", value.into()),
    ])
}
