//! Some values are read only when a switch is on, or another value is given: sizes of a disk with
//! `persistent: true`, standalone mode's Prometheus and Alertmanager only without a Prometheus Operator,
//! parts of TLS with their Secret. Without it they have no effect and cause no error.

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
    /// A text or a list that is not empty.
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
    /// A number above 1.
    Several(&'a str),
    /// Nothing at all there.
    Absent(&'a str),
}

use Needs::{
    Absent, Empty, Given, Is, Not, Off, On, Plugin, Probe, Several, Shorter, Standalone, Stock,
    Storage, Unless,
};

/// Beginnings of paths, what has them read with its arguments, and what happens otherwise. The first that
/// fits counts. One text, because a table of slices costs the module 3 kB.
const TABLE: Text = text!(
    "\
tracing.receiver.tls.|given|tracing.receiver.tls.secretName||The receiver listens without TLS, to everybody.\n\
tracing.receiver.bearerToken.|given|tracing.receiver.bearerToken.secretName||The receiver asks for no token: everybody may send.\n\
tracing.receiver.client.cert|given|tracing.receiver.tls.clientCA||The receiver asks for no certificate.\n\
tracing.collector.serviceAccount.annotations|on|tracing.collector.serviceAccount.create||The chart creates no ServiceAccount.\n\
prometheus.serviceAccount.annotations|on|prometheus.serviceAccount.create||The chart creates no ServiceAccount.\n\
alertmanager.serviceAccount.annotations|on|alertmanager.serviceAccount.create||The chart creates no ServiceAccount.\n\
jaeger.serviceAccount.annotations|on|jaeger.serviceAccount.create||The chart creates no ServiceAccount.\n\
grafana.serviceAccount.annotations|on|grafana.serviceAccount.create||The chart creates no ServiceAccount.\n\
tracing.sampling.decisionWaitAfterRoot|shorter|tracing.sampling.decisionWait||decisionWait ends first.\n\
tracing.balancer.|on|tracing.balancer.enabled||There is no balancer.\n\
tracing.balancer.enabled|several|tracing.collector.replicas||With one sampler the chart deploys no balancer.\n\
tracing.spanMetrics.|on|tracing.spanMetrics.enabled||There are no metrics of spans.\n\
tracing.k8sAttributes.|on|tracing.k8sAttributes.enabled||No attribute is added.\n\
tracing.exporters.file.|on|tracing.exporters.file.enabled||Nothing is written to a file.\n\
tracing.exporters.debug.|on|tracing.exporters.debug.enabled||Nothing is written to the log.\n\
tracing.redaction.maxLength|is|tracing.redaction.mode|allow|In mode deny nothing is cut.\n\
tracing.redaction.|on|tracing.redaction.enabled||Nothing is redacted.\n\
tracing.storage.|on|tracing.storage.persistent||The queue is in memory and ends with the pod.\n\
tracing.policy.onError|plugin|||The OTTL engine runs no plugin.\n\
tracing.policy.memoryLimitMib|plugin|||The OTTL engine runs no plugin.\n\
tracing.policy.timeout|plugin|||The OTTL engine runs no plugin.\n\
tracing.policy.stamp|plugin|||The OTTL engine runs no plugin.\n\
tracing.policy.errors.|plugin|||The OTTL engine reads thresholds alone.\n\
tracing.policy.errors.|empty|tracing.policy.module.configMap||A policy of your own has settings of its own.\n\
tracing.policy.errors.|on|tracing.policy.errors.enabled||Errors are no reason to keep a trace.\n\
tracing.policy.slowest.|plugin|||The OTTL engine reads thresholds alone.\n\
tracing.policy.slowest.|empty|tracing.policy.module.configMap||A policy of your own has settings of its own.\n\
tracing.policy.slowest.|on|tracing.policy.slowest.enabled||The slowest requests are not looked for.\n\
tracing.policy.baseline.|plugin|||The OTTL engine reads thresholds alone.\n\
tracing.policy.baseline.|empty|tracing.policy.module.configMap||A policy of your own has settings of its own.\n\
tracing.policy.baseline.|on|tracing.policy.baseline.enabled||No baseline is kept.\n\
tracing.policy.budget.burst|plugin|||The OTTL engine has no budget over a minute: spansPerSecond limits it.\n\
tracing.policy.budget.tracesPerMinute|plugin|||The OTTL engine has no budget over a minute: spansPerSecond limits it.\n\
tracing.policy.budget.spansPerSecond|stock|||The plugin's budget is tracesPerMinute.\n\
tracing.policy.budget.|empty|tracing.policy.module.configMap||A policy of your own has settings of its own.\n\
tracing.policy.budget.|on|tracing.policy.budget.enabled||There is no budget.\n\
tracing.collector.stockImage.|not|tracing.policy.engine|wasm|The wasm engine runs tracing.collector.image.\n\
tracing.|on|tracing.enabled||There is no collector.\n\
metrics.scrape.tls.ca.|given|metrics.scrape.tls.ca.secretName||The scrape trusts no authority of your own, and fails.\n\
metrics.scrape.tls.|is|metrics.scrape.scheme|https|The scrape uses http, without TLS.\n\
metrics.scrape.bearer.|given|metrics.scrape.bearer.secretName||The scrape sends no token.\n\
metrics.scrape.|on|metrics.scrape.enabled||This chart scrapes nothing.\n\
metrics.operator.|not|metrics.mode|standalone|In standalone mode no Prometheus Operator reads it.\n\
prometheus.storage.|on|prometheus.storage.persistent||The samples are in an emptyDir and end with the pod.\n\
prometheus.|standalone|||In operator mode the Prometheus is not this chart's: set it there.\n\
alertmanager.config.|empty|alertmanager.existingSecret||Alertmanager reads the configuration of the Secret.\n\
alertmanager.config|standalone|||In operator mode the chart deploys no Alertmanager, so this configuration notifies no alert.\n\
alertmanager.storage.|on|alertmanager.storage.persistent||Silences are in an emptyDir and end with the pod.\n\
alertmanager.|standalone|||In operator mode the Alertmanager is not this chart's: set it there.\n\
alertmanager.|on|alertmanager.enabled||There is no Alertmanager.\n\
grafana.storage.|on|grafana.storage.persistent||Grafana's database is in an emptyDir and ends with the pod.\n\
grafana.|on|grafana.enabled||There is no Grafana of this chart.\n\
jaeger.storage.retention|is|jaeger.storage.type|badger|In memory the number of traces is limited, not their age: maxTraces.\n\
jaeger.storage.persistent|is|jaeger.storage.type|badger|In memory nothing is written to a disk.\n\
jaeger.storage.maxTraces|is|jaeger.storage.type|memory|On a disk the age of traces is limited, not their number: retention.\n\
jaeger.storage.size|on|jaeger.storage.persistent||Traces are in an emptyDir or in memory, and end with the pod.\n\
jaeger.storage.storageClassName|on|jaeger.storage.persistent||Traces are in an emptyDir or in memory, and end with the pod.\n\
jaeger.|on|jaeger.enabled||There is no Jaeger of this chart.\n\
helmTest.|on|helmTest.enabled||There is no test.\n\
networkPolicies.egress.|on|networkPolicies.egress.enabled||There are no policies for egress.\n\
networkPolicies.callers|on|networkPolicies.enabled||Only with true is vLLM's port closed.\n\
networkPolicies.|unless|networkPolicies.enabled||There are no NetworkPolicies.\n\
probe.serviceAccount.annotations|on|probe.serviceAccount.create||The chart creates no ServiceAccount.\n\
probe.|on|probe.enabled||There is no probe.\n\
probe.apiKey.|given|probe.apiKey.secretName||The probe sends no key.\n\
grafana.admin.|given|grafana.admin.existingSecret||Grafana makes a password itself.\n\
tracing.policy.module.|given|tracing.policy.module.configMap||The chart's own policy decides.\n\
tracing.receiver.client.|given|tracing.receiver.tls.secretName||The receiver speaks no TLS.\n\
metrics.namePrefixes|off|metrics.scrape.enabled||Where this chart scrapes, it takes any prefix off.\n\
helmTest.rbac.|not|metrics.mode|standalone|In standalone mode the test asks no Kubernetes API.\n\
dashboards.|on|dashboards.enabled||There are no dashboards.\n\
rules.export.|given|rules.export.engines||No engine gets a file.\n\
rules.|on|rules.enabled||There are no rules.\n\
autoscaling.authentication.|given|autoscaling.authentication.name||KEDA shows no credentials."
);

/// The same below an entry of `models`.
const MODELS: Text = text!(
    "\
thresholds.|plugin|||The OTTL engine has the same thresholds for all models.\n\
probe.|probe|||There is no probe.\n\
port|absent|ports||ports is used instead.\n\
serviceSelector|is|monitor|ServiceMonitor|A PodMonitor finds the pods by selector.\n\
autoscaling.|on|autoscaling.enabled||Nothing is scaled.\n\
deploy.storage.storageClassName|given|deploy.storage.size||The chart makes no claim.\n\
deploy.storage.accessMode|given|deploy.storage.size||The chart makes no claim.\n\
deploy.storage.mountPath|storage|||Nothing is mounted.\n\
deploy.storage.readOnly|storage|||Nothing is mounted.\n\
deploy.|on|deploy.enabled||This chart deploys nothing for the entry."
);

/// A line of a table.
struct Row {
    start: &'static str,
    needs: Needs<'static>,
    why: &'static str,
}

fn rows(table: Text) -> Vec<Row> {
    table.as_str().lines().filter_map(row).collect()
}

fn row(line: &'static str) -> Option<Row> {
    let mut parts = line.split('|');
    let mut next = || parts.next();
    let (start, needs, at, word, why) = (next()?, next()?, next()?, next()?, next()?);
    let needs = match needs {
        "on" => On(at),
        "unless" => Unless(at),
        "off" => Off(at),
        "given" => Given(at),
        "is" => Is(at, word),
        "empty" => Empty(at),
        "standalone" => Standalone,
        "not" => Not(at, word),
        "plugin" => Plugin,
        "stock" => Stock,
        "storage" => Storage,
        "probe" => Probe,
        "shorter" => Shorter(at),
        "absent" => Absent(at),
        "several" => Several(at),
        _ => return None,
    };
    Some(Row { start, needs, why })
}

fn check(values: &Values, findings: &mut Findings) {
    let mut said = Vec::new();
    let mut look = |base: &str, root: &Node, table: &[Row]| {
        leaves(root, "", &mut |path, node| {
            let models = base.is_empty() && path.starts_with("models");
            let own = base.is_empty() && default(path).is_some_and(|default| same(default, node));
            if models || own {
                return;
            }
            let missing = table.iter().find(|row| {
                let whole = !matches!(row.needs, Absent(_)) || path == row.start;
                path.starts_with(row.start) && whole && !met(values, root, path, row.needs)
            });
            let off = switched_off(root, path);
            let (start, needs, why) = match (missing, &off) {
                (Some(row), _) => (row.start, row.needs, row.why),
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
    look("", &values.root, &rows(TABLE));
    let models = rows(MODELS);
    for (base, entry) in values.list("models") {
        look(&base, entry, &models);
    }
}

/// The section round a value whose own `enabled` is false, and that switch.
fn switched_off(root: &Node, path: &str) -> Option<(String, String)> {
    path.match_indices('.').find_map(|(end, _)| {
        let section = &path[..end];
        let switch = format!("{section}.enabled");
        let off = root.get(&switch)?.as_bool() == Some(false) && !on(root, &switch);
        (off && path != switch).then(|| (format!("{section}."), switch))
    })
}

/// What the chart has at a path.
pub(super) fn default(path: &str) -> Option<&'static Node> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    // An entry of models: the chart has none.
    if first.ends_with(']') {
        return None;
    }
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
                if child.place.is_untouched() {
                    continue;
                }
                leaves(child, &join(path, key), visit);
            }
        }
        _ if !node.is_default() && !path.is_empty() => visit(path, node),
        _ => {}
    }
}

/// Whether a switch is on; rules may be off here and be evaluated by the engines that get them as files.
fn on(root: &Node, switch: &str) -> bool {
    let exported = switch == "rules.enabled" && given(root, "rules.export.engines");
    exported || root.get(switch).and_then(Node::as_bool) == Some(true)
}

/// Whether there is a text or a list that is not empty.
fn given(root: &Node, at: &str) -> bool {
    root.get(at).is_some_and(|node| {
        !node.items().is_empty() || node.as_str().is_some_and(|text| !text.is_empty())
    })
}

fn met(values: &Values, root: &Node, path: &str, needs: Needs<'_>) -> bool {
    let text = |at: &str| root.get(at).and_then(Node::as_str).unwrap_or("");
    match needs {
        // The switch itself is read.
        On(at) => path == at || on(root, at),
        Unless(at) => path == at || root.get(at).and_then(Node::as_bool) != Some(false),
        Off(at) => root.get(at).and_then(Node::as_bool) == Some(false),
        Given(at) => path == at || given(root, at),
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
        Several(at) => root.get(at).and_then(Node::as_i64) != Some(1),
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
        Several(at) => (
            format!("{path}, and {} is 1", named(at)),
            format!("set {}: 2 or more, or remove it", named(at)),
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
                "write engine: wasm and an image of otelcol-vllm in tracing.collector.image.repository, or remove it"
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
    // A switch that helm refuses, or a key beside it that the chart does not know, is said already; what it
    // would switch is known when that is right.
    let beside = |at: &str| {
        at.rsplit_once('.')
            .map_or(String::new(), |(map, _)| named(map))
    };
    let refused = |f: &crate::Finding| {
        let unknown = f.code == crate::codes::UNKNOWN_KEY.code;
        let shape = [
            crate::codes::NOT_ALLOWED.code,
            crate::codes::WRONG_TYPE.code,
        ];
        let near = unknown
            && f.path
                .rsplit_once('.')
                .is_some_and(|(map, _)| switch.is_some_and(|at| map == beside(at)));
        let own = unknown && f.path == path;
        let wrong = shape.contains(&f.code) && switch.is_some_and(|at| f.path == named(at));
        near || own || wrong
    };
    if findings.0.iter().any(refused) {
        return;
    }
    said.push(key);
    let inside = switch.is_some_and(|at| at.starts_with(start));
    let switch = switch.and_then(|at| root.get(at));
    let switch = switch.filter(|switch| !switch.is_default());
    // The section that nothing reads, where it was given as one and its own switch was not thought of.
    let section = root.get(start.trim_end_matches('.')).filter(|section| {
        !(section.is_default() || inside && switch.is_some())
            && section.key.is_some_and(|key| !key.is_default())
    });
    let several = |of: &&Node| of.entries().filter(|(_, n)| !n.is_default()).count() > 1;
    let shown = match section.filter(several) {
        Some(_) => named(start.trim_end_matches('.')),
        None => path.to_owned(),
    };
    let mut finding = RULE
        .at(&shown, section.unwrap_or(node).key_place())
        .found(format!("{shown}{}", &found[path.len()..]))
        .expected(text!("a value that something reads"))
        .why(format!("{why} {}", effect(path)).trim_start())
        .fix(fix);
    if let Some(switch) = switch {
        finding = finding.related(switch.place, "the switch");
    }
    findings.push(finding);
}

#[cfg(test)]
mod tests {
    use super::{MODELS, TABLE, rows};

    #[test]
    fn each_line_of_the_tables_is_read() {
        for table in [TABLE, MODELS] {
            assert_eq!(rows(table).len(), table.as_str().lines().count());
        }
    }
}
