//! A route with a matcher that fits no alert which the others fit.

use super::RULE;
use super::alerts::{Alert, Label};
use super::meaning::{Matcher, taken};
use super::reach::Reach;
use crate::Node;
use crate::finding::in_quotes;

impl<'a> Reach<'a, '_> {
    /// Says which matcher it is, and what it may have been meant to be.
    pub(super) fn fits_none(&mut self, own: &[Matcher<'_>], entering: &[&'a Alert<'a>]) {
        // The one without which there are some; names of alerts have a check of their own.
        let mut found = own.iter().enumerate().filter_map(|(at, matcher)| {
            let others = || {
                own.iter()
                    .enumerate()
                    .filter(|(o, _)| *o != at)
                    .map(|(_, m)| m)
            };
            let fit: Vec<&Alert> = (entering.iter().copied())
                .filter(|alert| taken(self.alerts, alert, others()) != Some(false))
                .collect();
            (matcher.label != "alertname" && !fit.is_empty()).then_some((matcher, fit))
        });
        let Some((matcher, fit)) = found.next() else {
            return;
        };
        let label = matcher.label.as_str();
        let known = |alerts: &[&Alert<'a>]| {
            let mut texts: Vec<&str> = Vec::new();
            for alert in alerts {
                if let Label::OneOf(of) = self.alerts.label(alert, label) {
                    texts.extend(of.into_iter().filter(|text| !text.is_empty()));
                }
            }
            texts.sort_unstable();
            texts.dedup();
            texts
        };
        let texts = known(&fit);
        let all: Vec<&Alert> = self.alerts.all.iter().collect();
        // A label that nothing here has may come from elsewhere.
        let ours = ["model", "namespace", "pod", "model_name"].contains(&label);
        if known(&all).is_empty() && !ours {
            return;
        }
        let mut names: Vec<&str> = fit.iter().map(|alert| alert.name).collect();
        names.dedup();
        let (expected, meant) = if texts.is_empty() {
            let these = if names.len() < 4 {
                names.join(", ")
            } else {
                "these alerts".to_owned()
            };
            let model = self.of_namespace(matcher).filter(|_| names.len() < 4);
            (
                format!("a label that {these} have"),
                model.map(|model| ("model", model)),
            )
        } else {
            let deployed = self.models.iter().find(|model| {
                let of = |key: &str| model.deploy?.child(key)?.as_str();
                label == "model" && of("model") == Some(&matcher.value)
            });
            let only = match texts[..] {
                [only] => Some(only),
                _ => deployed.map(|model| model.name),
            };
            let expected = format!("{label} of the chart's alerts: {}", texts.join(", "));
            (expected, only.map(|only| (label, only)))
        };
        let finding = RULE
            .warning(&matcher.path, &matcher.node.place)
            .found(format!(
                "{label}{}{}",
                matcher.operator,
                in_quotes(&matcher.value)
            ))
            .expected(expected)
            .why("No alert of this release fits: the route takes none.");
        // Two values of one label: no alert has both, and either may be meant.
        let twin = own.iter().find(|other| {
            let equal = other.operator == "=" && matcher.operator == "=";
            equal && other.label == label && other.value != matcher.value
        });
        if let Some(twin) = twin {
            let both = format!("{label}=~\"{}|{}\"", twin.value, matcher.value);
            self.findings.push(
                finding
                    .expected(format!("one value of {label}: no alert has two"))
                    .fix(format!(
                        "write one matcher {both}, or remove one of the two"
                    ))
                    .related(twin.node.place, "the other one"),
            );
            return;
        }
        let finding = match meant.filter(|_| matcher.operator.starts_with('=')) {
            Some((of, text)) if matcher.alone && (!matcher.old || of == label) => {
                let text = if matcher.old {
                    in_quotes(text)
                } else {
                    format!("{of}={text:?}")
                };
                let written = if matcher.old {
                    text.clone()
                } else {
                    format!("'{text}'")
                };
                finding
                    .fix(format!("write {text}"))
                    .replace(matcher.node.place, written)
            }
            _ if texts.is_empty() => finding.fix(format!("remove the matcher of {label}")),
            _ => finding.fix(format!(
                "write {label} of one of these alerts, or remove the matcher"
            )),
        };
        self.findings.push(finding);
    }

    /// The one entry of `models` in the namespace that is asked for.
    fn of_namespace(&self, matcher: &Matcher<'_>) -> Option<&'a str> {
        let mut there = self.models.iter().filter(|model| {
            let namespaces = model.node.child("namespaces").map_or(&[][..], Node::items);
            matcher.label == "namespace"
                && namespaces
                    .iter()
                    .any(|n| n.as_str() == Some(&matcher.value))
        });
        match (there.next(), there.next()) {
            (Some(only), None) => Some(only.name),
            _ => None,
        }
    }
}
