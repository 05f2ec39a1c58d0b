//! A receiver: its kind, its keys, what it cannot do without, and its templates.

use super::{CRASHES, RULE, Reader, items};
use crate::embedded::Text;
use crate::gotemplate::{Dialect, Fault, closed, read};
use crate::node::item;
use crate::node::join;
use crate::rules::alertmanager_receivers::NEEDS;
use crate::rules::look::walk;
use crate::{Node, Value};

impl Reader<'_> {
    pub(super) fn receiver(&mut self, path: &str, receiver: &Node) {
        for (key, value) in receiver.entries() {
            let below = join(path, key);
            for (at, one) in value.items().iter().enumerate() {
                let below = item(&below, at);
                self.service(&below, key, one);
                for (at, responder) in items(one, "responders") {
                    const TYPES: Text = text!("team teams user escalation schedule");
                    if let Some(node) = responder.child("type")
                        && let Some(text) = node.as_str()
                        && !text.contains("{{")
                        && !TYPES.split(' ').any(|t| t.eq_ignore_ascii_case(text))
                    {
                        self.say(
                            &format!("{below}.responders[{at}].type"),
                            node.place,
                            node.described(),
                            TYPES.replace(' ', ", "),
                            "write team",
                        );
                    }
                }
                self.needs(&below, key, one);
                self.fields(&below, one);
                let mut texts: Vec<(String, &Node)> = Vec::new();
                walk(one, &below, &mut |path, _, node| {
                    texts.push((path.to_owned(), node))
                });
                for (name, text) in texts {
                    if let Some(template) = text.as_str().filter(|t| t.contains("{{"))
                        && let Err(Fault {
                            text: found, meant, ..
                        }) = read(template, Dialect::Message)
                    {
                        let fix = match meant {
                            Some((word, new)) if word != new => format!("write {new} for {word}"),
                            _ if found.starts_with('`') && found.contains("function") => {
                                "write eq .Status \"firing\"".to_owned()
                            }
                            _ => text!("close each {{ with }}, and each block with {{ end }}")
                                .as_str()
                                .to_owned(),
                        };
                        let finding = RULE
                            .finds(
                                name,
                                &text.place,
                                found,
                                text!("a template that Alertmanager can expand"),
                                CRASHES,
                            )
                            .fix(fix);
                        self.push(match closed(template, Dialect::Message) {
                            Some(new) => finding.quotes(text.place, &new),
                            None => finding,
                        });
                    }
                }
            }
        }
    }

    /// What a receiver cannot do without, in itself or in `global`.
    fn needs(&mut self, path: &str, kind: &str, one: &Node) {
        for (of, fields, globals) in NEEDS {
            let some = |node: Option<&Node>| {
                node.is_some_and(|n| n.value != Value::Null && n.as_str() != Some(""))
            };
            let in_global = |key: &str| self.global.is_some_and(|g| some(g.child(key)));
            let given = fields.split(' ').any(|field| some(one.get(field)))
                || globals.split(' ').any(in_global);
            if *of != kind || given {
                continue;
            }
            let first = fields.split(' ').next().unwrap_or("");
            let other = match first {
                "webhook_url" | "api_url" => one.child("url").or_else(|| one.child("webhook_url")),
                "routing_key" => one.child("integration_key"),
                "url" => one.child("webhook_url").or_else(|| one.child("api_url")),
                _ => None,
            };
            if let Some(other) = other {
                self.push(
                    RULE.at(path, other.key_place())
                        .found(format!("no {first}"))
                        .expected(first)
                        .why(CRASHES)
                        .writes(other.key_place(), first),
                );
                continue;
            }
            let mut expected = fields.replace(' ', " or ");
            if let Some(global) = globals.split(' ').next().filter(|g| !g.is_empty()) {
                expected.push_str(&format!(", or global.{global} for all"));
            }
            self.say(
                path,
                one.place,
                format!("no {first}"),
                expected,
                format!("add {first}"),
            );
        }
    }
}
