//! A ServiceMonitor discovers pods behind a Service, by the Service's labels. Those of a Service that this
//! chart makes are known; those of any other are not. Google Managed Prometheus discovers only pods.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::{models, text};
use crate::shape::written;
use crate::{Findings, Node, Severity, Values};

/// `models[].serviceSelector` with `monitor: ServiceMonitor`.
pub const RULE: Rule = Rule {
    code: "service-monitor",
    severity: Severity::Error,
    title: text!("A ServiceMonitor without a Service, or where none is read"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    if text(values, "metrics.mode") == "google" {
        for model in models(values) {
            if let Some(monitor) = model.node.child("monitor")
                && monitor.as_str() == Some("ServiceMonitor")
            {
                findings.push(
                    RULE.finds(format!("{}.monitor", model.path), &monitor.place, text!("ServiceMonitor, with metrics.mode: google"), text!("PodMonitor, or no monitor"), text!("Google Managed Prometheus discovers only pods."))
                        .fix(text!("remove monitor and serviceSelector, and select the pods: selector: {app: vllm}")),
                );
            }
        }
        return;
    }
    for model in models(values).iter().filter(|m| m.deploy.is_none()) {
        let Some(monitor) = model.node.child("monitor") else {
            continue;
        };
        let labels = model.node.child("serviceSelector");
        let given = labels.is_some_and(|labels: &Node| labels.entries().next().is_some());
        if monitor.as_str() != Some("ServiceMonitor") || given {
            continue;
        }
        findings.push(
            RULE.finds(
                format!("{}.monitor", model.path),
                &monitor.place,
                text!("ServiceMonitor, without serviceSelector"),
                text!("the labels of the Service in serviceSelector"),
                text!("A ServiceMonitor selects Services by labels, and none are set."),
            )
            .fix(format!(
                "add serviceSelector: {}, or leave monitor out: a PodMonitor needs no Service",
                (model.node.child("selector")).map_or("{app: vllm}".into(), written)
            )),
        );
    }
}
