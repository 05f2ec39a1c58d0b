//! Who opens a part's page, or asks its Prometheus, and is not among the readers.

use super::peer::{empty, namespace, namespaces, say};
use crate::rules::look::{foreign_prometheus, models, on, text};
use crate::{Findings, Values};

/// The parts that may be reached from outside, and whether their ports are closed with `auto`, too.
const PARTS: [(&str, bool); 4] = [
    ("prometheus", false),
    ("grafana", false),
    ("alertmanager", true),
    ("jaeger", true),
];

pub(super) fn check(values: &Values, every: bool, findings: &mut Findings) {
    keda(values, every, findings);
    if !empty(values, "readers") {
        return;
    }
    let standalone = !foreign_prometheus(values);
    for (part, always) in PARTS {
        let deployed = match part {
            "prometheus" => text(values, "metrics.mode") == "standalone",
            "alertmanager" => standalone && on(values, "alertmanager.enabled"),
            _ => on(values, &format!("{part}.enabled")),
        };
        if !deployed || !(every || always) {
            continue;
        }
        let opened = ["ingress", "httpRoute"].iter().find_map(|way| {
            values
                .get(&format!("{part}.{way}.enabled"))
                .filter(|node| node.as_bool() == Some(true))
        });
        if let Some(node) = opened {
            let why = "The part accepts connections of the release's own pods alone: the controller that serves the address gets none, and answers 502 or 504.";
            say(
                values,
                "readers",
                node,
                &format!("{part} behind an address, and nobody in readers"),
                why,
                &namespace("<namespace of the controller>"),
                findings,
            );
            return;
        }
    }
}

/// KEDA asks the chart's Prometheus, from a namespace of its own.
fn keda(values: &Values, every: bool, findings: &mut Findings) {
    let own = [
        "autoscaling.prometheusURL",
        "metrics.operator.prometheusURL",
        "helmTest.prometheusURL",
    ];
    let own = own.iter().all(|path| text(values, path).is_empty());
    if !every || !own || text(values, "metrics.mode") != "standalone" {
        return;
    }
    let Some(node) = models(values).into_iter().find_map(|model| {
        model
            .node
            .child("autoscaling")
            .filter(|_| model.autoscaling().is_some())
    }) else {
        return;
    };
    // Peers of which not every namespace is known may have it.
    let known = namespaces(values, "readers");
    if known.is_some_and(|names| !names.iter().any(|name| name.contains("keda"))) {
        let why = "KEDA asks this Prometheus how many replicas are needed, and the policy does not let it connect: nothing scales.";
        say(
            values,
            "readers",
            node,
            "autoscaling by KEDA, whose namespace is not in readers",
            why,
            &namespace("keda"),
            findings,
        );
    }
}
