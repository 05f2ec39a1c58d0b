//! Alerts of the chart that somebody configured, on series of other exporters that the scrape drops.

use super::RULE;
use crate::finding::in_quotes;
use crate::rules::look::text;
use crate::rules::scrape_jobs::dropped;
use crate::{Findings, Node, Values, re2};

/// Alerts of the chart, and what each reads beside vLLM's series.
const READ: [(&str, &str); 2] = [
    ("VllmGpuFault", "DCGM_FI_DEV_XID_ERRORS"),
    (
        "VllmCrashLooping",
        "kube_pod_container_status_restarts_total",
    ),
];

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let own = text(values, "metrics.mode") == "standalone"
        && values.list("rules.export.engines").next().is_none();
    for (alert, name) in READ.iter().filter(|_| own) {
        // What nobody touched may be unwanted.
        let on = values.get(&format!("rules.alerts.{alert}")).filter(|node| {
            !node.place.is_untouched()
                && node.child("enabled").and_then(Node::as_bool) != Some(false)
        });
        let (Some(on), Some((path, regex))) = (on, dropped(values, name)) else {
            continue;
        };
        let text = regex.as_str().unwrap_or_default();
        let finding = RULE
            .warning(path, regex.place)
            .found(format!("{text:?}, with which {name} is not stored"))
            .expected(format!("a step that keeps what {alert} reads"))
            .why(format!(
                "{alert}, which is set up below rules.alerts, never fires."
            ))
            .related(on.place, "the alert");
        // A keep does not name it, a drop does.
        let named = re2::whole(text).is_some_and(|pattern| pattern.is_match(name));
        findings.push(if named {
            finding.fix(format!("leave {name} out of the pattern"))
        } else {
            let new = in_quotes(&format!("{text}|{name}"));
            finding
                .fix(format!("write regex: {new}"))
                .replace(regex.place, new)
        });
    }
}
