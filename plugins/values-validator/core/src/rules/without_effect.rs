//! Some values are read only when a switch is on, or another value is given: sizes of a disk with
//! `persistent: true`, standalone mode's Prometheus and Alertmanager only without a Prometheus Operator,
//! parts of TLS with their Secret. Given without it they do nothing, and nobody says so.

use super::Rule;
use super::look::{foreign_prometheus, plugin};
use crate::embedded::Text;
use crate::node::join;
use crate::{DEFAULTS, Findings, Node, Severity, Value, Values};

/// Given values against the switches that have them read.
pub const RULE: Rule = Rule {
    code: "without-effect",
    severity: Severity::Warning,
    title: text!("A value is given that nothing reads"),
    check,
};

/// What has a value read.
#[derive(Clone, Copy)]
enum Needs<'a> {
    /// A switch that is on.
    On(&'a str),
    /// A switch that is not false, such as `auto`.
    Unless(&'a str),
    /// A switch that is off.
    Off(&'a str),
    /// A text that is not empty.
    Given(&'a str),
    /// A word.
    Is(&'a str, &'a str),
    /// No text there: it would be read in place of this.
    Empty(&'a str),
    /// The Prometheus and the Alertmanager are this chart's.
    Standalone,
    /// Any other word than this.
    Not(&'a str, &'a str),
    /// The plugin decides which traces are kept.
    Plugin,
    /// The stock collector does.
    Stock,
    /// A place for the weights.
    Storage,
    /// The probe is on.
    Probe,
    /// A duration above this one.
    Shorter(&'a str),
    /// Nothing at all there.
    Absent(&'a str),
}

use Needs::{
    Absent, Empty, Given, Is, Not, Off, On, Plugin, Probe, Shorter, Standalone, Stock, Storage,
    Unless,
};

const ACCOUNT: Text = text!("The chart creates no ServiceAccount.");

/// Beginnings of paths, what has them read, and what happens otherwise. The first that fits counts.
const TABLE: &[(&str, Needs<'_>, Text)] = &[
    (
        "tracing.receiver.tls.",
        Given("tracing.receiver.tls.secretName"),
        text!("The receiver listens without TLS, to everybody."),
    ),
    (
        "tracing.receiver.bearerToken.",
        Given("tracing.receiver.bearerToken.secretName"),
        text!("The receiver asks for no token: everybody may send."),
    ),
    (
        "tracing.receiver.client.cert",
        Given("tracing.receiver.tls.clientCA"),
        text!("The receiver asks for no certificate."),
    ),
    (
        "tracing.collector.serviceAccount.annotations",
        On("tracing.collector.serviceAccount.create"),
        ACCOUNT,
    ),
    (
        "prometheus.serviceAccount.annotations",
        On("prometheus.serviceAccount.create"),
        ACCOUNT,
    ),
    (
        "alertmanager.serviceAccount.annotations",
        On("alertmanager.serviceAccount.create"),
        ACCOUNT,
    ),
    (
        "jaeger.serviceAccount.annotations",
        On("jaeger.serviceAccount.create"),
        ACCOUNT,
    ),
    (
        "grafana.serviceAccount.annotations",
        On("grafana.serviceAccount.create"),
        ACCOUNT,
    ),
    (
        "tracing.sampling.decisionWaitAfterRoot",
        Shorter("tracing.sampling.decisionWait"),
        text!("decisionWait ends first."),
    ),
    (
        "tracing.balancer.",
        On("tracing.balancer.enabled"),
        text!("There is no balancer."),
    ),
    (
        "tracing.spanMetrics.",
        On("tracing.spanMetrics.enabled"),
        text!("There are no metrics of spans."),
    ),
    (
        "tracing.k8sAttributes.",
        On("tracing.k8sAttributes.enabled"),
        text!("No attribute is added."),
    ),
    (
        "tracing.exporters.file.",
        On("tracing.exporters.file.enabled"),
        text!("Nothing is written to a file."),
    ),
    (
        "tracing.exporters.debug.",
        On("tracing.exporters.debug.enabled"),
        text!("Nothing is written to the log."),
    ),
    (
        "tracing.redaction.maxLength",
        Is("tracing.redaction.mode", "allow"),
        text!("In mode deny nothing is cut."),
    ),
    (
        "tracing.redaction.",
        On("tracing.redaction.enabled"),
        text!("Nothing is redacted."),
    ),
    (
        "tracing.storage.",
        On("tracing.storage.persistent"),
        text!("The queue is in memory and ends with the pod."),
    ),
    (
        "tracing.policy.onError",
        Plugin,
        text!("The OTTL engine runs no plugin."),
    ),
    (
        "tracing.policy.memoryLimitMib",
        Plugin,
        text!("The OTTL engine runs no plugin."),
    ),
    (
        "tracing.policy.timeout",
        Plugin,
        text!("The OTTL engine runs no plugin."),
    ),
    (
        "tracing.policy.stamp",
        Plugin,
        text!("The OTTL engine runs no plugin."),
    ),
    (
        "tracing.policy.errors.",
        Plugin,
        text!("The OTTL engine reads thresholds alone."),
    ),
    (
        "tracing.policy.errors.",
        Empty("tracing.policy.module.configMap"),
        text!("A policy of your own has settings of its own."),
    ),
    (
        "tracing.policy.errors.",
        On("tracing.policy.errors.enabled"),
        text!("Errors are no reason to keep a trace."),
    ),
    (
        "tracing.policy.slowest.",
        Plugin,
        text!("The OTTL engine reads thresholds alone."),
    ),
    (
        "tracing.policy.slowest.",
        Empty("tracing.policy.module.configMap"),
        text!("A policy of your own has settings of its own."),
    ),
    (
        "tracing.policy.slowest.",
        On("tracing.policy.slowest.enabled"),
        text!("The slowest requests are not looked for."),
    ),
    (
        "tracing.policy.baseline.",
        Plugin,
        text!("The OTTL engine reads thresholds alone."),
    ),
    (
        "tracing.policy.baseline.",
        Empty("tracing.policy.module.configMap"),
        text!("A policy of your own has settings of its own."),
    ),
    (
        "tracing.policy.baseline.",
        On("tracing.policy.baseline.enabled"),
        text!("No baseline is kept."),
    ),
    (
        "tracing.policy.budget.burst",
        Plugin,
        text!("The OTTL engine has no budget over a minute: spansPerSecond limits it."),
    ),
    (
        "tracing.policy.budget.tracesPerMinute",
        Plugin,
        text!("The OTTL engine has no budget over a minute: spansPerSecond limits it."),
    ),
    (
        "tracing.policy.budget.spansPerSecond",
        Stock,
        text!("The plugin's budget is tracesPerMinute."),
    ),
    (
        "tracing.policy.budget.",
        Empty("tracing.policy.module.configMap"),
        text!("A policy of your own has settings of its own."),
    ),
    (
        "tracing.policy.budget.",
        On("tracing.policy.budget.enabled"),
        text!("There is no budget."),
    ),
    (
        "tracing.collector.stockImage.",
        Not("tracing.policy.engine", "wasm"),
        text!("The wasm engine runs tracing.collector.image."),
    ),
    (
        "tracing.",
        On("tracing.enabled"),
        text!("There is no collector."),
    ),
    (
        "metrics.scrape.tls.ca.",
        Given("metrics.scrape.tls.ca.secretName"),
        text!("The scrape trusts no authority of your own, and fails."),
    ),
    (
        "metrics.scrape.tls.",
        Is("metrics.scrape.scheme", "https"),
        text!("The scrape uses http, without TLS."),
    ),
    (
        "metrics.scrape.bearer.",
        Given("metrics.scrape.bearer.secretName"),
        text!("The scrape sends no token."),
    ),
    (
        "metrics.scrape.",
        On("metrics.scrape.enabled"),
        text!("This chart scrapes nothing."),
    ),
    (
        "metrics.operator.",
        Not("metrics.mode", "standalone"),
        text!("In standalone mode no Prometheus Operator reads it."),
    ),
    (
        "prometheus.storage.",
        On("prometheus.storage.persistent"),
        text!("The samples are in an emptyDir and end with the pod."),
    ),
    (
        "prometheus.",
        Standalone,
        text!("In operator mode the Prometheus is not this chart's: set it there."),
    ),
    (
        "alertmanager.config.",
        Empty("alertmanager.existingSecret"),
        text!("Alertmanager reads the configuration of the Secret."),
    ),
    (
        "alertmanager.config",
        Standalone,
        text!(
            "In operator mode the chart deploys no Alertmanager, so this configuration notifies no alert."
        ),
    ),
    (
        "alertmanager.storage.",
        On("alertmanager.storage.persistent"),
        text!("Silences are in an emptyDir and end with the pod."),
    ),
    (
        "alertmanager.",
        Standalone,
        text!("In operator mode the Alertmanager is not this chart's: set it there."),
    ),
    (
        "alertmanager.",
        On("alertmanager.enabled"),
        text!("There is no Alertmanager."),
    ),
    (
        "grafana.storage.",
        On("grafana.storage.persistent"),
        text!("Grafana's database is in an emptyDir and ends with the pod."),
    ),
    (
        "grafana.",
        On("grafana.enabled"),
        text!("There is no Grafana of this chart."),
    ),
    (
        "jaeger.storage.retention",
        Is("jaeger.storage.type", "badger"),
        text!("In memory the number of traces is limited, not their age: maxTraces."),
    ),
    (
        "jaeger.storage.persistent",
        Is("jaeger.storage.type", "badger"),
        text!("In memory nothing is written to a disk."),
    ),
    (
        "jaeger.storage.maxTraces",
        Is("jaeger.storage.type", "memory"),
        text!("On a disk the age of traces is limited, not their number: retention."),
    ),
    (
        "jaeger.storage.size",
        On("jaeger.storage.persistent"),
        text!("Traces are in an emptyDir or in memory, and end with the pod."),
    ),
    (
        "jaeger.storage.storageClassName",
        On("jaeger.storage.persistent"),
        text!("Traces are in an emptyDir or in memory, and end with the pod."),
    ),
    (
        "jaeger.",
        On("jaeger.enabled"),
        text!("There is no Jaeger of this chart."),
    ),
    (
        "helmTest.",
        On("helmTest.enabled"),
        text!("There is no test."),
    ),
    (
        "networkPolicies.egress.",
        On("networkPolicies.egress.enabled"),
        text!("There are no policies for egress."),
    ),
    (
        "networkPolicies.callers",
        On("networkPolicies.enabled"),
        text!("Only with true is vLLM's port closed."),
    ),
    (
        "networkPolicies.",
        Unless("networkPolicies.enabled"),
        text!("There are no NetworkPolicies."),
    ),
    (
        "probe.serviceAccount.annotations",
        On("probe.serviceAccount.create"),
        ACCOUNT,
    ),
    ("probe.", On("probe.enabled"), text!("There is no probe.")),
    (
        "tracing.receiver.client.",
        Given("tracing.receiver.tls.secretName"),
        text!("The receiver speaks no TLS."),
    ),
    (
        "metrics.namePrefixes",
        Off("metrics.scrape.enabled"),
        text!("Where this chart scrapes, it takes any prefix off."),
    ),
    (
        "helmTest.rbac.",
        Not("metrics.mode", "standalone"),
        text!("In standalone mode the test asks no Kubernetes API."),
    ),
    (
        "dashboards.",
        On("dashboards.enabled"),
        text!("There are no dashboards."),
    ),
    ("rules.", On("rules.enabled"), text!("There are no rules.")),
    (
        "autoscaling.authentication.",
        Given("autoscaling.authentication.name"),
        text!("KEDA shows no credentials."),
    ),
];

/// The same below an entry of `models`.
const MODELS: &[(&str, Needs<'_>, Text)] = &[
    (
        "thresholds.",
        Plugin,
        text!("The OTTL engine has the same thresholds for all models."),
    ),
    ("probe.", Probe, text!("There is no probe.")),
    ("port", Absent("ports"), text!("ports stands in its place.")),
    (
        "serviceSelector",
        Is("monitor", "ServiceMonitor"),
        text!("A PodMonitor finds the pods by selector."),
    ),
    (
        "autoscaling.",
        On("autoscaling.enabled"),
        text!("Nothing is scaled."),
    ),
    (
        "deploy.storage.storageClassName",
        Given("deploy.storage.size"),
        text!("The chart makes no claim."),
    ),
    (
        "deploy.storage.accessMode",
        Given("deploy.storage.size"),
        text!("The chart makes no claim."),
    ),
    (
        "deploy.storage.mountPath",
        Storage,
        text!("Nothing is mounted."),
    ),
    (
        "deploy.storage.readOnly",
        Storage,
        text!("Nothing is mounted."),
    ),
    (
        "deploy.",
        On("deploy.enabled"),
        text!("This chart deploys nothing for the entry."),
    ),
];

fn check(values: &Values, findings: &mut Findings) {
    let mut said = Vec::new();
    let mut look = |base: &str, root: &Node, table: &[(&str, Needs<'_>, Text)]| {
        leaves(root, "", &mut |path, node| {
            let models = base.is_empty() && path.starts_with("models");
            let own = base.is_empty() && default(path).is_some_and(|default| same(default, node));
            if models || own {
                return;
            }
            let missing = table.iter().find(|(start, needs, _)| {
                let whole = !matches!(needs, Absent(_)) || path == *start;
                path.starts_with(start) && whole && !met(values, root, path, *needs)
            });
            let off = switched_off(root, path);
            let (start, needs, why) = match (missing, &off) {
                (Some((start, needs, why)), _) => (*start, *needs, why.as_str()),
                (None, Some((start, switch))) => (start.as_str(), On(switch), ""),
                (None, None) => return,
            };
            let path = if base.is_empty() {
                path.to_owned()
            } else {
                format!("{base}.{path}")
            };
            say(
                &path, node, start, needs, why, base, root, &mut said, findings,
            );
        });
    };
    look("", &values.root, TABLE);
    for (base, entry) in values.list("models") {
        look(&base, entry, MODELS);
    }
}

/// The section round a value whose own `enabled` is false, and that switch.
fn switched_off(root: &Node, path: &str) -> Option<(String, String)> {
    path.match_indices('.').find_map(|(end, _)| {
        let section = &path[..end];
        let switch = format!("{section}.enabled");
        let off = root.get(section)?.child("enabled")?.as_bool() == Some(false);
        (off && path != switch).then(|| (format!("{section}."), switch))
    })
}

/// What the chart has at a path.
pub(super) fn default(path: &str) -> Option<&'static Node> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let node = DEFAULTS.get(first)?;
    if rest.is_empty() {
        Some(node)
    } else {
        node.get(rest)
    }
}

/// Whether two values say the same, wherever they stand.
pub(super) fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && same(a, b))
        }
        (a, b) => a == b,
    }
}

/// Each value that somebody gave, with its path; a map that is given as a whole counts by its parts.
fn leaves<'a>(node: &'a Node, path: &str, visit: &mut dyn FnMut(&str, &'a Node)) {
    match &node.value {
        Value::Map(map) if !map.is_empty() => {
            for (key, child) in map {
                leaves(child, &join(path, key), visit);
            }
        }
        _ if !node.is_default() && !path.is_empty() => visit(path, node),
        _ => {}
    }
}

fn met(values: &Values, root: &Node, path: &str, needs: Needs<'_>) -> bool {
    let text = |at: &str| root.get(at).and_then(Node::as_str).unwrap_or("");
    match needs {
        // The switch itself is read.
        On(at) => path == at || root.get(at).and_then(Node::as_bool) == Some(true),
        Unless(at) => path == at || root.get(at).and_then(Node::as_bool) != Some(false),
        Off(at) => root.get(at).and_then(Node::as_bool) == Some(false),
        Given(at) => path == at || !text(at).is_empty(),
        Is(at, word) => path == at || text(at) == word,
        Not(at, word) => text(at) != word,
        Empty(at) => text(at).is_empty(),
        Standalone => !foreign_prometheus(values),
        Plugin => plugin(values),
        Stock => !plugin(values),
        Probe => super::look::on(values, "probe.enabled"),
        Shorter(at) => {
            let seconds = |at: &str| root.get(at).and_then(Node::as_seconds);
            seconds(path)
                .zip(seconds(at))
                .is_none_or(|(own, other)| own < other)
        }
        Absent(at) => root.get(at).is_none(),
        Storage => ["existingClaim", "size", "image", "hostPath"]
            .iter()
            .any(|key| !text(&format!("deploy.storage.{key}")).is_empty()),
    }
}

/// What the value does all the same.
fn effect(path: &str) -> &'static str {
    if path == "tracing.policy.budget.tracesPerMinute" {
        return "The value is only the threshold of the alert VllmTraceBudgetExhausted.";
    }
    "The value does nothing."
}

#[expect(clippy::too_many_arguments, reason = "what there is to say")]
fn say(
    path: &str,
    node: &Node,
    start: &str,
    needs: Needs<'_>,
    why: &str,
    base: &str,
    root: &Node,
    said: &mut Vec<(String, String)>,
    findings: &mut Findings,
) {
    // What says nothing else than the switch: an empty text, list or map, or what is off.
    let idle = match &node.value {
        Value::Bool(on) => !on,
        Value::Text(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Null => true,
        _ => false,
    };
    if idle {
        return;
    }
    let key = (base.to_owned(), start.to_owned());
    if said.contains(&key) {
        return;
    }
    said.push(key);
    let named = |at: &str| {
        if base.is_empty() {
            at.to_owned()
        } else {
            format!("{base}.{at}")
        }
    };
    let (found, fix, switch) = match needs {
        On(at) => (
            format!("{path}, and {} is not true", named(at)),
            format!("set {}: true, or remove it", named(at)),
            Some(at),
        ),
        Unless(at) => (
            format!("{path}, and {} is false", named(at)),
            format!("set {}: auto or true, or remove it", named(at)),
            Some(at),
        ),
        Off(at) => (
            format!("{path}, and {} is true", named(at)),
            format!("remove it, or set {}: false", named(at)),
            Some(at),
        ),
        Given(at) => (
            format!("{path}, without {}", named(at)),
            format!("add {}, or remove it", named(at)),
            Some(at),
        ),
        Is(at, word) => (
            format!("{path}, and {} is not {word}", named(at)),
            format!("set {}: {word}, or remove it", named(at)),
            Some(at),
        ),
        Not(at, word) => (
            format!("{path}, and {} is {word}", named(at)),
            text!("remove it, or change the mode").as_str().to_owned(),
            Some(at),
        ),
        Standalone => (
            format!(
                "{path}, and metrics.mode is {}",
                root.get("metrics.mode")
                    .and_then(Node::as_str)
                    .unwrap_or("")
            ),
            text!("remove it, or change the mode").as_str().to_owned(),
            Some("metrics.mode"),
        ),
        Shorter(at) => (
            format!("{path}, not below {}", named(at)),
            format!("write less than {}, or remove it", named(at)),
            Some(at),
        ),
        Empty(at) | Absent(at) => (
            format!("{path}, and {} is given", named(at)),
            format!("remove it, or remove {}", named(at)),
            Some(at),
        ),
        Plugin => (
            format!("{path}, and tracing.policy.engine is ottl, or auto without an image"),
            text!(
                "name an image of otelcol-vllm in tracing.collector.image.repository, or remove it"
            )
            .as_str()
            .to_owned(),
            Some("tracing.policy.engine"),
        ),
        Stock => (
            format!("{path}, and tracing.policy.engine is wasm, or auto with an image"),
            text!("remove it").as_str().to_owned(),
            Some("tracing.policy.engine"),
        ),
        Probe => (
            format!("{path}, and probe.enabled is not true"),
            "set probe: {enabled: true}, or remove it".to_owned(),
            None,
        ),
        Storage => (
            format!("{path}, without a storage"),
            text!("add existingClaim, size, image or hostPath")
                .as_str()
                .to_owned(),
            None,
        ),
    };
    let inside = switch.is_some_and(|at| at.starts_with(start));
    let switch = switch.and_then(|at| root.get(at));
    let switch = switch.filter(|switch| !switch.is_default());
    // The section that nothing reads, where it was given as one and its own switch was not thought of.
    let section = root.get(start.trim_end_matches('.')).filter(|section| {
        !(section.is_default() || inside && switch.is_some())
            && section.key.is_some_and(|key| !key.is_default())
    });
    let mut finding = RULE
        .at(path, section.unwrap_or(node).key_place())
        .found(found)
        .expected(text!("a value that something reads"))
        .why(format!("{why} {}", effect(path)).trim_start())
        .fix(fix);
    if let Some(switch) = switch {
        finding = finding.related(switch.place, "the switch");
    }
    findings.push(finding);
}
