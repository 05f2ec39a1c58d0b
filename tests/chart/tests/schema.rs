//! What the packaged chart's schema refuses, in helm's own words: all at once and each at its place.

use chart_tests::package;
use harness::render::{Options, Rendered};

/// Mistakes that charts of this field pass on to the cluster, within the types of Kubernetes too.
const VALUES: &str = "
commonLabels: {team: ml/infra, cost centre: \"7\"}
models:
  - name: a
    replicas: 2.5
    port: 70000
    deploy:
      enabled: true
      tensorParallelSize: \"4\"
      sharedMemory: 16GB
      image: {tag: 0.33}
      resources: {limits: {cpu: -1, memory: 10GB}}
      env:
        - {name: A, value: 1}
        - {name: C=1, value: x}
        - {name: B, valueFrom: {secretKeyReff: {name: s, key: k}}}
      tolerations:
        - {key: gpu, operater: Exists, effect: NoShedule}
      volumes:
        - {name: big, emptyDir: {medium: memory}}
      topologySpreadConstraints:
        - {maxSkew: 0, topologyKey: zone, whenUnsatisfiable: DoNotschedule}
      affinity:
        nodeAfinity: {}
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 101
              podAffinityTerm: {labelSelector: {matchLabels: {app: vllm}}}
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
              - matchExpressions: [{key: gpu, operator: Is, values: [h100]}]
  - name: b
    replicas: atuo
thresholds:
  e2eLatency: {keepTrace: true}
  timeToFirstToken: {keepTrace: 10 s}
metrics: {mode: kubernetes}
tracing:
  exporters:
    otlp:
      my_jaeger: {endpoint: x}
    otlphttp:
      tempo: {endpoit: x}
prometheus: {storage: {size: 50GB, persistant: true}}
";

/// What helm says of each, in any order.
const REFUSALS: &[&str] = &[
    "at '/commonLabels/team': 'ml/infra' does not match pattern",
    "at '/commonLabels': additional properties 'cost centre' not allowed",
    "at '/models/0/replicas': got number, want integer or string",
    "at '/models/0/port': maximum: got 70,000, want 65,535",
    "at '/models/0/deploy/tensorParallelSize': got string, want integer",
    "at '/models/0/deploy/sharedMemory': '16GB' does not match pattern",
    "at '/models/0/deploy/image/tag': got number, want string",
    "at '/models/0/deploy/resources/limits/cpu': minimum: got -1, want 0",
    "at '/models/0/deploy/resources/limits/memory': '10GB' does not match pattern",
    "at '/models/0/deploy/env/0/value': got number, want string",
    "at '/models/0/deploy/env/1/name': 'C=1' does not match pattern",
    "at '/models/0/deploy/env/2/valueFrom': additional properties 'secretKeyReff' not allowed",
    "at '/models/0/deploy/tolerations/0': additional properties 'operater' not allowed",
    "at '/models/0/deploy/tolerations/0/effect': value must be one of 'NoSchedule', 'PreferNoSchedule', 'NoExecute'",
    "at '/models/0/deploy/volumes/0/emptyDir/medium': 'memory' does not match pattern",
    "at '/models/0/deploy/topologySpreadConstraints/0/maxSkew': minimum: got 0, want 1",
    "at '/models/0/deploy/topologySpreadConstraints/0/whenUnsatisfiable': value must be one of 'DoNotSchedule', 'ScheduleAnyway'",
    "at '/models/0/deploy/affinity': additional properties 'nodeAfinity' not allowed",
    "DuringExecution/0/weight': maximum: got 101, want 100",
    "DuringExecution/0/podAffinityTerm': missing property 'topologyKey'",
    "matchExpressions/0/operator': value must be one of 'In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'",
    "at '/models/1/replicas': 'atuo' does not match pattern '^auto$'",
    "at '/thresholds/e2eLatency/keepTrace': 'not' failed",
    "at '/thresholds/timeToFirstToken/keepTrace': '10 s' does not match pattern",
    "at '/metrics/mode': value must be one of 'operator', 'standalone', 'google', 'azure', 'victoriametrics', 'auto'",
    "at '/tracing/exporters/otlp': additional properties 'my_jaeger' not allowed",
    "at '/tracing/exporters/otlphttp/tempo': missing property 'endpoint'",
    "at '/tracing/exporters/otlphttp/tempo': additional properties 'endpoit' not allowed",
    "at '/prometheus/storage/size': '50GB' does not match pattern",
    "at '/prometheus/storage': additional properties 'persistant' not allowed",
];

#[test]
fn the_packaged_chart_refuses_mistakes_at_every_depth_and_names_them() {
    let dir = tempfile::tempdir().unwrap();
    let values = dir.path().join("values.yaml");
    std::fs::write(&values, VALUES).unwrap();
    let options = Options {
        chart: package(dir.path()).unwrap(),
        values: vec![values],
        ..Options::default()
    };
    let error = format!("{:#}", Rendered::new(&options).unwrap_err());
    for refusal in REFUSALS {
        assert!(error.contains(refusal), "{refusal}\n{error}");
    }
    // A choice of schemas would say that none fits, and not what is wrong.
    for choice in ["anyOf", "oneOf", "allOf"] {
        assert!(!error.contains(choice), "{error}");
    }
}
