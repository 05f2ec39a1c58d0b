//! The walk. What it refuses, helm refuses by the same schema, without a place.

mod alternatives;
mod amounts;
mod edit;
mod fitted;
mod formed;
mod map;
mod not_allowed;
#[cfg(feature = "full")]
mod objects;
mod quantity;
mod text_form;
mod unknown;
mod wrong_type;

use super::example;
use super::schema::{Pattern, Schema, embedded};
use super::words::expected;
use crate::codes::{NOT_ALLOWED, WRONG_TYPE};
use crate::node::{Node, Value, item};
use crate::rules::{alertmanager_config, scrape_jobs};
use crate::{Finding, Findings, Source};
use amounts::{bounds, counted, unique};
use quantity::bad_quantity;
use text_form::text_form;

#[cfg(feature = "full")]
pub use objects::object;

const REFUSED: &str = "helm install stops with this value.";

/// Findings after which nothing more is suggested: that many are no slips of the hand.
const MANY: usize = 1000;

/// Adds what is not shaped as the schema wants it.
pub fn walk(root: &Node, sources: &[Source], findings: &mut Findings) {
    let schema = embedded();
    let walk = Walk {
        root: schema,
        sources,
        chosen: false,
        reader: Reader::Helm,
    };
    walk.check(schema, root, "", findings);
    alertmanager(&walk, root, findings);
    scrapes(&walk, root, findings);
}

/// What Prometheus reads of further scrapes, but for what the chart's schema said.
fn scrapes(walk: &Walk<'_>, root: &Node, findings: &mut Findings) {
    let list = "prometheus.scrapeConfigs";
    let (Some(schema), Some(jobs)) = (walk.root.definitions.get("prScrape"), root.get(list)) else {
        return;
    };
    let walk = Walk {
        reader: Reader::Go,
        ..*walk
    };
    for (at, job) in jobs.items().iter().enumerate() {
        let mut wrong = Findings::default();
        if matches!(job.value, Value::Map(_)) {
            walk.check(schema, job, &item(list, at), &mut wrong);
        }
        wrong
            .0
            .retain(|new| !findings.0.iter().any(|old| old.path == new.path));
        for finding in &mut wrong.0 {
            finding.code = scrape_jobs::RULE.code;
            finding.why =
                text!("Prometheus refuses its whole configuration and does not start.").to_string();
        }
        findings.0.append(&mut wrong.0);
    }
}

/// What Alertmanager reads, which the chart's schema leaves open. It starts with all of it or not at all.
fn alertmanager(walk: &Walk<'_>, root: &Node, findings: &mut Findings) {
    let (Some(schema), Some(config)) = (
        walk.root.definitions.get("amConfig"),
        alertmanager_config::read(root).filter(|config| matches!(config.value, Value::Map(_))),
    ) else {
        return;
    };
    let walk = Walk {
        reader: Reader::Go,
        ..*walk
    };
    let from = findings.0.len();
    walk.check(schema, config, "alertmanager.config", findings);
    for finding in &mut findings.0[from..] {
        finding.code = alertmanager_config::RULE.code;
        let number = finding.found.bytes().all(|b| b.is_ascii_digit());
        let sends = finding.path.contains("_configs[") && finding.path.ends_with(".timeout");
        finding.why = if number && sends {
            text!("Alertmanager reads nanoseconds: each try ends at once, and no notification is sent.")
        } else {
            alertmanager_config::CRASHES
        }
        .to_string();
    }
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    root: &'a Schema,
    sources: &'a [Source],
    /// Below one of several schemas. What the chart has itself fits the one of its key, which need not be
    /// looked at again for each file; it may fit one of several or not.
    chosen: bool,
    reader: Reader,
}

/// Who reads the values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Helm, by the chart's schema.
    Helm,
    /// Another program, as Go reads YAML into its types: null is nothing, and a number or a boolean is a text where
    /// one is wanted.
    Go,
    /// The API server of Kubernetes, behind Helm's templates: null is nothing, and a template may write anything.
    Kubernetes,
}

impl Reader {
    /// Whether the keys are another program's, and not the chart's.
    fn foreign(self) -> bool {
        self != Self::Helm
    }
}

impl Walk<'_> {
    fn check(&self, schema: &Schema, node: &Node, path: &str, findings: &mut Findings) {
        if crate::FULL
            && self.reader == Reader::Kubernetes
            && node.as_str().is_some_and(|text| text.contains("{{"))
        {
            return;
        }
        // What stands beside a reference counts too.
        if schema.reference.is_some() && matches!(node.value, Value::Map(_)) {
            let length = (schema.min_properties, None);
            counted(node, path, node.entries().count(), length, "keys", findings);
        }
        let schema = schema.resolved(self.root);
        let chosen = Walk {
            chosen: true,
            ..*self
        };
        for part in &schema.all_of {
            chosen.check(part, node, path, findings);
        }
        let mut alternatives = schema.alternatives().peekable();
        if alternatives.peek().is_some() {
            chosen.alternatives(schema, alternatives, node, path, findings);
        }
        if !self.has_type(schema, node) {
            // Of thousands only the first are shown; each cure is looked up in the whole text.
            findings.push(if findings.0.len() > MANY {
                WRONG_TYPE.at(path, node.place).found(node.described())
            } else {
                self.wrong_type(schema, node, path)
            });
            return;
        }
        let allowed = match (&schema.one_value, &schema.one_of_values) {
            (Some(value), _) => std::slice::from_ref(value),
            (None, Some(values)) => values,
            (None, None) => &[],
        };
        let nothing = self.reader.foreign() && node.value == Value::Null;
        if !allowed.is_empty() && !allowed.contains(&node.value) && !nothing {
            findings.push(self.not_allowed(allowed, node, path));
            return;
        }
        if let Some(not) = &schema.not {
            let mut wrong = Findings::default();
            chosen.check(not, node, path, &mut wrong);
            if wrong.0.is_empty() {
                let together = &not.resolved(self.root).required;
                let expected = if together.is_empty() {
                    expected(schema, self.root)
                } else {
                    format!("only one of {}", together.join(" and "))
                };
                findings.push(
                    NOT_ALLOWED
                        .at(path, &node.place)
                        .found(node.described())
                        .fix(if together.is_empty() {
                            format!("write {expected}")
                        } else {
                            format!("remove {}", together.join(", or "))
                        })
                        .expected(expected)
                        .why(REFUSED),
                );
                return;
            }
        }
        let form = |text| {
            schema
                .pattern
                .as_ref()
                .is_none_or(|p| p.regex.is_match(text))
        };
        if schema.quantity && (node.as_quantity().is_none() || !node.as_str().is_none_or(form)) {
            findings.push(bad_quantity(schema, self.root, node, path));
            return;
        }
        match &node.value {
            Value::Int(_) | Value::Float(_) => bounds(schema, node, path, findings),
            Value::Text(text) => match self.unquoted(schema, node, text, path) {
                Some(finding) => findings.push(finding),
                None => text_form(schema, node, text, path, findings),
            },
            Value::List(items) => {
                let length = (schema.min_items, schema.max_items);
                counted(node, path, items.len(), length, "items", findings);
                if schema.unique_items {
                    unique(items, path, findings);
                }
                if let Some(of) = &schema.items {
                    for (i, one) in items.iter().enumerate() {
                        self.check(of, one, &item(path, i), findings);
                    }
                }
            }
            Value::Map(_) => self.map(schema, node, path, findings),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// What a text is that does not fit and would without its quotes: `"40"` for `40` or `auto`.
    fn unquoted(&self, schema: &Schema, node: &Node, text: &str, path: &str) -> Option<Finding> {
        if schema.pattern.as_ref()?.regex.is_match(text) {
            return None;
        }
        if matches!(
            self.formed(schema, node).as_deref(),
            Some("true" | "false" | "off")
        ) {
            return Some(self.wrong_type(schema, node, path));
        }
        let bare = Node {
            value: crate::yaml::resolve(text.trim()),
            ..node.clone()
        };
        let mut wrong = Findings::default();
        // A number without its unit, in quotes or not.
        if matches!(bare.value, Value::Int(_)) && self.unit(schema, path).is_some() {
            return Some(self.wrong_type(schema, &bare, path));
        }
        if !matches!(bare.value, Value::Text(_)) && self.has_type(schema, &bare) {
            self.check(schema, &bare, path, &mut wrong);
            return wrong
                .0
                .is_empty()
                .then(|| self.wrong_type(schema, node, path));
        }
        None
    }

    fn has_type(&self, schema: &Schema, node: &Node) -> bool {
        let kind = node.value.kind();
        let fits = |wanted: &String| wanted == kind || (wanted == "number" && kind == "integer");
        let texts = !crate::FULL || self.reader == Reader::Go;
        let read = || match &node.value {
            Value::Null => true,
            Value::Bool(_) | Value::Int(_) | Value::Float(_) if texts => {
                let text = example::written(node);
                let form = |p: &Pattern| p.regex.is_match(&text);
                let wanted = |kind: &str| schema.types.0.iter().any(|t| t == kind);
                (wanted("string") && schema.pattern.as_ref().is_none_or(form))
                    || (wanted("integer") && matches!(node.value, Value::Float(_)))
            }
            _ => false,
        };
        schema.types.0.is_empty()
            || schema.types.0.iter().any(fits)
            || (self.reader.foreign() && read())
    }

    /// Whether a value of that type could fit.
    fn takes(&self, schema: &Schema, kind: &str) -> bool {
        let schema = schema.resolved(self.root);
        let mut alternatives = schema.alternatives().peekable();
        if alternatives.peek().is_some() {
            return alternatives.any(|schema| self.takes(schema, kind));
        }
        if let Some(value) = &schema.one_value {
            return value.kind() == kind;
        }
        let values = schema.one_of_values.iter().flatten();
        schema.types.0.iter().any(|t| t == kind) || values.into_iter().any(|v| v.kind() == kind)
    }
}
