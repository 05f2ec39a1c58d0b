//! What a scaler reads of its metadata.

#[cfg(feature = "full")]
mod lacking;

use crate::embedded::Text;
use crate::node::join;
use crate::rules::unparsed::unparsed;
use crate::shape::meant;
use crate::units::float;
use crate::{Finding, Findings, Node, Place, Severity, promql};

/// What else its keys are called.
const FOREIGN: Text = text!(
    "serverURL=serverAddress prometheusURL=serverAddress prometheusAddress=serverAddress url=serverAddress address=serverAddress server=serverAddress expr=query expression=query promql=query target=threshold targetValue=threshold value=threshold metricThreshold=threshold tz=timezone from=start to=end stop=end replicas=desiredReplicas brokers=bootstrapServers brokerList=bootstrapServers group=consumerGroup groupId=consumerGroup targetAverageUtilization=value utilization=value averageUtilization=value"
);
/// A scaler, what it needs, `;` and what it may have besides.
const METADATA: Text = text!(
    "prometheus serverAddress query threshold ; activationThreshold namespace metricName customHeaders ignoreNullValues queryParameters unsafeSsl timeout authModes cortexOrgID awsRegion identityOwner\ncron timezone start end desiredReplicas ;\ncpu value ; type containerName activationValue\nmemory value ; type containerName activationValue\nkafka consumerGroup bootstrapServers ; topic lagThreshold activationLagThreshold offsetResetPolicy allowIdleConsumers scaleToZeroOnInvalidOffset excludePersistentLag limitToPartitionsWithLag ensureEvenDistributionOfPartitions version partitionLimitation sasl tls saslTokenProviderARN awsRegion unsafeSsl\nredis listName ; address host port username password listLength activationListLength enableTLS unsafeSsl databaseIndex usernameFromEnv passwordFromEnv addressFromEnv hostFromEnv portFromEnv\nrabbitmq queueName ; host hostFromEnv protocol mode value activationValue vhostName useRegex pageSize operation metricName timeout unsafeSsl excludeUnacknowledged username password"
);
const NUMBERS: Text = text!(
    "threshold activationThreshold value activationValue lagThreshold activationLagThreshold listLength activationListLength desiredReplicas"
);

/// The metadata of one trigger.
pub(super) struct Metadata<'a> {
    pub path: &'a str,
    /// The scaler.
    pub kind: &'a str,
    pub node: &'a Node,
    /// Whether another object has the rest of it.
    pub authenticated: bool,
    /// Path, place, what was found and what was expected.
    pub say: &'a dyn Fn(String, Place, String, &str) -> Finding,
}

impl Metadata<'_> {
    pub(super) fn check(&self, findings: &mut Findings) {
        let mut lines = METADATA.as_str().lines();
        let words = lines.find_map(|line| line.strip_prefix(self.kind)?.strip_prefix(' '));
        if let Some((words, (needed, _))) = words.and_then(|all| Some((all, all.split_once(" ;")?)))
        {
            self.keys(words, needed, findings);
        }
        for (key, node) in self.node.entries() {
            let Some(text) = node.as_str().filter(|text| !text.contains("{{")) else {
                continue;
            };
            if NUMBERS.split(' ').any(|word| word == key) && float(text).is_none() {
                findings.push(self.number(key, node, text));
            }
            if self.kind == "prometheus"
                && key == "query"
                && let Err(fault) = promql::parse(text)
            {
                let finding = self.say(key, node, fault.text, "a PromQL expression");
                findings.push(unparsed(finding, node, text));
            }
        }
        if self.kind == "cron" {
            findings.0.extend(self.times());
        }
    }

    fn say(&self, key: &str, node: &Node, found: String, expected: &str) -> Finding {
        (self.say)(join(self.path, key), node.place, found, expected)
    }

    fn has(&self, key: &str) -> bool {
        let from = format!("{key}FromEnv");
        self.node.child(key).is_some() || self.node.child(&from).is_some()
    }

    /// Keys that the scaler does not have, and what it needs.
    fn keys(&self, words: &'static str, needed: &'static str, findings: &mut Findings) {
        let mut renamed = Vec::new();
        for (key, value) in self.node.entries() {
            if words.split(' ').any(|word| word == key) {
                continue;
            }
            let Some(meant) = meant(FOREIGN, key, words).filter(|meant| !self.has(meant)) else {
                continue;
            };
            renamed.push(meant);
            let (found, expected) = (
                format!("the key {key:?}"),
                format!("{needed}, of {}", self.kind),
            );
            let mut finding = (self.say)(join(self.path, key), value.key_place(), found, &expected)
                .writes(value.key_place(), meant);
            if !needed.split(' ').any(|word| word == meant) {
                finding.severity = Severity::Warning;
                finding = finding.why(text!("KEDA does not read a key of that name."));
            }
            findings.push(finding);
        }
        #[cfg(feature = "full")]
        if let Some(finding) = self.lacking(needed, &renamed) {
            findings.push(finding);
        }
        #[cfg(not(feature = "full"))]
        self.each_lacking(needed, &renamed, findings);
    }

    /// What it needs and does not have.
    #[cfg(not(feature = "full"))]
    fn each_lacking(&self, needed: &'static str, renamed: &[&str], findings: &mut Findings) {
        let needed_keys = needed.split(' ').filter(|_| !self.authenticated);
        for key in needed_keys.filter(|key| !self.has(key) && !renamed.contains(key)) {
            let found = format!("{} without {key}", self.kind);
            findings.push(
                (self.say)(self.path.to_owned(), self.node.place, found, needed)
                    .fix(format!("add {key}: <{key}> below metadata")),
            );
        }
    }

    /// A number that is none.
    fn number(&self, key: &str, node: &Node, text: &str) -> Finding {
        const WORDS: &str = "zero one two three four five six seven eight nine ten";
        let lower = text.to_ascii_lowercase();
        let bare = text.trim().trim_end_matches('%').to_owned();
        let word = WORDS.split(' ').position(|word| word == lower);
        let meant = word.map(|number| number.to_string()).or_else(|| {
            let mut forms = [bare, text.replace(',', ".")].into_iter();
            forms.find(|new| float(new).is_some())
        });
        let finding = self.say(key, node, node.described(), "a number in quotes");
        match meant {
            Some(new) => finding
                .fix(format!("write \"{new}\""))
                .replace(node.place, format!("\"{new}\"")),
            None => finding.fix(text!("write a number in quotes, such as \"5\"")),
        }
    }

    /// A time of the day that ends when it begins.
    fn times(&self) -> Option<Finding> {
        let (start, end) = (self.node.child("start")?, self.node.child("end")?);
        let text = end.as_str().filter(|text| start.as_str() == Some(text))?;
        let (found, expected) = ("the same time as start", "a later time than start");
        let finding = self.say("end", end, found.into(), expected);
        Some(finding.fix(format!("write when it ends, not {text} again")))
    }
}
