//! Templates that receivers call by a name: Alertmanager's own, those of `templates`, or defined in the text itself.

use super::{RULE, items};
use crate::node::item;
use crate::rules::look::walk;
use crate::{Findings, Node};

/// Names that texts call in `{{ template "NAME" . }}`.
fn called(text: &str) -> impl Iterator<Item = &str> {
    let calls = text.split("{{").skip(1).filter_map(|rest| {
        let call = rest.trim_start_matches('-').trim_start();
        let name = call.strip_prefix("template")?.trim_start();
        let quote = name.chars().next().filter(|c| matches!(c, '"' | '`'))?;
        name[1..].split_once(quote)
    });
    calls.map(|(name, _)| name)
}

/// Whether Alertmanager has it itself (its template/*.tmpl): `slack.default.title`, `__subject`.
fn own(name: &str) -> bool {
    name.contains(".default.") || name.starts_with("__")
}

pub(super) fn check(config: &Node, findings: &mut Findings) {
    // What is in files is not known.
    if items(config, "templates").next().is_some() {
        return;
    }
    for (at, receiver) in items(config, "receivers") {
        let path = item("alertmanager.config.receivers", at);
        walk(receiver, &path, &mut |path, _, node| {
            let Some(text) = node.as_str() else { return };
            let defined = |name: &str| {
                ["define", "block"].iter().any(|word| {
                    text.contains(&format!("{word} \"{name}\""))
                        || text.contains(&format!("{word} `{name}`"))
                })
            };
            if let Some(name) = called(text).find(|name| !own(name) && !defined(name)) {
                findings.push(
                    RULE.warning(path, &node.place)
                        .found(format!("the template {name:?}, and no file of templates"))
                        .expected("a template that Alertmanager has, such as \"slack.default.title\"")
                        .why("Alertmanager cannot expand the text: each notification of this receiver fails.")
                        .fix(format!(
                            "write the text itself, such as {{{{ .CommonLabels.alertname }}}}; or mount a file that defines {name:?} (alertmanager.extraVolumes, extraVolumeMounts) and name it in alertmanager.config.templates"
                        )),
                );
            }
        });
    }
}
