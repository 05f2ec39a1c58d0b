//! Connections that a part of the chart opens, with policies for them and no peer for it.

use super::peer::{empty, namespace, say};
use crate::rules::look::{foreign_prometheus, models, on, text};
use crate::{Findings, Node, Values};

const BLOCK: &str = "{ipBlock: {cidr: 0.0.0.0/0}}";

/// The peer that an address asks for: its namespace, where it is a Service of the cluster.
fn peer(address: &str) -> String {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = bare.split(['/', ':']).next().unwrap_or(bare);
    let mut parts = host.split('.');
    let (_, second, third) = (parts.next(), parts.next(), parts.next());
    match (second, third) {
        (Some(name), None | Some("svc")) => namespace(name),
        _ => BLOCK.to_owned(),
    }
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let lacks = |part: &str| empty(values, &format!("egress.{part}"));
    if on(values, "tracing.enabled")
        && lacks("collector")
        && let Some((node, address)) = exporter(values)
    {
        let why = "The policy lets the collector connect to nothing else than this release: every trace is lost.";
        say(
            values,
            "egress.collector",
            node,
            "an exporter of traces, and nobody in egress.collector",
            why,
            &peer(address),
            findings,
        );
    }
    if lacks("vllm")
        && let Some(node) = download(values)
    {
        let why = "The policy lets vLLM connect to nothing else than the collector: the weights are not downloaded, and vLLM ends at its start.";
        say(
            values,
            "egress.vllm",
            node,
            "a model that is downloaded, and nobody in egress.vllm",
            why,
            BLOCK,
            findings,
        );
    }
    let standalone = text(values, "metrics.mode") == "standalone";
    if standalone && lacks("prometheus") {
        let lists = ["remoteWrite", "alertmanagers", "scrapeConfigs"];
        let needing = lists.iter().find_map(|list| {
            let (_, first) = values.list(&format!("prometheus.{list}")).next()?;
            Some((values.get(&format!("prometheus.{list}"))?, first))
        });
        if let Some((node, first)) = needing {
            let address = first
                .child("url")
                .unwrap_or(first)
                .as_str()
                .unwrap_or("https://a.b.c");
            let why = "The policy lets Prometheus connect to nothing else than this release and vLLM: it sends and reads nothing there.";
            say(
                values,
                "egress.prometheus",
                node,
                "addresses outside of the release, and nobody in egress.prometheus",
                why,
                &peer(address),
                findings,
            );
        }
    }
    if standalone && on(values, "alertmanager.enabled") && lacks("alertmanager") {
        let receivers = values.list("alertmanager.config.receivers");
        let notifies = { receivers }
            .map(|(_, receiver)| receiver)
            .find(|receiver| receiver.entries().any(|(key, _)| key.ends_with("_configs")));
        if let Some(node) = notifies {
            let why = "The policy lets Alertmanager connect to nothing else than its own pods: no notification arrives.";
            say(
                values,
                "egress.alertmanager",
                node,
                "a receiver, and nobody in egress.alertmanager",
                why,
                BLOCK,
                findings,
            );
        }
    }
    let foreign = values
        .get("metrics.operator.prometheusURL")
        .filter(|node| node.as_str().is_some_and(|url| !url.is_empty()));
    if let Some(node) = foreign.filter(|_| foreign_prometheus(values)) {
        for part in ["grafana", "helmTest"] {
            if on(values, &format!("{part}.enabled")) && lacks(part) {
                let why = "The policy does not let it connect to the Prometheus: it shows and finds nothing.";
                say(
                    values,
                    &format!("egress.{part}"),
                    node,
                    &format!("a Prometheus of somebody else's, and nobody in egress.{part}"),
                    why,
                    &peer(node.as_str().unwrap_or("")),
                    findings,
                );
            }
        }
    }
}

/// The first exporter that sends to somebody else, and its address.
fn exporter(values: &Values) -> Option<(&Node, &str)> {
    ["otlp", "otlphttp"].iter().find_map(|kind| {
        let mut named = values.map(&format!("tracing.exporters.{kind}"));
        named.find_map(|(_, _, node)| {
            let address = node.child("endpoint")?.as_str()?;
            Some((node, address))
        })
    })
}

/// A model whose weights are downloaded at its start.
fn download(values: &Values) -> Option<&Node> {
    models(values).into_iter().find_map(|model| {
        let deploy = model.deploy?;
        let given = |key: &str| {
            deploy
                .get(key)
                .and_then(Node::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        let name = deploy
            .child("model")
            .and_then(Node::as_str)
            .unwrap_or(model.name);
        let kept = ["storage.existingClaim", "storage.image", "storage.hostPath"]
            .iter()
            .any(|key| given(key));
        let mounted = deploy
            .child("volumes")
            .is_some_and(|list| !list.items().is_empty());
        (!kept && !mounted && name.contains('/') && !name.starts_with('/')).then_some(deploy)
    })
}
