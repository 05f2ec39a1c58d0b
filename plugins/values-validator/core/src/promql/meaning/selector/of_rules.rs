//! Labels of what rules give: alerts, and what the chart records.

use super::super::{Reader, Topic, unsure};
use super::source;
use crate::embedded::recorded_labels;
use crate::promql::expr::Matcher;

impl Reader<'_> {
    /// Labels of alerts, and of what the chart records.
    pub(super) fn recorded(&mut self, name: &str, matcher: &Matcher, why: &'static str) {
        let Matcher {
            at, label, value, ..
        } = matcher;
        let context = self.context;
        let known = if crate::FULL {
            super::known::values(name, label)
        } else {
            Vec::new()
        };
        let texts = match (name, label.as_str()) {
            ("ALERTS", "alertstate") => &["firing", "pending"],
            ("ALERTS", "alertname") if value.starts_with("Vllm") => context.alerts,
            ("model:vllm_slo:error_ratio", "window") => context.windows,
            _ => &known[..],
        };
        if self.one_of(matcher, texts, why) && label != "alertstate" {
            unsure(self.doubts.last_mut());
        }
        let lost = ["pod", "engine", "instance", "container"].contains(&label.as_str());
        if let Some(labels) = recorded_labels(name).filter(|_| lost && !value.is_empty())
            && !labels.split(',').any(|own| own == label)
        {
            let labels = labels.replace(',', ", ");
            let fix = match source(name) {
                Some((family, _)) => {
                    format!("select by {labels}, or read {}", family.name)
                }
                None => format!("select by {labels}"),
            };
            let found = format!("the label {label} on {name}");
            let expected = format!("a label that it has: {labels}");
            let doubt = self.doubt(Topic::Selector, *at, found, expected, why, fix);
            unsure(doubt);
        }
    }
}
