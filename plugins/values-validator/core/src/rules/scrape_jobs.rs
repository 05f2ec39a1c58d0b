//! What Prometheus refuses in `prometheus.scrapeConfigs`, and with it its whole configuration: the name
//! of a job that another job has, those of the chart's own included, a target with a scheme or a path, a
//! role that Kubernetes' service discovery does not have, and a timeout above the interval.
//!
//! The chart refuses the name, too.

#[cfg(feature = "full")]
mod access;
#[cfg(feature = "full")]
mod asked;
#[cfg(feature = "full")]
mod ended;
#[cfg(feature = "full")]
mod federate;
mod sources;

#[cfg(feature = "full")]
pub(super) use ended::{KUBE, ended};
pub(super) use sources::{dropped, external, unscraped};

use super::Rule;
use super::relabelling::{self, Of, REFUSES};
use super::remote_write::logins;
#[cfg(feature = "full")]
use super::remote_write::schemes;
use crate::node::{item, join};
use crate::sorted::Sorted;
use crate::{Finding, Findings, Node, Severity, Values};

/// `prometheus.scrapeConfigs[]`.
pub const RULE: Rule = Rule {
    code: "scrape-jobs",
    severity: Severity::Error,
    title: text!("A scrape that Prometheus refuses"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let mut names = Sorted::default();
    for (path, job) in values.list("prometheus.scrapeConfigs") {
        #[cfg(feature = "full")]
        access::check(values, &path, job, findings);
        #[cfg(feature = "full")]
        asked::check(&path, job, findings);
        #[cfg(feature = "full")]
        findings.0.extend(access::late(values, &path, job));
        #[cfg(feature = "full")]
        schemes(&RULE, &path, job, findings);
        everywhere(&path, job, findings);
        for (key, of) in [
            ("relabel_configs", Of::Targets(job)),
            ("metric_relabel_configs", Of::Samples),
        ] {
            relabelling::steps(&RULE, &join(&path, key), job.child(key), &of, findings);
        }
        if let Some(node) = job.child("job_name")
            && let Some(name) = node.as_str()
        {
            let first = names.insert(name.to_owned(), node.place);
            if first.is_some() || of_the_chart(name) {
                let found = format!("{name}, the name of another job");
                let path = join(&path, "job_name");
                let finding = (RULE.says(
                    path,
                    node.place,
                    found,
                    "a name of its own for each job",
                    REFUSES,
                ))
                .fix("rename it");
                findings.push(match first {
                    Some(first) => finding.related(first, "the other one"),
                    None => finding,
                });
            }
        }
        let seconds = |key: &str| Some((job.child(key)?, job.child(key)?.as_seconds()?));
        if let (Some((node, timeout)), Some((other, interval))) =
            (seconds("scrape_timeout"), seconds("scrape_interval"))
            && timeout > interval
            && interval > 0.0
        {
            findings.push(
                RULE.says(
                    join(&path, "scrape_timeout"),
                    node.place,
                    node.described(),
                    "a timeout not above scrape_interval",
                    REFUSES,
                )
                .fix(format!(
                    "write {} or less, or raise scrape_interval",
                    other.as_str().unwrap_or_default()
                ))
                .related(other.place, "the interval"),
            );
        }
        findings.0.extend(idle(&path, job));
        #[cfg(feature = "full")]
        findings.0.extend(federate::unasked(&path, job));
        // Steps may move a target's text elsewhere, as a job of the blackbox exporter has it: Prometheus looks at
        // it only where there are none.
        let steps = job
            .child("relabel_configs")
            .map_or(0, |steps| steps.items().len());
        let configs = job.child("static_configs").filter(|_| steps == 0);
        for (i, config) in configs.iter().flat_map(|c| c.items()).enumerate() {
            let targets = config.child("targets");
            for (k, target) in targets.iter().flat_map(|t| t.items()).enumerate() {
                address(
                    &format!("{path}.static_configs[{i}].targets[{k}]"),
                    target,
                    findings,
                );
            }
        }
    }
}

/// A job that looks for nothing.
fn idle(path: &str, job: &Node) -> Option<Finding> {
    for (key, node) in job.entries() {
        for one in node.items() {
            let none = one
                .child("targets")
                .is_some_and(|list| list.items().is_empty());
            if key.ends_with("_sd_configs") || key == "static_configs" && !none {
                return None;
            }
        }
    }
    let found = text!("a job without targets").to_string();
    Some(RULE.warns(
        path,
        job.place,
        found,
        [
            text!("static_configs with targets, or a discovery"),
            text!("Nothing is scraped."),
            text!("add static_configs: [{targets: [\"host:port\"]}]"),
        ],
    ))
}

/// The logins of the job and of what looks for its targets.
fn everywhere(path: &str, node: &Node, findings: &mut Findings) {
    logins(&RULE, path, node, findings);
    for (key, node) in node.entries() {
        everywhere(&join(path, key), node, findings);
    }
    for (at, node) in node.items().iter().enumerate() {
        everywhere(&item(path, at), node, findings);
    }
}

/// Whether the chart has jobs of such a name: `_scrape_configs.tpl`.
fn of_the_chart(name: &str) -> bool {
    matches!(name, "prometheus" | "alertmanager")
        || ["vllm/", "probe/", "vllm-monitoring/"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

fn address(path: &str, target: &Node, findings: &mut Findings) {
    let Some(text) = target.as_str() else { return };
    if text.contains([',', ' ']) {
        findings.push(RULE.warns(
            path,
            target.place,
            target.described(),
            [
                text!("host:port, one text for each target"),
                text!("There is no such address: each scrape fails."),
                text!("write each in quotes of its own"),
            ],
        ));
    } else if text.contains('/') {
        findings.push(
            RULE.says(
                path.to_owned(),
                target.place,
                text.to_owned(),
                "host:port",
                REFUSES,
            )
            .fix(text!(
                "leave the host and the port, and write the rest into scheme and metrics_path"
            )),
        );
    }
}
