//! `replicas: auto` where nothing scrapes kube-state-metrics, or its series are dropped at the scrape.

use super::RULE;
use crate::finding::in_quotes;
use crate::rules::look::{Model, models, text};
use crate::rules::scrape_jobs;
use crate::{Finding, Findings, Values, re2};

/// The series of which auto reads the one that the workload has.
const WANTED: [&str; 2] = ["kube_deployment_spec_replicas", "kube_statefulset_replicas"];

/// Entries whose number of replicas this Prometheus cannot know.
pub(super) fn check(values: &Values, findings: &mut Findings) {
    let auto = |model: &Model<'_>| {
        let replicas = model.node.child("replicas");
        let node = replicas.filter(|node| node.as_str() == Some("auto"))?.place;
        Some((format!("{}.replicas", model.path), node))
    };
    let autos = models(values);
    let mut autos = autos.iter().filter_map(auto).peekable();
    let Some((_, first)) = autos.peek() else {
        return;
    };
    let Some(exporter) = scrape_jobs::unscraped(values, WANTED[0]) else {
        findings.0.extend(lost(values, *first));
        return;
    };
    for (path, place) in autos {
        let finding = RULE
            .warning(path, place)
            .found(format!("auto, and no job scrapes {exporter}"))
            .expected(format!("{exporter} in prometheus.scrapeConfigs, or a number"))
            .why("auto is read from its series: without them no number is expected, and VllmReplicaDown never fires.")
            .fix(format!("write the number of replicas, or add a job for {exporter} to prometheus.scrapeConfigs"));
        findings.push(finding);
    }
}

/// The step that takes both series away.
fn lost(values: &Values, auto: crate::Place) -> Option<Finding> {
    let own = text(values, "metrics.mode") == "standalone"
        && values.list("rules.export.engines").next().is_none();
    let gone = |name: &str| scrape_jobs::dropped(values, name).filter(|_| own);
    let [Some((path, node)), Some(_)] = WANTED.map(gone) else {
        return None;
    };
    let text = node.as_str()?;
    let finding = RULE
        .warning(path, node.place)
        .found(format!(
            "{text:?}, with which {} is not stored",
            WANTED.join(" or ")
        ))
        .expected("a step that keeps the series of which replicas: auto reads the number")
        .why("Without them no number of replicas is expected, and VllmReplicaDown never fires.")
        .related(auto, "replicas: auto");
    // A step that drops what its pattern names.
    if re2::whole(text)?.is_match(WANTED[0]) {
        return Some(finding.fix(format!("take {} out of the pattern", WANTED.join(" and "))));
    }
    let new = in_quotes(&kept(text));
    Some(
        finding
            .fix(format!("write regex: {new}"))
            .replace(node.place, new),
    )
}

/// The pattern with both series: with any end where it has beginnings of names alone, else with their names.
fn kept(text: &str) -> String {
    #[cfg(feature = "full")]
    let ended = scrape_jobs::ended(text, scrape_jobs::KUBE);
    #[cfg(not(feature = "full"))]
    let ended = None::<String>;
    let text = ended.as_deref().unwrap_or(text);
    if re2::whole(text).is_some_and(|all| WANTED.iter().all(|name| all.is_match(name))) {
        text.to_owned()
    } else {
        format!("{text}|{}", WANTED.join("|"))
    }
}
