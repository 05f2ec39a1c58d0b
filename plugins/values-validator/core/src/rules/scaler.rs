//! KEDA reads `autoscaling.triggers` only in the cluster, where helm no longer looks: a scaler that it does
//! not have, metadata without what the scaler needs, a number that is none or a query that does not parse,
//! and nothing scales.

#[cfg(feature = "full")]
mod login;
#[cfg(feature = "full")]
mod meaning;
mod metadata;
#[cfg(feature = "full")]
mod zero;

use super::Rule;
use crate::embedded::Text;
use crate::node::join;
use crate::shape::meant;
use crate::{Findings, Node, Severity, Values};

/// `models[].autoscaling.triggers[]` as KEDA reads them.
pub const RULE: Rule = Rule {
    code: "scaler",
    severity: Severity::Error,
    title: text!("A trigger that KEDA cannot read"),
    check,
};

const SCALERS: Text = text!(
    "activemq apache-kafka arangodb artemis-queue aws-cloudwatch aws-dynamodb aws-dynamodb-streams aws-kinesis-stream aws-sqs-queue azure-app-insights azure-blob azure-data-explorer azure-eventhub azure-log-analytics azure-monitor azure-pipelines azure-queue azure-servicebus beanstalkd cassandra couchdb cpu cron datadog dynatrace elasticsearch etcd external external-push forgejo-runner gcp-cloudtasks gcp-pubsub gcp-stackdriver gcp-storage github-runner graphite huawei-cloudeye ibmmq influxdb kafka kubernetes-workload liiklus loki memory metrics-api mongodb mssql mysql nats-jetstream new-relic nsq openstack-metric openstack-swift postgresql predictkube prometheus pulsar rabbitmq redis redis-cluster redis-cluster-streams redis-sentinel redis-sentinel-streams redis-streams selenium-grid solace-event-queue solarwinds solr splunk splunk-observability stan sumologic temporal"
);
/// What else they are called.
const FOREIGN: Text = text!(
    "prom=prometheus thanos=prometheus mimir=prometheus victoriametrics=prometheus schedule=cron crontab=cron sqs=aws-sqs-queue kinesis=aws-kinesis-stream cloudwatch=aws-cloudwatch pubsub=gcp-pubsub servicebus=azure-servicebus eventhub=azure-eventhub postgres=postgresql nats=nats-jetstream"
);
const FAILS: Text = text!("KEDA refuses the ScaledObject: nothing scales.");

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    {
        login::check(values, findings);
        objects(values, findings);
    }
    for (path, model) in values.list("models") {
        #[cfg(feature = "full")]
        zero::first(&path, model, values.list("models").len() == 1, findings);
        let triggers = model.get("autoscaling.triggers");
        for (at, trigger) in triggers.map_or(&[][..], Node::items).iter().enumerate() {
            let path = format!("{path}.autoscaling.triggers[{at}]");
            if let Some(node) = trigger.child("type") {
                one(&path, trigger, node, findings);
            }
        }
    }
}

/// The triggers of ScaledObjects among the extra objects.
#[cfg(feature = "full")]
fn objects(values: &Values, findings: &mut Findings) {
    for (path, object) in values.list("extraObjects") {
        if object.child("kind").and_then(Node::as_str) != Some("ScaledObject") {
            continue;
        }
        let triggers = object.get("spec.triggers").map_or(&[][..], Node::items);
        for (at, trigger) in triggers.iter().enumerate() {
            if let Some(node) = trigger.child("type") {
                one(
                    &format!("{path}.spec.triggers[{at}]"),
                    trigger,
                    node,
                    findings,
                );
            }
        }
    }
}

fn one(path: &str, trigger: &Node, node: &Node, findings: &mut Findings) {
    let Some(kind) = node.as_str() else { return };
    let scalers = SCALERS.as_str();
    if !scalers.split(' ').any(|name| name == kind) {
        if let Some(meant) = meant(FOREIGN, kind, scalers) {
            let expected = text!("the name of a scaler of KEDA");
            let path = join(path, "type");
            findings.push(
                RULE.says(path, node.place, node.described(), &expected, FAILS)
                    .writes(node.place, meant),
            );
        }
        return;
    }
    #[cfg(feature = "full")]
    meaning::check(path, trigger, kind, findings);
    if let Some(node) = trigger.child("metadata") {
        let metadata = metadata::Metadata {
            path: &join(path, "metadata"),
            kind,
            node,
            authenticated: trigger.child("authenticationRef").is_some(),
            say: &|path, place, found, expected| RULE.says(path, place, found, expected, FAILS),
        };
        metadata.check(findings);
    }
}
