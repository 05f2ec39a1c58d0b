//! Labels and names of alerts that no alert has.

use super::{RULE, Reader};
use crate::embedded::Text;
use crate::shape::nearest;
use crate::{Node, re2};

impl Reader<'_> {
    /// A label that no alert has and that is near to one that they have.
    pub(super) fn known_label(&mut self, path: &str, node: &Node, label: &str, route: bool) {
        const LABELS: [&str; 8] = [
            "alertname",
            "severity",
            "model",
            "model_name",
            "namespace",
            "pod",
            "instance",
            "cluster",
        ];
        let near = nearest(label, LABELS).filter(|near| label.len() > 4 && near.len() > 4);
        let near = if label == "alert" {
            Some("alertname")
        } else {
            near
        };
        let Some(near) = near.filter(|_| !LABELS.contains(&label)) else {
            return;
        };
        let new = node.as_str().unwrap_or("").replacen(label, near, 1);
        let finding = RULE
            .warning(path, &node.place)
            .found(format!("the label {label}"))
            .expected(text!(
                "a label that alerts have: alertname, severity, model, namespace, pod"
            ))
            .why(if route {
                text!("No alert has that label: the route takes none, or with != and !~ all.")
            } else {
                text!("No alert has that label: it is empty in all of them.")
            })
            .fix(format!("did you mean {near}?"))
            .replace(node.place, format!("'{new}'"));
        self.push(finding);
    }

    /// The labels that alerts of a model have in common, in place of one that only some of them have.
    #[cfg(feature = "full")]
    pub(super) fn of_models(&mut self, path: &str, equal: Option<&Node>) {
        let Some((list, finding)) = equal.zip(self.findings.0.last_mut()) else {
            return;
        };
        let near = finding.fix.text.ends_with("model_name?");
        if !near || !finding.path.starts_with(&format!("{path}.equal[")) {
            return;
        }
        let alone = list.items().len() == 1;
        let Some(edit) = &mut finding.fix.replacement else {
            return;
        };
        if alone {
            (edit.place, edit.text) = (list.place, "[namespace, model]".to_owned());
            finding.fix.text =
                "write equal: [namespace, model], which the alerts of a model have in common"
                    .to_owned();
        } else {
            edit.text = "model".to_owned();
            finding.fix.text = "write model, which all alerts of a model have".to_owned();
        }
    }

    /// Labels and names of alerts that nothing has.
    pub(super) fn labelled(
        &mut self,
        path: &str,
        matcher: &Node,
        label: &str,
        operator: &str,
        value: &str,
    ) {
        self.known_label(path, matcher, label, true);
        let glob = self.globbed(operator, value);
        let mut warning =
            |found: String, expected: Text, why: Text, near: Option<&str>, old: &str| {
                let finding = RULE
                    .warning(path, &matcher.place)
                    .found(found)
                    .expected(expected)
                    .why(why);
                self.findings.push(match near {
                    Some(near) => {
                        let new = matcher.as_str().unwrap_or("").replacen(old, near, 1);
                        finding
                            .fix(format!("did you mean {near}?"))
                            .replace(matcher.place, format!("'{new}'"))
                    }
                    None => finding.fix(text!(
                        "see docs/runbooks for the names of the chart's alerts"
                    )),
                });
            };
        if label != "alertname" || value.is_empty() || !matches!(operator, "=" | "=~") {
            return;
        }
        let ours = value.to_ascii_lowercase().starts_with("vllm")
            || self
                .alerts
                .iter()
                .any(|name| name.eq_ignore_ascii_case(value));
        let found = if operator == "=" {
            self.alerts.contains(value)
        } else {
            re2::whole(value).is_none_or(|p| self.alerts.iter().any(|name| p.is_match(name)))
        };
        if ours && !found {
            let near = nearest(value, self.alerts.iter());
            let near = glob.as_deref().or(near);
            warning(
                format!("the alert {value:?}"),
                text!("the name of an alert in rules.alerts or rules.additionalAlerts"),
                text!("No alert of this release has that name: the route takes none of them."),
                near,
                value,
            );
            if let (Some(meant), Some(finding)) = (glob, self.findings.0.last_mut()) {
                finding.fix.text = format!(
                    "write {meant}: in a regular expression * repeats the character before it"
                );
            }
        }
    }

    /// A pattern of a shell as one of RE2, where alerts have such names.
    fn globbed(&self, operator: &str, value: &str) -> Option<String> {
        if !crate::FULL || operator != "=~" || !value.contains('*') || value.contains(".*") {
            return None;
        }
        let meant = value.replace('*', ".*");
        let pattern = re2::whole(&meant)?;
        let any = self.alerts.iter().any(|name| pattern.is_match(name));
        any.then_some(meant)
    }
}
