//! Series that exist, and are not there for the alert: nothing scrapes or records them as the values are.

use super::RULE;
use crate::finding::in_quotes;
use crate::rules::scrape_jobs::{dropped, unscraped};
use crate::{Finding, Place, Values};

/// Why a series that an alert reads is not there.
pub(super) fn unread(values: &Values, path: &str, place: Place, name: &str) -> Option<Finding> {
    let says = |found: String, expected: &str, why: &str| {
        RULE.warning(path, place)
            .found(found)
            .expected(expected)
            .why(why)
    };
    if let Some(exporter) = unscraped(values, name) {
        let finding = says(
            format!("{name}, and no job scrapes {exporter}"),
            "a series that this Prometheus scrapes",
            "In standalone mode the chart's Prometheus scrapes vLLM and what prometheus.scrapeConfigs names: no series has that name, and the alert never fires.",
        );
        return Some(finding.fix(format!(
            "add a job for {exporter} to prometheus.scrapeConfigs"
        )));
    }
    let (at, regex) = dropped(values, name)?;
    let text = regex.as_str()?;
    let finding = says(
        format!("{name}, which {at} takes away"),
        "a series that the scrape keeps",
        "Prometheus drops it at the scrape, so the alert never fires.",
    );
    let finding = finding.related(regex.place, "the step");
    Some(
        if at.contains("metric_relabel_configs") && crate::re2::whole(text)?.is_match(name) {
            finding.fix(format!("take {name} out of that regex"))
        } else {
            let new = in_quotes(&format!("{text}|{name}"));
            finding
                .fix(format!("write regex: {new} there"))
                .replace(regex.place, new)
        },
    )
}
