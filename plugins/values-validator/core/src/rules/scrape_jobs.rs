//! What Prometheus refuses in `prometheus.scrapeConfigs`, and with it its whole configuration: the name
//! of a job that another job has, those of the chart's own included, and a target with a scheme or a path.
//!
//! The chart refuses the name, too.

use super::Rule;
use crate::embedded::Text;
use crate::node::join;
use crate::sorted::Sorted;
use crate::{Findings, Node, Severity, Values};

/// `prometheus.scrapeConfigs[]`.
pub const RULE: Rule = Rule {
    code: "scrape-jobs",
    severity: Severity::Error,
    title: text!("A scrape that Prometheus refuses"),
    check,
};

const REFUSES: Text = text!("Prometheus refuses its whole configuration and does not start.");

fn check(values: &Values, findings: &mut Findings) {
    let mut names = Sorted::default();
    for (path, job) in values.list("prometheus.scrapeConfigs") {
        if let Some(node) = job.child("job_name")
            && let Some(name) = node.as_str()
        {
            let first = names.insert(name.to_owned(), node.place);
            if first.is_some() || of_the_chart(name) {
                let finding = RULE
                    .at(join(&path, "job_name"), &node.place)
                    .found(format!("{name}, the name of another job"))
                    .expected(text!("a name of its own for each job"))
                    .why(REFUSES)
                    .fix(text!("rename it"));
                findings.push(match first {
                    Some(first) => finding.related(first, "the other one"),
                    None => finding,
                });
            }
        }
        let configs = job.child("static_configs");
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

/// Whether the chart has jobs of such a name: `_scrape_configs.tpl`.
fn of_the_chart(name: &str) -> bool {
    matches!(name, "prometheus" | "alertmanager")
        || ["vllm/", "probe/", "vllm-monitoring/"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

fn address(path: &str, target: &Node, findings: &mut Findings) {
    let Some(text) = target.as_str() else { return };
    if text.contains('/') {
        findings.push(
            RULE.at(path.to_owned(), &target.place)
                .found(text.to_owned())
                .expected(text!("host:port"))
                .why(REFUSES)
                .fix(text!(
                    "leave the host and the port, and write the rest into scheme and metrics_path"
                )),
        );
    }
}
