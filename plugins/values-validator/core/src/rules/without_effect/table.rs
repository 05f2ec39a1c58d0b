//! Which value needs what.

use super::needs::Needs::{
    self, Absent, Empty, Given, Is, Not, Off, On, Plugin, Probe, Several, Shorter, Standalone,
    Stock, Storage, Unless,
};
use crate::embedded::Text;

/// Beginnings of paths, what has them read with its arguments, and what happens otherwise. The first that
/// fits counts. One text, because a table of slices costs the module 3 kB.
pub(super) const TABLE: Text = text!(
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
pub(super) const MODELS: Text = text!(
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
pub(super) struct Row {
    pub(super) start: &'static str,
    pub(super) needs: Needs<'static>,
    pub(super) why: &'static str,
}

pub(super) fn rows(table: Text) -> Vec<Row> {
    table.as_str().lines().filter_map(row).collect()
}

pub(super) fn row(line: &'static str) -> Option<Row> {
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
