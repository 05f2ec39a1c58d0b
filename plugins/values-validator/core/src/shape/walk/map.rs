//! The keys of a map: those that are required, the form of their names, and what stands below each.

use super::amounts::counted;
use super::fitted::fitted;
use super::{MANY, REFUSED, Walk};
use crate::codes::{BAD_FORMAT, MISSING_KEY, UNKNOWN_KEY, WRONG_TYPE};
use crate::node::{Node, join, quoted};
use crate::shape::example;
use crate::shape::schema::{Additional, Schema};
use crate::shape::words::{expected, form};
use crate::{Finding, Findings, Value};

impl Walk<'_> {
    pub(super) fn map(&self, schema: &Schema, node: &Node, path: &str, findings: &mut Findings) {
        if let ("tracing.exporters.otlp" | "tracing.exporters.otlphttp", Some(endpoint)) =
            (path, node.child("endpoint"))
            && let Some(text) = endpoint.as_str()
        {
            let kind = path.rsplit('.').next().unwrap_or_default();
            findings.push(
                WRONG_TYPE
                    .at(join(path, "endpoint"), endpoint.key_place())
                    .found(text!("an exporter without a name"))
                    .expected(format!("a name below {kind}, and the exporter's settings below the name"))
                    .why(REFUSED)
                    .fix(format!(
                        "write {kind}: {{backend: {{endpoint: {}}}}}; for no TLS, http:// before the host",
                        example::scalar(text)
                    )),
            );
            return;
        }
        let length = (schema.min_properties, None);
        counted(node, path, node.entries().count(), length, "keys", findings);
        for key in &schema.required {
            let by_file = node.child(&format!("{key}_file")).is_some();
            let nothing = |node: &Node| self.reader.foreign() && node.value == Value::Null;
            if node.child(key).is_none_or(nothing) && !by_file {
                findings.push(
                    MISSING_KEY
                        .at(join(path, key), &node.place)
                        .found(format!("no key {key}"))
                        .expected(self.property(schema, key))
                        .why(REFUSED)
                        .fix(format!("add `{key}: <{key}>` here")),
                );
            }
        }
        for (key, value) in node.entries() {
            if value.place.is_untouched() && !self.chosen {
                continue;
            }
            let below = join(path, key);
            if let Some(names) = &schema.property_names
                && let Some(pattern) = &names.resolved(self.root).pattern
                && !pattern.regex.is_match(key)
            {
                let finding = BAD_FORMAT
                    .at(&below, value.key_place())
                    .found(format!("the key {}", quoted(key)))
                    .expected(form(pattern))
                    .why(REFUSED);
                if let Some((finding, text)) = colon(&finding, key, value) {
                    findings.push(finding.replace(value.key_place(), text));
                    continue;
                }
                let plain: String = (key.chars())
                    .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                    .collect();
                // Of a label's prefix nothing is lost.
                let kept = if crate::FULL {
                    key.split_once('/')
                        .map(|(start, name)| format!("{start}/{}", name.replace('/', "-")))
                } else {
                    None
                };
                let meant = kept.into_iter().chain([plain]).chain(fitted(key));
                findings.push(
                    match { meant }.find(|meant| pattern.regex.is_match(meant)) {
                        Some(meant) => finding.writes(value.key_place(), &meant),
                        None => finding.fix(format!("write a key that is {}", form(pattern))),
                    },
                );
            }
            if crate::FULL
                && matches!(schema.additional_properties, Some(Additional::Of(_)))
                && let finding = WRONG_TYPE.at(&below, value.key_place())
                && let Some((finding, text)) = colon(&finding, key, value)
            {
                let finding = finding.found(format!("the key {}", quoted(key)));
                let finding = finding.expected("key: value").why(REFUSED);
                findings.push(finding.replace(value.key_place(), text));
                continue;
            }
            let of = match &schema.additional_properties {
                _ if schema.properties.contains_key(key) => schema.properties.get(key),
                Some(Additional::Of(of)) => Some(&**of),
                // Anchors of one's own; the chart's schema takes them at the top too.
                Some(Additional::Any(false)) if path.is_empty() && key.starts_with("x-") => None,
                Some(Additional::Any(false)) => {
                    let many = findings.0.len() > MANY;
                    findings.push(self.unknown(schema, node, key, value, &below, many));
                    None
                }
                None | Some(Additional::Any(true)) => {
                    if path.starts_with("global") {
                        findings.0.extend(self.almost(schema, key, value, &below));
                    }
                    None
                }
            };
            if let Some(of) = of {
                self.check(of, value, &below, findings);
            }
        }
    }

    /// A key of `global`, which other charts read too, that is nearly one of this chart's.
    fn almost(&self, schema: &Schema, key: &str, value: &Node, path: &str) -> Option<Finding> {
        let mut known = schema.properties.iter();
        let (near, of) = known.find(|(known, _)| {
            key.strip_prefix(known) == Some("Name") || strsim::damerau_levenshtein(known, key) < 3
        })?;
        let finding = UNKNOWN_KEY
            .warning(path, value.key_place())
            .found(format!("the key {}", quoted(key)))
            .expected(near)
            .why(text!(
                "This chart reads no such key: the value does nothing."
            ))
            .fix(format!("did you mean {near}?"));
        Some(if self.takes(of, value.value.kind()) {
            finding.replace(value.key_place(), near)
        } else {
            finding
        })
    }

    fn property(&self, schema: &Schema, key: &str) -> String {
        let property = schema.properties.get(key);
        property.map_or_else(|| "a value".into(), |of| expected(of, self.root))
    }
}
/// `app:vllm` between brackets, where a blank is missing: what it is.
pub(super) fn colon(finding: &Finding, key: &str, value: &Node) -> Option<(Finding, String)> {
    let apart = key
        .split_once(':')
        .or_else(|| key.split_once(" = "))
        .or_else(|| key.split_once('='));
    let (name, meant) = apart.filter(|_| value.value == Value::Null)?;
    if name.is_empty() || meant.is_empty() || meant.starts_with('/') {
        return None;
    }
    let text = format!("{name}: {meant}");
    Some((
        finding
            .clone()
            .fix(format!("write {text}, with a blank behind the colon")),
        text,
    ))
}
