//! The walk. What it refuses, helm refuses by the same schema, without a place.

use super::example;
use super::foreign::advice;
use super::schema::{Additional, Schema, embedded};
use super::suggest::{home, nearest, reworded};
use super::words::{choice, expected, form};
use crate::codes::{
    BAD_FORMAT, BAD_QUANTITY, MISSING_KEY, NOT_ALLOWED, OUT_OF_BOUNDS, UNKNOWN_KEY, WRONG_TYPE,
};
use crate::embedded::Text;
use crate::node::{Node, Value, item, join, quoted};
use crate::{Finding, Findings, Place, SetKind, Source, units};
use vllm_catalog::number::Shown;

const REFUSED: &str = "helm install stops with this value.";

/// Adds what is not shaped as the schema wants it.
pub fn walk(root: &Node, sources: &[Source], findings: &mut Findings) {
    let schema = embedded();
    let walk = Walk {
        root: schema,
        sources,
        chosen: false,
    };
    walk.check(schema, root, "", findings);
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    root: &'a Schema,
    sources: &'a [Source],
    /// Below one of several schemas. What the chart has itself fits the one of its key, which need not be
    /// looked at again for each file; it may fit one of several or not.
    chosen: bool,
}

impl Walk<'_> {
    fn check(&self, schema: &Schema, node: &Node, path: &str, findings: &mut Findings) {
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
        if !allowed.is_empty() && !allowed.contains(&node.value) {
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
        if matches!(self.formed(schema, node).as_deref(), Some("true" | "false")) {
            return Some(self.wrong_type(schema, node, path));
        }
        let bare = Node {
            value: crate::yaml::resolve(text.trim()),
            ..node.clone()
        };
        let mut wrong = Findings::default();
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
        schema.types.0.is_empty() || schema.types.0.iter().any(fits)
    }

    fn map(&self, schema: &Schema, node: &Node, path: &str, findings: &mut Findings) {
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
            if node.child(key).is_none() && !by_file {
                findings.push(
                    MISSING_KEY
                        .at(join(path, key), &node.place)
                        .found(format!("no key {key}"))
                        .expected(self.property(schema, key))
                        .why(REFUSED)
                        .fix(format!("add `{key}:` here")),
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
                let meant = [plain].into_iter().chain(fitted(key));
                findings.push(
                    match { meant }.find(|meant| pattern.regex.is_match(meant)) {
                        Some(meant) => finding
                            .fix(format!("write {meant}"))
                            .replace(value.key_place(), meant),
                        None => finding.fix("choose another name"),
                    },
                );
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
                None | Some(Additional::Any(true)) => None,
            };
            if let Some(of) = of {
                self.check(of, value, &below, findings);
            }
        }
    }

    fn unknown(
        &self,
        schema: &Schema,
        map: &Node,
        key: &str,
        value: &Node,
        path: &str,
        many: bool,
    ) -> Finding {
        let place = value.key_place();
        let finding = UNKNOWN_KEY
            .at(path, &place)
            .found(format!("the key {}", quoted(key)));
        if many {
            return finding
                .expected(text!("keys that the chart knows"))
                .why(REFUSED)
                .fix(text!("see chart/values.yaml for what there is"));
        }
        if key.contains(|c: char| c.is_whitespace() && c != ' ') {
            return finding
                .expected(text!("spaces before the key"))
                .why(text!("A no-break space is no indentation: the key belongs to another map than it seems."))
                .fix(text!("replace the no-break spaces before it by spaces"));
        }
        let why = "The chart does not know this key, so helm refuses the file.";
        if let Some((finding, text)) = colon(&finding, key, value) {
            return finding
                .expected(text!("a blank behind the colon"))
                .why(why)
                .replace(place, text);
        }
        // All of it belongs where it is, without the key round it.
        if let Value::Map(inner) = &value.value
            && !inner.is_empty()
            && value.place.line == value.place.end_line
            && inner.iter().all(|(key, node)| {
                schema.properties.get(key).is_some_and(|of| {
                    let mut wrong = Findings::default();
                    self.check(of, node, path, &mut wrong);
                    wrong.0.is_empty() && map.child(key).is_none()
                })
            })
        {
            let text = example::written(value);
            let text = text
                .trim_start_matches('{')
                .trim_end_matches('}')
                .to_owned();
            return finding
                .expected(text!("the keys below it in its place"))
                .why(why)
                .fix(format!("write {text}, without {key}"))
                .replace(whole(value), text);
        }
        let known: Vec<&str> = schema.properties.keys().collect();
        // A name that is none here is advice for another place.
        let advice = advice(path, key).filter(|advice| {
            let named = advice.strip_prefix("write ").unwrap_or(".");
            named.contains([' ', ':', '.', '<']) || known.contains(&named)
        });
        if let Some(advice) = advice {
            let finding = finding.expected("a key of this chart").why(why).fix(advice);
            let named = advice.strip_prefix("write ").unwrap_or_default();
            let (named, rest) = named.split_at(named.find([' ', ':', ',']).unwrap_or(named.len()));
            // Only where the name is all that differs.
            let alone = rest.is_empty() || rest.starts_with(": the") || rest.contains("<Secret>");
            let named = if alone { named } else { "" };
            return match self.renamed(schema, map, named, value) {
                Some((place, text)) => finding.replace(place, text),
                None if advice.starts_with("remove it") => finding.remove(value),
                None => finding,
            };
        }
        if let (Some(on), Some(_)) = (value.as_bool(), schema.properties.get("enabled"))
            && matches!(key, "disabled" | "disable")
        {
            let text = format!("enabled: {}", !on);
            return finding
                .expected("enabled")
                .why(why)
                .fix(format!("write {text}"))
                .replace(whole(value), text);
        }
        if schema.properties.contains_key("limits") && matches!(key, "cpu" | "memory") {
            let text = format!("limits: {{{key}: {}}}", example::written(value));
            return finding
                .expected(text!("limits or requests, and the resources below them"))
                .why(why)
                .fix(format!("write {text}"))
                .replace(whole(value), text);
        }
        if schema.properties.contains_key("matchLabels") && value.as_str().is_some() {
            let text = format!("matchLabels: {{{key}: {}}}", example::written(value));
            return finding
                .expected(text!("matchLabels, and the labels below it"))
                .why(why)
                .fix(format!("write {text}"))
                .replace(whole(value), text);
        }
        // A key that is given already is not what this one was meant to be, nor one that takes no such value.
        // The type first: of a map with thousands of unknown keys each is compared with all known ones.
        let kind = value.value.kind();
        let fits = |of: &Schema| {
            if !(self.takes(of, kind) || kind == "integer" && self.takes(of, "number")) {
                return false;
            }
            let mut wrong = Findings::default();
            self.check(of, value, path, &mut wrong);
            wrong.0.is_empty()
        };
        let free = (known.iter().copied())
            .filter(|known| map.child(known).is_none_or(Node::is_default))
            .filter(|known| {
                schema
                    .properties
                    .get(known)
                    .is_some_and(|of| fits(of) || similar(known, key))
            });
        let free: Vec<&str> = free.collect();
        let near =
            nearest(key, free.iter().copied()).or_else(|| reworded(key, free.iter().copied()));
        if let (None, Value::Map(inner)) = (near, &value.value)
            && !inner.is_empty()
            && inner.keys().all(|key| schema.properties.contains_key(key))
        {
            let text = example::written(value);
            let text = text.trim_start_matches('{').trim_end_matches('}');
            let single = value.place.line == value.place.end_line;
            let finding = finding
                .expected(text!("the keys below it in its place"))
                .why(why)
                .fix(format!("write {text}, without {key}"));
            return if single && !text.contains(['{', '}']) {
                finding.replace(whole(value), text)
            } else {
                finding
            };
        }
        let top = (self.root.properties.get(key))
            .filter(|of| path.contains('.') && matches!(value.value, Value::Map(_)) && fits(of));
        if let (None, Some(_)) = (&near, top) {
            return finding
                .expected(text!("the key at the top of the file"))
                .why(why)
                .fix(format!("move it to the top: {key} is a section of its own"));
        }
        let home = home(path, key).filter(|(_, of)| {
            let of = of.resolved(self.root);
            let anything = of.types.0.is_empty()
                || (of.properties.is_empty() && matches!(value.value, Value::Map(_)));
            !anything && fits(of)
        });
        match (near, home) {
            (Some(near), _) => {
                let finding =
                    (finding.expected(near).why(why)).fix(format!("did you mean {near}?"));
                match self.renamed(schema, map, near, value) {
                    Some((place, text)) => finding.replace(place, text),
                    None => finding.replace(place, near),
                }
            }
            (None, Some((home, _))) => finding
                .expected(home)
                .why(why)
                .fix(format!("this key belongs to {home}")),
            (None, None) => finding
                .expected(if known.is_empty() {
                    "no keys".into()
                } else {
                    known.join(", ")
                })
                .why(why)
                .fix(text!(
                    "remove the key, or see chart/values.yaml for what there is"
                )),
        }
    }

    /// The edit that gives a key another name, and its value the form that goes with it.
    fn renamed(
        &self,
        schema: &Schema,
        map: &Node,
        key: &str,
        value: &Node,
    ) -> Option<(Place, String)> {
        let of = schema.properties.get(key)?;
        if !map.child(key).is_none_or(Node::is_default) {
            return None;
        }
        let mut wrong = Findings::default();
        self.check(of, value, "", &mut wrong);
        if wrong.0.is_empty() {
            return Some((value.key_place(), key.to_owned()));
        }
        let text = self.formed(of, value)?;
        (value.place.line == value.place.end_line && self.would_fit(of, &text, value, ""))
            .then(|| (whole(value), format!("{key}: {text}")))
    }

    fn property(&self, schema: &Schema, key: &str) -> String {
        let property = schema.properties.get(key);
        property.map_or_else(|| "a value".into(), |of| expected(of, self.root))
    }

    /// One of them must fit. Otherwise the one is blamed that was meant: by its type, and then by
    /// how little is wrong with it.
    fn alternatives<'s>(
        &self,
        schema: &Schema,
        alternatives: impl Iterator<Item = &'s Schema>,
        node: &Node,
        path: &str,
        findings: &mut Findings,
    ) {
        let mut meant: Vec<Vec<Finding>> = Vec::new();
        for alternative in alternatives {
            let mut wrong = Findings::default();
            self.check(alternative, node, path, &mut wrong);
            if wrong.0.is_empty() {
                return;
            }
            let other_type = |f: &Finding| f.code == WRONG_TYPE.code && f.path == path;
            if !wrong.0.iter().any(other_type) && !self.is_other_constant(alternative, node) {
                meant.push(wrong.0);
            }
        }
        match meant.into_iter().min_by_key(Vec::len) {
            None => findings.push(self.wrong_type(schema, node, path)),
            Some(mut wrong) => {
                for finding in &mut wrong {
                    if finding.path == path && !matches!(node.value, Value::Map(_) | Value::List(_))
                    {
                        finding.expected = expected(schema, self.root);
                    }
                }
                findings.0.append(&mut wrong);
            }
        }
    }

    /// A constant fits or does not: it is meant only where nothing else is.
    fn is_other_constant(&self, schema: &Schema, node: &Node) -> bool {
        let value = &schema.resolved(self.root).one_value;
        value.as_ref().is_some_and(|value| *value != node.value)
    }

    fn wrong_type(&self, schema: &Schema, node: &Node, path: &str) -> Finding {
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
        match &node.value {
            Value::Null => finding.fix(text!(
                "remove the line, or give a value: null only takes away a default of the chart"
            )),
            _ if path.ends_with("huggingFaceToken") => finding
                .found("a text")
                .expected(text!("the Secret that holds the token, and its key"))
                .fix(text!(
                    "put the token into a Secret and write {secretName: <Secret>, secretKey: token}"
                )),
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
            Value::Map(_) if advice(path, path.rsplit('.').next().unwrap_or(path)).is_some() => {
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
                    finding.fix(format!("write {}", expected(schema, self.root)))
                } else if set.is_some() {
                    finding.fix(text!("give it with --set, not --set-string"))
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
                let mut units = ["ms", "s", "m", "h", "d"].into_iter().filter(fits);
                let only = units.next().filter(|_| units.next().is_none());
                let seconds = units::duration(*number as f64);
                if let Some(unit) = only.filter(|_| set.is_none()) {
                    return finding
                        .fix(format!("write {number}{unit}"))
                        .replace(node.place, format!("{number}{unit}"));
                }
                finding.fix(match unit {
                    "s" if *number >= 1000 => {
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
                let finding = finding.fix(format!("write {whole}"));
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
            Value::Bool(_) | Value::Int(_) | Value::Float(_) if takes("string") => match set {
                Some(SetKind::Json) => {
                    finding.fix(format!("put quotes around it: \"{}\"", written()))
                }
                Some(_) => finding.fix(text!("give it with --set-string")),
                None => {
                    let written = written();
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
            },
            Value::Int(number) if schema.resolved(self.root).quantity || takes("string") => {
                finding.fix(format!("write {number} with its unit"))
            }
            _ if takes("array") => finding.fix(text!("write it as an item of a list: `- …`")),
            _ => finding.fix(format!("write {}", expected(schema, self.root))),
        }
    }

    /// The unit that a bare number lacks.
    fn unit(&self, schema: &Schema, path: &str) -> Option<&'static str> {
        let of = schema.resolved(self.root);
        if of.quantity {
            return path.ends_with("sharedMemory").then_some("Gi");
        }
        let pattern = &of.pattern.as_ref()?.regex;
        let fits = |text: &str| pattern.is_match(text);
        if fits("30") || !fits("30s") {
            return None;
        }
        Some(if path.ends_with("retention") {
            "d"
        } else {
            "s"
        })
    }

    /// The value in the form that is wanted, where it is plain how.
    fn formed(&self, schema: &Schema, node: &Node) -> Option<String> {
        let of = schema.resolved(self.root);
        if let Some(text) = of.alternatives().find_map(|of| self.formed(of, node)) {
            return Some(text);
        }
        if self.takes(of, "object") && !matches!(node.value, Value::Map(_)) {
            return example::map(of, self.root, node);
        }
        if self.takes(of, "boolean") {
            let word = match &node.value {
                Value::Text(text) => text.trim().to_ascii_lowercase(),
                Value::Int(number) => number.to_string(),
                _ => String::new(),
            };
            let on = match word.as_str() {
                "1" | "enabled" | "enable" | "active" | "ja" => Some("true"),
                "0" | "disabled" | "disable" | "nein" => Some("false"),
                _ => None,
            };
            if let Some(on) = on {
                return Some(on.to_owned());
            }
        }
        if let Value::Text(text) = &node.value
            && (self.takes(of, "integer") || self.takes(of, "number"))
        {
            if let Some(count) = WORDS
                .iter()
                .position(|word| text.eq_ignore_ascii_case(word))
            {
                return Some(count.to_string());
            }
            let ratio = of.exclusive_maximum.or(of.maximum) == Some(1.0);
            return example::number(text, ratio);
        }
        if let (Value::Map(map), true) = (&node.value, self.takes(of, "string")) {
            let mut values = map.values();
            return match (values.next(), values.next()) {
                (Some(only), None) => only.as_str().map(example::scalar),
                // As `helm create` writes the hosts of an Ingress.
                _ => map.get("host").and_then(Node::as_str).map(example::scalar),
            };
        }
        // A share is written with its sign.
        if let (Some(number), Some(pattern)) = (node.as_f64(), &of.pattern)
            && matches!(node.value, Value::Int(_) | Value::Float(_))
            && pattern.regex.is_match("25%")
            && !pattern.regex.is_match("25")
        {
            let number = if number < 1.0 {
                (number * 1e6).round() / 1e4
            } else {
                number
            };
            return Some(format!("{}%", Shown(number)));
        }
        if self.takes(of, "array") && !matches!(node.value, Value::List(_)) {
            return example::list(of.items.as_deref(), self.root, node);
        }
        None
    }

    /// Whether that text, read again, has nothing wrong.
    fn would_fit(&self, schema: &Schema, text: &str, node: &Node, path: &str) -> bool {
        let source = Source::new("", format!("a: {text}\n"));
        let mut wrong = Findings::default();
        let read = crate::yaml::read(&source, node.place.source, &mut wrong);
        let Some(new) = read.and_then(|mut map| map.remove("a")) else {
            return false;
        };
        self.check(schema, &new, path, &mut wrong);
        wrong.0.is_empty()
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

    fn not_allowed(&self, allowed: &[Value], node: &Node, path: &str) -> Finding {
        let finding = NOT_ALLOWED
            .at(path, &node.place)
            .found(node.described())
            .expected(choice(allowed))
            .why(REFUSED);
        let words: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        let same = |text: &str| {
            match text.to_ascii_lowercase().as_str() {
                "page" | "crit" | "high" | "error" | "p1" | "sev1" => "critical",
                "warn" | "low" | "ticket" | "medium" => "warning",
                "notice" | "none" => "info",
                _ => "",
            }
            .to_owned()
        };
        let meant = node.as_str().map(same).unwrap_or_default();
        let text = node.as_str().unwrap_or_default();
        let meant = (words.iter().copied())
            .find(|word| !word.is_empty() && *word == meant)
            .or_else(|| nearest(text, words.iter().copied()))
            .or_else(|| inside(text, &words));
        match meant {
            Some(word) => finding
                .fix(format!("did you mean {word}?"))
                .replace(node.place, word),
            None => finding.fix(format!("write {}", choice(allowed))),
        }
    }
}

/// The one word that a text contains, or that contains the text: `warn` for `warning`.
fn inside<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let text = text.to_ascii_lowercase();
    let mut near = (words.iter().copied()).filter(|word| {
        let word = word.to_ascii_lowercase();
        word.len() >= 3 && text.contains(&word) || text.len() >= 3 && word.contains(&text)
    });
    let first = near.next()?;
    near.next().is_none().then_some(first)
}

/// Whether two names are the same but for case and separators.
fn similar(a: &str, b: &str) -> bool {
    let bare = |word: &str| -> String {
        let letters = word.chars().filter(|c| c.is_alphanumeric());
        letters.collect::<String>().to_ascii_lowercase()
    };
    bare(a) == bare(b) || strsim::damerau_levenshtein(a, b) <= 2
}

/// A key and its value, where both are in one line.
fn whole(value: &Node) -> Place {
    let mut place = value.key_place();
    if place.line == value.place.end_line {
        (place.end_line, place.end_column) = (value.place.end_line, value.place.end_column);
    }
    place
}

/// `app:vllm` between brackets, where a blank is missing: what it is.
fn colon(finding: &Finding, key: &str, value: &Node) -> Option<(Finding, String)> {
    let (name, meant) = key.split_once(':').filter(|_| value.value == Value::Null)?;
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

/// Findings after which nothing more is suggested: that many are no slips of the hand.
const MANY: usize = 1000;

/// A number and what stands behind it.
fn halves(text: &str) -> (&str, &str) {
    let at = text.find(|c: char| c.is_ascii_alphabetic());
    text.split_at(at.unwrap_or(text.len()))
}

/// A quantity with its unit as Kubernetes writes it: `300gi` is `300Gi`, `16 GB` is `16G`.
fn cased(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let group = compact
        .split(',')
        .skip(1)
        .any(|part| halves(part).0.len() == 3);
    let compact = compact.replace(',', if group { "" } else { "." });
    let (digits, unit) = halves(compact.strip_suffix(['B', 'b']).unwrap_or(&compact));
    if unit.is_empty() && text.contains(',') && units::float(digits).is_some() {
        return Some(digits.to_owned());
    }
    let known = ["Ki", "Mi", "Gi", "Ti", "k", "M", "G", "T"];
    let unit = { known }
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(unit))?;
    units::float(digits)?;
    Some(format!("{digits}{unit}"))
}

fn bad_quantity(schema: &Schema, root: &Schema, node: &Node, path: &str) -> Finding {
    let finding = BAD_QUANTITY
        .at(path, &node.place)
        .found(node.described())
        .expected(expected(schema, root))
        .why(text!("Kubernetes refuses what has such a quantity."));
    let text = node.as_str().unwrap_or_default();
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mended = compact.strip_suffix(['B', 'b']).unwrap_or(&compact);
    let (digits, unit) = halves(mended);
    match cased(text) {
        Some(mended)
            if units::quantity(&mended).is_some_and(|amount| amount >= 0.0)
                && Some(mended.as_str()) != node.as_str() =>
        {
            finding
                .fix(format!("write {mended}"))
                .replace(node.place, mended)
        }
        _ if ["core", "cores", "cpu", "cpus"].contains(&unit) => finding
            .fix(format!("write {digits}"))
            .replace(node.place, digits),
        _ if digits.starts_with('-') => {
            finding.fix(format!("write {}", mended.trim_start_matches('-')))
        }
        _ => finding.fix(text!(
            "write a number with one of the suffixes m, k, M, G, T, Ki, Mi, Gi, Ti"
        )),
    }
}

fn bounds(schema: &Schema, node: &Node, path: &str, findings: &mut Findings) {
    let Some(number) = node.as_f64() else { return };
    let limits = [
        (
            schema.minimum,
            "at least",
            number >= schema.minimum.unwrap_or(number),
        ),
        (
            schema.maximum,
            "at most",
            number <= schema.maximum.unwrap_or(number),
        ),
        (
            schema.exclusive_minimum,
            "above",
            schema.exclusive_minimum.is_none_or(|limit| number > limit),
        ),
        (
            schema.exclusive_maximum,
            "below",
            schema.exclusive_maximum.is_none_or(|limit| number < limit),
        ),
    ];
    let ratio = schema.exclusive_maximum.or(schema.maximum) == Some(1.0);
    for (limit, words, holds) in limits {
        if let (Some(limit), false) = (limit, holds) {
            let limit = Shown(limit);
            let finding = out_of_bounds(node, path, format!("a number {words} {limit}"));
            findings.push(if ratio && (2.0..100.0).contains(&number) {
                let meant = Shown(number / 100.0);
                finding
                    .expected(text!("a ratio between 0 and 1: 95 % is 0.95"))
                    .fix(format!("write {meant}"))
                    .replace(node.place, meant.to_string())
            } else {
                let fix = match words {
                    "at least" => format!("write {limit} or more"),
                    "at most" => format!("write {limit} or less"),
                    _ => format!("write a number {words} {limit}"),
                };
                finding.fix(fix)
            });
        }
    }
}

fn out_of_bounds(node: &Node, path: &str, expected: String) -> Finding {
    OUT_OF_BOUNDS
        .at(path, &node.place)
        .found(node.described())
        .why(REFUSED)
        .fix(format!("write {expected}"))
        .expected(expected)
}

/// Each text of a list once; the schema asks it of lists of texts only.
fn unique(items: &[Node], path: &str, findings: &mut Findings) {
    for (i, item) in items.iter().enumerate() {
        if items[..i]
            .iter()
            .any(|other| other.as_str() == item.as_str())
        {
            let path = format!("{path}[{i}]");
            findings.push(out_of_bounds(
                item,
                &path,
                text!("each item once").to_string(),
            ));
        }
    }
}

fn counted(
    node: &Node,
    path: &str,
    count: usize,
    (least, most): (Option<usize>, Option<usize>),
    what: &str,
    findings: &mut Findings,
) {
    let amount = |limit: usize| {
        let what = if limit == 1 {
            what.trim_end_matches('s')
        } else {
            what
        };
        format!("{limit} {what}")
    };
    if let Some(least) = least.filter(|least| count < *least) {
        findings.push(out_of_bounds(
            node,
            path,
            format!("at least {}", amount(least)),
        ));
    }
    if let Some(most) = most.filter(|most| count > *most) {
        findings.push(out_of_bounds(
            node,
            path,
            format!("at most {}", amount(most)),
        ));
    }
}

/// Numbers in words.
const WORDS: [&str; 11] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
];

/// A text in forms that patterns ask for: without its scheme and path, in small letters, with `-` for what
/// may not be.
fn fitted(text: &str) -> impl Iterator<Item = String> {
    let dashed = |text: &str| -> String {
        let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let all: String = (text.chars())
            .map(|c| if fit(c) { c } else { '-' })
            .collect();
        all.trim_matches(|c| c == '-' || c == '.').to_owned()
    };
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let named = text.split_once('/').filter(|(_, name)| !name.contains('/'));
    let host = rest;
    let host = host.split(['/', ':']).next().unwrap_or("");
    let bare = text
        .split_once(':')
        .filter(|(_, port)| port.parse::<u16>().is_ok());
    let odd = text.contains(['{', '$', '*', '(', '"', ';']) || text.chars().count() > 63;
    let all = [
        text.replace(" percent", "%"),
        text.replace(" %", "%"),
        text.replace(',', "."),
        rest.trim_end_matches('/').to_owned(),
        named.map_or("", |(_, name)| name).to_owned(),
        host.to_owned(),
        bare.map_or("", |(host, _)| host).to_owned(),
        text.trim().to_owned(),
        text.trim().to_ascii_lowercase(),
        text.replacen('.', "/", 1),
        text.trim_matches([':', '/']).to_owned(),
        text.rsplit('/').next().unwrap_or("").to_owned(),
        dashed(text),
        dashed(&text.to_ascii_lowercase()),
        text.split_whitespace().collect(),
    ];
    let own = text.to_owned();
    all.into_iter()
        .filter(move |meant| !odd && !meant.is_empty() && *meant != own)
        // Words that would be something else without quotes.
        .filter(|meant| matches!(crate::yaml::resolve(meant), Value::Text(_)))
}

fn text_form(schema: &Schema, node: &Node, text: &str, path: &str, findings: &mut Findings) {
    if let Some(pattern) = &schema.pattern
        && (!pattern.regex.is_match(text) || (text.is_empty() && schema.min_length > Some(0)))
    {
        let number = schema
            .types
            .0
            .iter()
            .any(|t| t == "integer" || t == "number");
        let wanted = if number {
            format!("a number, or {}", form(pattern))
        } else {
            form(pattern)
        };
        let finding = BAD_FORMAT
            .at(path, &node.place)
            .found(node.described())
            .expected(wanted.as_str())
            .why(REFUSED);
        if let Some(whole) = units::whole(text).filter(|new| pattern.regex.is_match(new)) {
            findings.push(
                finding
                    .fix(format!("write {whole}"))
                    .replace(node.place, whole),
            );
            return;
        }
        let word = WORDS
            .iter()
            .position(|word| text.eq_ignore_ascii_case(word));
        if let (true, Some(count)) = (number, word) {
            findings.push(
                finding
                    .fix(format!("write {count}"))
                    .replace(node.place, count.to_string()),
            );
            return;
        }
        let start = text
            .split(['/', ':'])
            .find(|part| !part.is_empty())
            .and_then(|start| start.parse::<u16>().ok());
        if let (true, Some(start)) = (number, start) {
            findings.push(
                finding
                    .fix(format!("write {start}"))
                    .replace(node.place, start.to_string()),
            );
            return;
        }
        let duration = units::meant(text);
        // Where days are not known, in hours.
        let hours = duration.as_deref().unwrap_or(text);
        let hours = units::seconds(hours).map(units::duration);
        let meant = [duration, hours, cased(text)].into_iter().flatten();
        if let Some(meant) = { meant }.find(|meant| pattern.regex.is_match(meant)) {
            findings.push(
                finding
                    .fix(format!("write {meant}"))
                    .replace(node.place, meant),
            );
            return;
        }
        if let Some(meant) = fitted(text).find(|meant| pattern.regex.is_match(meant)) {
            findings.push(
                finding
                    .fix(format!("write {meant}"))
                    .replace(node.place, meant),
            );
            return;
        }
        // Sizes as Prometheus writes them, and as Kubernetes does; paths and URLs without their beginning.
        let url = crate::url::Url::of(text);
        let web = if url.public() || !url.in_cluster() && url.port.is_none() {
            "https"
        } else {
            "http"
        };
        let plain = |c: char| c.is_ascii_graphic() && !"{}$\"'".contains(c);
        let meant = [
            (text.strip_suffix('i')).map(|stem| format!("{stem}B")),
            (text.strip_suffix("iB")).map(|stem| format!("{stem}B")),
            text.strip_suffix('B').map(str::to_owned),
            Some(format!("/{text}")),
            (text.split_once("://")).map(|(_, rest)| format!("{web}://{rest}")),
            (text.contains('.') && !text.contains("://")).then(|| format!("{web}://{text}")),
        ];
        let meant = (meant.into_iter().flatten()).filter(|_| text.chars().all(plain));
        let meant = meant.chain(
            (text.starts_with('4') || text.starts_with('5')).then(|| format!("{}xx", &text[..1])),
        );
        const TRACES: Text =
            text!("$traceID ${traceID} {traceId} {trace_id} {{traceID}} <traceID> %s");
        let traced = TRACES.as_str().split(' ');
        let traced = { traced }.into_iter().find(|name| text.contains(name));
        let mut meant = meant.chain(traced.map(|name| text.replace(name, "{traceID}")));
        if let Some(meant) = meant.find(|meant| !text.is_empty() && pattern.regex.is_match(meant)) {
            findings.push(
                finding
                    .fix(format!("write {meant}"))
                    .replace(node.place, meant),
            );
            return;
        }
        findings.push(
            match pattern.word().and_then(|word| nearest(text, [word])) {
                Some(word) => finding
                    .fix(format!("did you mean {word}?"))
                    .replace(node.place, word),
                None => finding.fix(format!("write {wanted}")),
            },
        );
        return;
    }
    let length = (schema.min_length, schema.max_length);
    counted(
        node,
        path,
        text.chars().count(),
        length,
        "characters",
        findings,
    );
}
