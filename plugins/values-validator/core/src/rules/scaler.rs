//! KEDA reads `autoscaling.triggers` only in the cluster, where helm no longer looks: a scaler that it does
//! not have, metadata without what the scaler needs, a number that is none or a query that does not parse,
//! and nothing scales.

use super::Rule;
use crate::embedded::Text;
use crate::node::join;
use crate::shape::nearest;
use crate::{Finding, Findings, Node, Place, Severity, Values};

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
/// What else it is called.
const FOREIGN: Text = text!(
    "prom=prometheus thanos=prometheus mimir=prometheus victoriametrics=prometheus schedule=cron crontab=cron sqs=aws-sqs-queue kinesis=aws-kinesis-stream cloudwatch=aws-cloudwatch pubsub=gcp-pubsub servicebus=azure-servicebus eventhub=azure-eventhub postgres=postgresql nats=nats-jetstream serverURL=serverAddress serverUrl=serverAddress prometheusURL=serverAddress prometheusAddress=serverAddress url=serverAddress address=serverAddress server=serverAddress expr=query expression=query promql=query target=threshold targetValue=threshold value=threshold metricThreshold=threshold tz=timezone timeZone=timezone from=start to=end stop=end replicas=desiredReplicas brokers=bootstrapServers brokerList=bootstrapServers group=consumerGroup groupId=consumerGroup targetAverageUtilization=value utilization=value averageUtilization=value"
);
/// A scaler, what it needs, `;` and what it may have besides.
const METADATA: Text = text!(
    "prometheus serverAddress query threshold;activationThreshold namespace metricName customHeaders ignoreNullValues queryParameters unsafeSsl timeout authModes cortexOrgID awsRegion identityOwner\ncron timezone start end desiredReplicas;\ncpu value;type containerName activationValue\nmemory value;type containerName activationValue\nkafka consumerGroup bootstrapServers;topic lagThreshold activationLagThreshold offsetResetPolicy allowIdleConsumers scaleToZeroOnInvalidOffset excludePersistentLag limitToPartitionsWithLag ensureEvenDistributionOfPartitions version partitionLimitation sasl tls saslTokenProviderARN awsRegion unsafeSsl\nredis listName;address host port username password listLength activationListLength enableTLS unsafeSsl databaseIndex usernameFromEnv passwordFromEnv addressFromEnv hostFromEnv portFromEnv\nrabbitmq queueName;host hostFromEnv protocol mode value activationValue vhostName useRegex pageSize operation metricName timeout unsafeSsl excludeUnacknowledged username password"
);
const NUMBERS: Text = text!(
    "threshold activationThreshold value activationValue lagThreshold activationLagThreshold listLength activationListLength desiredReplicas"
);
const FAILS: &str = "KEDA refuses the ScaledObject: nothing scales.";

fn foreign(word: &str) -> Option<&'static str> {
    let pair = |pair: &'static str| pair.split_once('=').filter(|(other, _)| *other == word);
    FOREIGN
        .as_str()
        .split(' ')
        .find_map(pair)
        .map(|(_, ours)| ours)
}

fn say(path: String, place: Place, found: String, expected: impl Into<String>) -> Finding {
    RULE.at(path, place)
        .found(found)
        .expected(expected)
        .why(FAILS)
}

fn check(values: &Values, findings: &mut Findings) {
    for (path, model) in values.list("models") {
        let triggers = model.get("autoscaling.triggers");
        for (at, trigger) in triggers.map_or(&[][..], Node::items).iter().enumerate() {
            let path = format!("{path}.autoscaling.triggers[{at}]");
            if let Some(node) = trigger.child("type") {
                one(&path, trigger, node, findings);
            }
        }
    }
}

fn one(path: &str, trigger: &Node, node: &Node, findings: &mut Findings) {
    let Some(kind) = node.as_str() else { return };
    let mut known = SCALERS.as_str().split(' ');
    if !known.clone().any(|name| name == kind) {
        let meant = foreign(&kind.to_ascii_lowercase()).or_else(|| nearest(kind, &mut known));
        if let Some(meant) = meant {
            findings.push(
                say(
                    join(path, "type"),
                    node.place,
                    node.described(),
                    text!("the name of a scaler of KEDA"),
                )
                .fix(format!("write {meant}"))
                .replace(node.place, meant),
            );
        }
        return;
    }
    let Some(metadata) = trigger.child("metadata") else {
        return;
    };
    let base = join(path, "metadata");
    let line = METADATA
        .lines()
        .find_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
    if let Some((needed, more)) = line.and_then(|line| line.split_once(';')) {
        let known = || {
            needed
                .split(' ')
                .chain(more.split(' '))
                .filter(|word| !word.is_empty())
        };
        let has = |key: &str| {
            metadata.child(key).is_some() || metadata.child(&format!("{key}FromEnv")).is_some()
        };
        let mut renamed = Vec::new();
        for (key, value) in metadata
            .entries()
            .filter(|(key, _)| !known().any(|word| word == *key))
        {
            let meant = foreign(key).filter(|word| known().any(|k| k == *word));
            let Some(meant) = meant.or_else(|| nearest(key, known())) else {
                continue;
            };
            if has(meant) {
                continue;
            }
            renamed.push(meant);
            let mut finding = say(
                join(&base, key),
                value.key_place(),
                format!("the key {key:?}"),
                format!("{needed}, of {kind}"),
            )
            .fix(format!("write {meant}"))
            .replace(value.key_place(), meant);
            if !needed.split(' ').any(|word| word == meant) {
                finding.severity = Severity::Warning;
                finding = finding.why(text!("KEDA does not read a key of that name."));
            }
            findings.push(finding);
        }
        if trigger.child("authenticationRef").is_none() {
            for key in needed
                .split(' ')
                .filter(|key| !has(key) && !renamed.contains(key))
            {
                findings.push(
                    say(
                        base.clone(),
                        metadata.place,
                        format!("{kind} without {key}"),
                        needed,
                    )
                    .fix(format!("add {key}: <{key}> below metadata")),
                );
            }
        }
    }
    for (key, value) in metadata.entries() {
        let Some(text) = value.as_str().filter(|text| !text.contains("{{")) else {
            continue;
        };
        if NUMBERS.as_str().split(' ').any(|word| word == key)
            && crate::units::float(text).is_none()
        {
            const WORDS: &str = "zero one two three four five six seven eight nine ten";
            let lower = text.to_ascii_lowercase();
            let bare = text.trim().trim_end_matches('%').to_owned();
            let meant = WORDS
                .split(' ')
                .position(|word| word == lower)
                .map(|number| number.to_string())
                .or_else(|| crate::units::float(&bare).map(|_| bare))
                .or_else(|| {
                    Some(text.replace(',', ".")).filter(|new| crate::units::float(new).is_some())
                });
            let finding = say(
                join(&base, key),
                value.place,
                value.described(),
                "a number in quotes",
            );
            findings.push(match meant {
                Some(new) => finding
                    .fix(format!("write \"{new}\""))
                    .replace(value.place, format!("\"{new}\"")),
                None => finding.fix(text!("write a number in quotes, such as \"5\"")),
            });
        }
        if kind == "prometheus"
            && key == "query"
            && let Err(fault) = crate::promql::parse(text)
        {
            findings.push(unparsed(
                say(
                    join(&base, key),
                    value.place,
                    fault.text,
                    "a PromQL expression",
                ),
                value,
                text,
            ));
        }
    }
    let time = |key| metadata.child(key).and_then(Node::as_str);
    if let (true, Some(end)) = (
        kind == "cron" && time("start").is_some() && time("start") == time("end"),
        metadata.child("end"),
    ) {
        findings.push(
            say(
                join(&base, "end"),
                end.place,
                "the same time as start".to_owned(),
                "a later time than start",
            )
            .fix(format!(
                "write when it ends, not {} again",
                time("end").unwrap_or("")
            )),
        );
    }
}

/// The cure of a query: what it means with its brackets closed, where that parses.
pub(super) fn unparsed(finding: Finding, node: &Node, text: &str) -> Finding {
    let closed = ["", ")", "))", "]", "])", "}", "})"]
        .iter()
        .map(|end| format!("{text}{end}"));
    let parses = |new: &String| crate::promql::parse(new).is_ok();
    match closed
        .into_iter()
        .find(parses)
        .or_else(|| super::alert_expression::rewritten(text).filter(parses))
    {
        Some(new) => {
            let quote = super::expressions::quotes(node.place, text) != Some(0);
            let shown = if quote {
                format!("{new:?}")
            } else {
                new.clone()
            };
            finding
                .fix(format!("write {new}"))
                .replace(node.place, shown)
        }
        None => finding.fix(text!(
            "close every bracket and quote, as Prometheus' own page would show it"
        )),
    }
}
