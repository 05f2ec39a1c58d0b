//! A value of another type than the schema wants, and how to write it.

use super::edit::whole;
use super::{REFUSED, Reader, Walk};
use crate::codes::WRONG_TYPE;
use crate::node::{Node, Value};
use crate::rules::is_secret;
use crate::shape::example;
use crate::shape::foreign::advice;
use crate::shape::schema::Schema;
use crate::shape::words::expected;
use crate::{Finding, Findings, SetKind, Source, units};
use vllm_catalog::number::Shown;

impl Walk<'_> {
    pub(super) fn wrong_type(&self, schema: &Schema, node: &Node, path: &str) -> Finding {
        // A block stands below its key: the line of the key says what it is.
        let block = matches!(node.value, Value::Map(_) | Value::List(_));
        let key = node
            .key
            .filter(|key| block && key.source == node.place.source && key.line < node.place.line);
        let finding = WRONG_TYPE
            .at(path, key.unwrap_or(node.place))
            .found(node.described())
            .expected(expected(schema, self.root))
            .why(REFUSED);
        let takes = |kind: &str| self.takes(schema, kind);
        let source = self.sources.get(node.place.source as usize);
        // Looked up where it is used: a long file is read up to that place.
        let written = || {
            source
                .and_then(|source| source.at(node.place))
                .unwrap_or_default()
        };
        let set = source.and_then(Source::set_kind);
        let of = schema.resolved(self.root);
        let quantity = of.quantity;
        let has = |key: &str| of.properties.contains_key(key);
        match &node.value {
            Value::Null => finding.fix(text!(
                "remove the line, or give a value: null only takes away a default of the chart"
            )),
            Value::Text(text)
                if has("secretName")
                    && (path.ends_with("huggingFaceToken")
                        || is_secret(path.rsplit('.').next().unwrap_or(path), text).is_some()) =>
            {
                let own = if has("secretKey") { "secretKey" } else { "key" };
                finding
                    .found("a text")
                    .expected(text!("the Secret that holds the token, and its key"))
                    .fix(format!(
                        "put the token into a Secret and write {{secretName: <Secret>, {own}: token}}"
                    ))
            }
            Value::Map(_) if path.contains(".headers") => finding
                .expected(text!("a text; for a secret, ${env:NAME}"))
                .fix(text!(
                    "write \"${env:NAME}\", and NAME with valueFrom in tracing.collector.extraEnv"
                )),
            Value::Map(map) if path == "rules.additionalAlerts" && map.contains_key("groups") => {
                finding
                    .expected(text!("a list of alerts, without groups"))
                    .fix(text!(
                        "write the alerts themselves: additionalAlerts: [{alert: …, expr: …}]"
                    ))
            }
            // Words for a key that is known here lead to none that is not.
            Value::Map(_)
                if advice(path, path.rsplit('.').next().unwrap_or(path))
                    .is_some_and(|advice| advice.matches(' ').count() > 1) =>
            {
                let key = path.rsplit('.').next().unwrap_or(path);
                let finding = finding.fix(advice(path, key).unwrap_or_default());
                let inner = example::written(node);
                let inner = inner.trim_start_matches('{').trim_end_matches('}');
                if key == "matchLabels" && set.is_none() {
                    finding.replace(whole(node), inner)
                } else {
                    finding
                }
            }
            // A size says nothing of a count.
            Value::Text(text)
                if crate::FULL && sized(text) && takes("integer") && !path.contains('M') =>
            {
                finding.fix(self.skeleton(schema))
            }
            _ if self.formed(schema, node).is_some() => {
                let text = self.formed(schema, node).unwrap_or_default();
                let key = path.rsplit('.').next().unwrap_or(path);
                let finding = finding.fix(format!("write {key}: {text}"));
                let item = matches!(node.value, Value::Map(_)) && text.starts_with("[{");
                let edit = match source.filter(|_| item).and_then(|s| s.item(node.place)) {
                    Some(item) => Some(item),
                    None => (node.place.end_line - node.place.line < 12).then(|| text.clone()),
                };
                if set.is_none()
                    && self.would_fit(schema, &text, node, path)
                    && let Some(edit) = edit
                {
                    finding.replace(node.place, edit)
                } else {
                    finding
                }
            }
            Value::Text(text) => {
                let meant = crate::yaml::resolve(text.trim());
                let meant = Node {
                    value: meant,
                    ..node.clone()
                };
                let kind = meant.value.kind();
                let seconds = units::seconds(text.trim())
                    .filter(|_| takes("integer") && path.ends_with("Seconds"))
                    .map(Shown);
                if let Some(seconds) = seconds {
                    finding
                        .fix(format!("write {seconds}: the key says seconds"))
                        .replace(node.place, seconds.to_string())
                } else if !(takes(kind) || kind == "integer" && takes("number")) {
                    finding.fix(self.skeleton(schema))
                } else if set.is_some() {
                    finding.fix(text!("give it with --set, not --set-string"))
                } else if crate::FULL
                    && (path.ends_with("Unavailable") || path.ends_with("Available") || path.ends_with("maxSurge"))
                    && matches!(meant.value, Value::Int(number) if number >= 10)
                {
                    let number = text.trim();
                    // So many pods of one model are rarely meant.
                    finding
                        .fix(format!("write \"{number}%\"; or {number} without quotes for so many pods"))
                        .replace(node.place, format!("\"{number}%\""))
                } else {
                    finding
                        .fix(format!("remove the quotes: {}", text.trim()))
                        .replace(node.place, text.trim())
                }
            }
            Value::Int(number) if self.unit(schema, path).is_some() => {
                let unit = self.unit(schema, path).unwrap_or_default();
                let fits = |unit: &&str| {
                    let text = format!("{number}{unit}");
                    self.would_fit(schema, &text, node, path)
                };
                let mut units = ["ms", "s", "m", "h", "d", "Gi"].into_iter().filter(fits);
                let only = units.next().filter(|_| units.next().is_none());
                // Half a minute is in seconds; 5 may be minutes.
                let only = only.or_else(|| {
                    (self.reader == Reader::Go && (15..1000).contains(number)).then_some("s")
                });
                let seconds = units::duration(*number as f64);
                if let Some(unit) = only.filter(|_| set.is_none()) {
                    return finding
                        .fix(format!("write {number}{unit}"))
                        .replace(node.place, format!("{number}{unit}"));
                }
                finding.fix(match unit {
                    // Nobody waits minutes for a token.
                    "s" if *number >= 1000 || *number > 48 && path.contains("interToken") => {
                        let ms = units::duration(*number as f64 / 1000.0);
                        format!("write {ms} for {number} milliseconds, {seconds} for seconds")
                    }
                    "s" if *number <= 48 => {
                        format!("write {number}s for seconds, {number}m for minutes, {number}h for hours")
                    }
                    "s" => format!("write {seconds} for {number} seconds, {number}m for minutes"),
                    _ => format!("write {number}{unit}, if that is meant"),
                })
            }
            Value::Float(number) if self.unit(schema, path) == Some("s") => {
                let whole = units::duration(*number);
                let finding = finding.fix_write(&whole);
                if set.is_none() {
                    finding.replace(node.place, whole)
                } else {
                    finding
                }
            }
            Value::List(items) if takes("string") && items.len() == 1 && set.is_none() => {
                let written = example::written(&items[0]);
                let mut wrong = Findings::default();
                self.check(schema, &items[0], path, &mut wrong);
                let finding = finding.fix(format!("write {written}, without brackets"));
                if wrong.0.is_empty() && node.place.line == node.place.end_line {
                    finding.replace(node.place, written)
                } else {
                    finding
                }
            }
            // Releases have three numbers.
            Value::Float(_) if crate::FULL && set.is_none() && path.ends_with("mage.tag") => {
                let whole = format!("{}.0", written());
                let start = if path.starts_with("models[") { "v" } else { "" };
                let default = default_of(path).filter(|tag| tag.starts_with('v'));
                let start = if default.is_some() { "v" } else { start };
                finding
                    .fix(format!("write the whole tag, such as {start}{whole}"))
                    .replace(node.place, format!("{start}{whole}"))
            }
            // The label of a sidecar of Grafana is 1 where nobody says otherwise.
            Value::Bool(true)
                if crate::FULL && set.is_none() && path.ends_with(".grafana_dashboard") =>
            {
                finding.fix("write \"1\", which the sidecar of kube-prometheus-stack selects, or \"true\" for one that is set to it")
            }
            Value::Bool(_) | Value::Int(_) | Value::Float(_) if takes("string") && !quantity => {
                match set {
                    Some(SetKind::Json) => {
                        finding.fix(format!("put quotes around it: \"{}\"", written()))
                    }
                    Some(_) => finding.fix(text!("give it with --set-string")),
                    None => {
                        let written = written();
                        // An object's source is not looked up; of a number with a point the zeros are lost.
                        let read = if crate::FULL
                            && written.is_empty()
                            && matches!(node.value, Value::Bool(_) | Value::Int(_))
                        {
                            example::written(node)
                        } else {
                            String::new()
                        };
                        let written = if read.is_empty() { written } else { &read };
                        let text = Node {
                            value: Value::Text(written.into()),
                            ..node.clone()
                        };
                        let mut wrong = Findings::default();
                        self.check(schema, &text, path, &mut wrong);
                        if written.is_empty() || !wrong.0.is_empty() {
                            finding.fix(format!("write {}", expected(schema, self.root)))
                        } else {
                            finding
                                .fix(format!("put quotes around it: \"{written}\""))
                                .replace(node.place, format!("\"{written}\""))
                        }
                    }
                }
            }
            Value::Int(number) if quantity || takes("string") => {
                finding.fix(format!("write {number} with its unit"))
            }
            Value::Map(_) if takes("array") => {
                finding.fix(text!("write it as an item of a list: `- …`"))
            }
            _ => finding.fix(self.skeleton(schema)),
        }
    }

    /// The keys that a map must have, with what to fill in.
    fn skeleton(&self, schema: &Schema) -> String {
        let of = schema.resolved(self.root);
        let keys: Vec<String> = of
            .required
            .iter()
            .map(|key| format!("{key}: <{key}>"))
            .collect();
        if keys.is_empty() {
            format!("write {}", expected(schema, self.root))
        } else {
            format!("write {{{}}}", keys.join(", "))
        }
    }

    /// The unit that a bare number lacks.
    pub(super) fn unit(&self, schema: &Schema, path: &str) -> Option<&'static str> {
        let of = schema.resolved(self.root);
        if path.ends_with("sharedMemory") || path.ends_with("storage.size") {
            return Some("Gi");
        }
        if of.quantity {
            return None;
        }
        let pattern = &of.pattern.as_ref()?.regex;
        let fits = |text: &str| pattern.is_match(text);
        if fits("30") || !fits("30s") {
            return None;
        }
        Some(if path.ends_with("retention") {
            if fits("15d") { "d" } else { "h" }
        } else {
            "s"
        })
    }
}

/// Whether a text is a number of bytes.
fn sized(text: &str) -> bool {
    text.ends_with("Mi") || text.ends_with("MiB") || text.ends_with("MB")
}

/// The chart's own text at a path.
fn default_of(path: &str) -> Option<&'static str> {
    let (first, rest) = path.split_once('.')?;
    crate::check::DEFAULTS.get(first)?.get(rest)?.as_str()
}
