//! Prometheus gives up on a scrape after `timeout` and begins the next after `interval`: a longer timeout
//! makes no sense, and it refuses its configuration.
//!
//! The chart refuses it too. Between two probes of more than five minutes there is no sample that alerts read.

use super::Rule;
use super::look::on;
use crate::node::blamed;
use crate::{Findings, Severity, Values};
use vllm_catalog::number::Shown;

/// `timeout` against `interval`, of `metrics.scrape` and of the probe, which Prometheus scrapes for its answers.
pub const RULE: Rule = Rule {
    code: "scrape-timeout",
    severity: Severity::Error,
    title: text!("A scrape may take longer than the time between two"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    compare(values, "metrics.scrape", findings);
    if on(values, "probe.enabled") {
        compare(values, "probe", findings);
        #[cfg(feature = "full")]
        one_lost(values, findings);
        if let Some(node) = values.get("probe.interval")
            && node.as_seconds().is_some_and(|every| every > 300.0)
        {
            let finding = RULE
                .says(
                    "probe.interval".to_owned(),
                    node.place,
                    node.described(),
                    text!("at most 5m").as_str(),
                    text!("Prometheus reads no sample older than 5m: between two probes there are none, and no alert fires."),
                )
                .fix("write 2m")
                .replace(node.place, "2m").as_warning();
            findings.push(finding);
        }
    }
}

fn compare(values: &Values, of: &str, findings: &mut Findings) {
    let paths = [format!("{of}.interval"), format!("{of}.timeout")];
    let [Some(interval), Some(timeout)] = paths.each_ref().map(|path| values.get(path)) else {
        return;
    };
    let (Some(most), Some(given)) = (interval.as_seconds(), timeout.as_seconds()) else {
        return;
    };
    if given <= most {
        return;
    }
    let at = blamed(&[interval, timeout]).unwrap_or(timeout);
    let path = &paths[usize::from(!std::ptr::eq(at, interval))];
    findings.push(
        RULE.finds(
            path,
            &at.place,
            format!("timeout {}s, interval {}s", Shown(given), Shown(most)),
            text!("a timeout not above the interval"),
            text!("Prometheus refuses such a scrape configuration: nothing is scraped."),
        )
        .fix(format!(
            "write timeout: {}s or less, or interval: {}s or more",
            Shown(most),
            Shown(given)
        ))
        .related(interval.place, "the interval")
        .related(timeout.place, "the timeout"),
    );
}

/// One failed probe is seen until the next one: an alert that waits for less fires for each.
#[cfg(feature = "full")]
fn one_lost(values: &Values, findings: &mut Findings) {
    let paths = ["rules.alerts.VllmProbeFailing.for", "probe.interval"];
    let [Some(wait), Some(interval)] = paths.map(|path| values.get(path)) else {
        return;
    };
    let (Some(waits), Some(every)) = (wait.as_seconds(), interval.as_seconds()) else {
        return;
    };
    let on = on(values, "rules.alerts.VllmProbeFailing.enabled");
    if !on || wait.is_default() || waits >= every || every > 300.0 {
        return;
    }
    findings.push(
        RULE.warning(paths[0], &wait.place)
            .found(format!("VllmProbeFailing after {}s, and a probe every {}s", Shown(waits), Shown(every)))
            .expected("for: above the interval of probes, such as three times it")
            .why("One lost probe is enough: the alert fires before a second one is sent.")
            .fix(format!("write rules.alerts.VllmProbeFailing.for: {}s, or lower probe.interval to a third of it", Shown(every * 3.0)))
            .related(interval.place, "the interval of probes"),
    );
}
