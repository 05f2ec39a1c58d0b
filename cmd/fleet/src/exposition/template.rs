//! The captured body, taken apart.

use std::sync::OnceLock;

/// A real body with every family of ours; optional ones beyond speculative decoding are left out.
const TEMPLATE: &str =
    include_str!("../../../../tests/fixtures/vllm/0.33.0/optional/metrics-loaded-1.txt");

/// Label names and values.
pub(super) type Labels = Vec<(String, String)>;

/// A family as it was captured.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: String,
    pub(super) help: String,
    pub(super) kind: String,
    /// Label sets without `le`, each once.
    pub(super) children: Vec<Labels>,
    /// The value of the first sample, for what never moves.
    pub(super) value: f64,
}

/// The families in their order.
pub(super) fn template() -> &'static [Family] {
    static PARSED: OnceLock<Vec<Family>> = OnceLock::new();
    PARSED.get_or_init(|| parse(TEMPLATE))
}

fn parse(body: &str) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for line in body.lines() {
        if let Some(text) = line.strip_prefix("# HELP ") {
            let (name, help) = text.split_once(' ').unwrap_or((text, ""));
            families.push(Family {
                name: name.to_owned(),
                help: help.to_owned(),
                kind: String::new(),
                children: Vec::new(),
                value: 0.0,
            });
            continue;
        }
        let Some(family) = families.last_mut() else {
            continue;
        };
        if let Some(text) = line.strip_prefix("# TYPE ") {
            family.kind = text.rsplit(' ').next().unwrap_or_default().to_owned();
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap_or((line, "0"));
        let labels: Labels = series
            .split_once('{')
            .map(|(_, rest)| rest.trim_end_matches('}'))
            .into_iter()
            .flat_map(|rest| rest.split("\","))
            .filter_map(|pair| pair.split_once("=\""))
            .map(|(key, value)| (key.to_owned(), value.trim_end_matches('"').to_owned()))
            .filter(|(key, _)| key != "le")
            .collect();
        if family.children.is_empty() {
            family.value = value.parse().unwrap_or(0.0);
        }
        if !family.children.contains(&labels) {
            family.children.push(labels);
        }
    }
    families
}
