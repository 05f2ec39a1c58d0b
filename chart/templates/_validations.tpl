{{/*
Every reason for which this chart refuses values that the schema cannot see: the cause, then the
YAML to paste. Included once, by validate.yaml. Takes the root.
*/}}
{{- define "vllm-monitoring.validate" -}}
{{- if not (regexMatch "^[a-z]" (include "vllm-monitoring.fullname" .)) -}}
{{- fail (printf `
The release is named %q, but Kubernetes refuses a Service whose name does not begin with a letter. Set the names of the objects:

  fullnameOverride: vllm-%s
` .Release.Name (include "vllm-monitoring.fullname" .)) -}}
{{- end -}}
{{- $seen := dict -}}
{{- $picked := dict -}}
{{- range (include "vllm-monitoring.entries" . | fromJson).entries -}}
{{- $entry := . -}}
{{- with get $seen .slug -}}
{{- fail (printf `
models: %q and %q give objects of the same name (%s). Use names that differ in letters or digits:

  models:
    - name: %s-a
    - name: %s-b
` . $entry.name $entry.slug $entry.slug $entry.slug) -}}
{{- end -}}
{{- $_ := set $seen .slug .name -}}
{{- $pick := printf "%s in %s" (printf "%s%s" (.selector | toJson) (ternary (.selectorExpressions | toJson) "" (not (empty .selectorExpressions)))) (.namespaces | sortAlpha | join ",") -}}
{{- range .ports -}}
{{- $target := printf "%s at port %s" $pick . -}}
{{- with get $picked $target -}}
{{- fail (printf `
models: %q and %q watch the same pods (%s), so each request would be counted twice. Give each its own selector or port:

  models:
    - name: %s
      selector: {app: vllm, model: %s}
` . $entry.name $target $entry.name $entry.slug) -}}
{{- end -}}
{{- $_ := set $picked $target $entry.name -}}
{{- end -}}
{{- if and (dig "deploy" "enabled" false .) (gt (len .ports) 1) -}}
{{- fail (printf `
models: %q is deployed by this chart, whose pods serve one port, but 'ports' lists %d. Set 'port':

  models:
    - name: %s
      port: %s
` .name (len .ports) .name .port) -}}
{{- end -}}
{{- if and (has "*" .namespaces) $.Values.metrics.operator.namespaced -}}
{{- fail (printf `
models: %q watches all namespaces, but metrics.operator.namespaced creates a monitor in each namespace and needs their names:

  models:
    - name: %s
      namespaces: [%s]
` .name .name $.Release.Namespace) -}}
{{- end -}}
{{- if and $.Values.metrics.operator.namespaced (gt (len .namespaces) 1) (kindIs "float64" (get . "replicas")) -}}
{{- fail (printf `
models: %q expects %v replicas over %d namespaces, but with metrics.operator.namespaced the rules of a namespace see only its own pods. Write one entry per namespace:

  models:
    - name: %s-a
      namespaces: [%s]
      replicas: 1
` .name .replicas (len .namespaces) .name (first .namespaces)) -}}
{{- end -}}
{{- if and (eq .monitor "ServiceMonitor") (eq (include "vllm-monitoring.mode" $) "google") -}}
{{- fail (printf `
models: %q has monitor: ServiceMonitor, but Google Managed Prometheus discovers only pods. Remove monitor and serviceSelector, and select the pods:

  models:
    - name: %s
      selector: {app: vllm}
` .name .name) -}}
{{- end -}}
{{- if and (eq .monitor "ServiceMonitor") (not .serviceSelector) -}}
{{- fail (printf `
models: %q has monitor: ServiceMonitor but no serviceSelector. Set the labels of its Service, or remove monitor:

  models:
    - name: %s
      monitor: ServiceMonitor
      serviceSelector: {app: vllm}
` .name .name) -}}
{{- end -}}
{{- if and (dig "deploy" "enabled" false .) (not (regexMatch "^[0-9]+$" .port)) -}}
{{- fail (printf `
models: %q is deployed by this chart and its port is the name %q; a number is needed:

  models:
    - name: %s
      port: 8000
` .name .port .name) -}}
{{- end -}}
{{- if and (dig "deploy" "enabled" false .) (ne (.namespaces | join ",") $.Release.Namespace) -}}
{{- fail (printf `
models: %q is deployed by this chart into the namespace %q, so 'namespaces' must be left out:

  models:
    - name: %s
      deploy: {enabled: true}
` .name $.Release.Namespace .name) -}}
{{- end -}}
{{- if dig "deploy" "enabled" false . -}}
{{- $catalog := $.Files.Get "files/catalog.yaml" | fromYaml -}}
{{- $release := include "vllm-monitoring.vllmRelease" (list $ .deploy) -}}
{{- if and $release (include "vllm-monitoring.vllmTraces" (list $ .)) (semverCompare (printf "<%s" $catalog.image.tracesSince) $release) -}}
{{- fail (printf `
models: %q runs vLLM %s and sends traces, but images before %s do not contain OpenTelemetry, and the server exits on --otlp-traces-endpoint. Use a newer image, or turn its traces off:

  models:
    - name: %s
      deploy: {tracing: false}
` .name $release $catalog.image.tracesSince .name) -}}
{{- end -}}
{{- if and $release (ne (include "vllm-monitoring.vllmUser" (list $ .deploy)) "0") (semverCompare (printf "<%s" $catalog.image.nonRootSince) $release) -}}
{{- fail (printf `
models: %q runs vLLM %s as user %s, but images before %s only run as root. Use a newer image, or run it as root in a namespace that allows it (Pod Security 'baseline'):

  models:
    - name: %s
      deploy: {runAsUser: 0}
` .name $release (include "vllm-monitoring.vllmUser" (list $ .deploy) | default "of the platform's choice") $catalog.image.nonRootSince .name) -}}
{{- end -}}
{{- $sources := include "vllm-monitoring.storageSources" .deploy | fromJsonArray -}}
{{- if gt (len $sources) 1 -}}
{{- fail (printf `
models: %q has several sources of its weights in deploy.storage (%s), but only one can be mounted. Keep one:

  models:
    - name: %s
      deploy:
        storage: {%s: %s}
` .name (join ", " $sources) .name (first $sources) (get .deploy.storage (first $sources))) -}}
{{- end -}}
{{- end -}}
{{- if dig "autoscaling" "enabled" false . -}}
{{- $a := .autoscaling -}}
{{- $least := dig "minReplicas" 1 $a | int -}}
{{- if not (eq (get . "replicas" | toString) "auto") -}}
{{- fail (printf `
models: %q is scaled by an autoscaler, but 'replicas' is %v: with any other number VllmReplicaDown would fire, or an upgrade would reset it. Remove 'replicas' and set the bounds of the autoscaler:

  models:
    - name: %s
      autoscaling: {enabled: true, minReplicas: %v, maxReplicas: %d}
` .name .replicas .name .replicas (max (int $a.maxReplicas) (int .replicas))) -}}
{{- end -}}
{{- if gt $least (int $a.maxReplicas) -}}
{{- fail (printf `
models: %q has autoscaling.minReplicas %d above maxReplicas %d; KEDA refuses that:

  models:
    - name: %s
      autoscaling: {enabled: true, minReplicas: %d, maxReplicas: %d}
` .name $least (int $a.maxReplicas) .name (int $a.maxReplicas) $least) -}}
{{- end -}}
{{- if not (or $least $a.triggers) -}}
{{- fail (printf `
models: %q has autoscaling.minReplicas 0 and no own triggers: without a replica there are no series to scale up by. Set minReplicas: 1, or add a trigger that reads something else:

  models:
    - name: %s
      autoscaling: {enabled: true, minReplicas: 1, maxReplicas: %d}
` .name .name (int $a.maxReplicas)) -}}
{{- end -}}
{{- if not .workload -}}
{{- fail (printf `
models: %q has autoscaling, but this chart does not deploy it and workload is not set. Name its Deployment:

  models:
    - name: %s
      workload: %s
` .name .name .slug) -}}
{{- end -}}
{{- if or (has "*" .namespaces) (gt (len .namespaces) 1) -}}
{{- fail (printf `
models: %q has autoscaling and several namespaces (%s), but a ScaledObject must be in the namespace of its Deployment. Name that namespace:

  models:
    - name: %s
      namespaces: [%s]
` .name (join ", " .namespaces) .name (ternary $.Release.Namespace (first .namespaces) (has "*" .namespaces))) -}}
{{- end -}}
{{- if not $.Values.rules.enabled -}}
{{- fail (printf `
models: %q has autoscaling, which reads recorded series, but rules.enabled is false. Enable the rules:

  rules:
    enabled: true
` .name) -}}
{{- end -}}
{{- if not (include "vllm-monitoring.autoscalingPrometheus" $) -}}
{{- fail (printf `
models: %q has autoscaling, but in operator mode KEDA needs the address of Prometheus. Name the Service of the Prometheus that evaluates this release's rules:

  metrics:
    operator:
      prometheusURL: http://prometheus-operated.monitoring.svc:9090
` .name) -}}
{{- end -}}
{{- end -}}
{{- if and (eq (get . "replicas" | toString) "auto") (not .workload) -}}
{{- fail (printf `
models: %q has replicas: auto but no workload. Name the Deployment or StatefulSet whose size kube-state-metrics exports, or remove replicas:

  models:
    - name: %s
      replicas: auto
      workload: %s
` .name .name .slug) -}}
{{- end -}}
{{- end -}}
{{- $scrape := .Values.metrics.scrape -}}
{{- if and (not $scrape.enabled) (not .Values.metrics.matchers) -}}
{{- fail `
metrics.scrape.enabled is false and metrics.matchers is empty, so the rules do not know which series to read. Write matchers for the series of the existing scrape:

  metrics:
    scrape: {enabled: false}
    matchers: ['job="vllm"']
` -}}
{{- end -}}
{{- if and $scrape.enabled .Values.metrics.matchers -}}
{{- fail `
metrics.matchers selects the series of another scrape, but metrics.scrape.enabled is true, so rules would read each pod twice. Turn the scrape off, or remove the matchers:

  metrics:
    matchers: []
` -}}
{{- end -}}
{{- if and (not $scrape.enabled) (gt (len .Values.models) 1) -}}
{{- fail (printf `
models: there are %d entries and metrics.scrape.enabled is false; series of another scrape have no label for the entry. Install one release per entry, each with its own matchers:

  models:
    - name: %s
` (len .Values.models) (first .Values.models).name) -}}
{{- end -}}
{{- $interval := include "vllm-monitoring.seconds" $scrape.interval | float64 -}}
{{- if gt (include "vllm-monitoring.seconds" $scrape.timeout | float64) $interval -}}
{{- fail (printf `
metrics.scrape.timeout is %s, above the interval %s; Prometheus refuses that:

  metrics:
    scrape: {interval: %s, timeout: %s}
` $scrape.timeout $scrape.interval $scrape.interval $scrape.interval) -}}
{{- end -}}
{{- $least := mulf 4 $interval -}}
{{- if lt (include "vllm-monitoring.seconds" .Values.rules.window | float64) $least -}}
{{- fail (printf `
rules.window is %s, less than four scrape intervals of %s: a lost scrape would leave gaps in every rate:

  rules:
    window: %vs
` .Values.rules.window $scrape.interval $least) -}}
{{- end -}}
{{- if not (include "vllm-monitoring.slowBound" .) -}}
{{- fail (printf `
thresholds.e2eLatency.alert is %s, below the smallest bucket of vllm:e2e_request_latency_seconds (0.3 s): the histogram cannot distinguish slow requests from others:

  thresholds:
    e2eLatency: {alert: 300ms}
` .Values.thresholds.e2eLatency.alert) -}}
{{- end -}}
{{- $latencies := (.Files.Get "files/catalog.yaml" | fromYaml).latencies -}}
{{- range $key, $slo := include "vllm-monitoring.latencySlos" . | fromYaml -}}
{{- $bounds := (index $latencies $key).bounds -}}
{{- if not (has (include "vllm-monitoring.seconds" $slo.limit | float64) $bounds) -}}
{{- $near := first $bounds -}}
{{- range $bounds -}}{{- if le . (include "vllm-monitoring.seconds" $slo.limit | float64) -}}{{- $near = . -}}{{- end -}}{{- end -}}
{{- fail (printf `
slos.%s.limit is %s, which is not a bucket bound of %s, so requests within it cannot be counted. Bounds in seconds: %s

  slos:
    %s: {limit: %dms}
` $key $slo.limit $slo.family (join ", " $bounds) $key (mulf $near 1000 | int)) -}}
{{- end -}}
{{- end -}}
{{- range $key := list "availability" "timeToFirstToken" "interTokenLatency" "e2eLatency" -}}
{{- $budget := include "vllm-monitoring.budget" (index $.Values.slos $key).objective | float64 -}}
{{- range $name, $window := $.Values.slos.windows -}}
{{- if ge (mulf $window.burn $budget) 1.0 -}}
{{- fail (printf `
slos.windows.%s.burn is %v; with slos.%s.objective at %v more than all events would have to be bad, so its alert could never fire:

  slos:
    windows:
      %s: {burn: %v}
` $name $window.burn $key (index $.Values.slos $key).objective $name (divf 0.9 $budget)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.probe.enabled -}}
{{- if eq (include "vllm-monitoring.mode" .) "google" -}}
{{- fail `
probe.enabled is true, but Google Managed Prometheus cannot scrape a prober for other addresses, so no pod would be probed. Turn the probe off:

  probe: {enabled: false}
` -}}
{{- end -}}
{{- if gt (include "vllm-monitoring.seconds" .Values.probe.timeout | float64) (include "vllm-monitoring.seconds" .Values.probe.interval | float64) -}}
{{- fail (printf `
probe.timeout is %s, above the interval %s; Prometheus refuses that:

  probe: {interval: %s, timeout: %s}
` .Values.probe.timeout .Values.probe.interval .Values.probe.interval .Values.probe.interval) -}}
{{- end -}}
{{- end -}}
{{- if and (eq .Values.rules.export.format "file") (ne (len .Values.rules.export.engines) 1) -}}
{{- fail (printf `
rules.export.format is file, which writes the file of one engine, but rules.export.engines names %d. Name mimir, prometheus, thanos or vmalert:

  rules:
    export: {format: file, engines: [mimir]}
` (len .Values.rules.export.engines)) -}}
{{- end -}}
{{- $exposed := list "prometheus" -}}
{{- range list "alertmanager" "grafana" "jaeger" -}}
{{- if (get $.Values .).enabled }}{{ $exposed = append $exposed . }}{{ end -}}
{{- end -}}
{{- range $part := $exposed -}}
{{- $route := (get $.Values $part).httpRoute | default dict -}}
{{- if and $route.enabled (not $route.parentRefs) -}}
{{- fail (printf `
%s.httpRoute.parentRefs is empty, but an HTTPRoute needs a Gateway. Name it:

  %s:
    httpRoute:
      enabled: true
      parentRefs: [{name: gateway, namespace: gateway-system}]
` $part $part) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.jaeger.enabled (not .Values.tracing.enabled) -}}
{{- fail `
jaeger.enabled is true and tracing.enabled is false: no collector would send it traces. Turn tracing on, or Jaeger off:

  tracing: {enabled: true}
  jaeger: {enabled: true}
` -}}
{{- end -}}
{{- /* Prometheus refuses its whole configuration for a job's name that another job has. */ -}}
{{- $jobs := list -}}
{{- range .Values.prometheus.scrapeConfigs -}}
{{- if or (has .job_name $jobs) (regexMatch "^(prometheus|alertmanager|(vllm|probe|vllm-monitoring)/.*)$" .job_name) -}}
{{- fail (printf `
prometheus.scrapeConfigs: %q is already the name of another job of this Prometheus. Give it its own name:

  prometheus:
    scrapeConfigs:
      - job_name: my-%s
` .job_name (.job_name | replace "/" "-")) -}}
{{- end -}}
{{- $jobs = append $jobs .job_name -}}
{{- end -}}
{{- /* Prometheus refuses its whole configuration for either. */ -}}
{{- range .Values.prometheus.remoteWrite -}}
{{- $logins := keys (pick . "basic_auth" "authorization" "oauth2") | sortAlpha -}}
{{- if gt (len $logins) 1 -}}
{{- fail (printf `
prometheus.remoteWrite: %s has %s, but Prometheus accepts only one of them. Keep one:

  prometheus:
    remoteWrite:
      - url: %s
        authorization: {credentials: {secretName: remote-write, secretKey: token}}
` .url (join " and " $logins) .url) -}}
{{- end -}}
{{- range $name, $_ := .headers -}}
{{- if eq (lower $name) "authorization" -}}
{{- fail `
prometheus.remoteWrite: Prometheus refuses the header authorization, and everyone who can read the configuration would see the secret. Name a Secret:

  prometheus:
    remoteWrite:
      - authorization: {credentials: {secretName: remote-write, secretKey: token}}
` -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.grafana.enabled -}}
{{- if not (include "vllm-monitoring.grafanaHas" (list . "prometheus")) -}}
{{- fail `
grafana.enabled is true, but in operator mode it needs the address of Prometheus. Name the Prometheus that scrapes this release:

  metrics:
    operator:
      prometheusURL: http://prometheus-operated.monitoring.svc:9090
` -}}
{{- end -}}
{{- with include "vllm-monitoring.dashboardTraces" . -}}
{{- if not (include "vllm-monitoring.grafanaHas" (list $ .)) -}}
{{- fail (printf `
dashboards.traces is %s, but the bundled Grafana has no such data source, so the table of traces would be empty. Add one, or set dashboards.traces: auto:

  grafana:
    datasources:
      - {name: Traces, type: %s, url: "http://%s:%s"}
` . . . (ternary "3200" "16686" (eq . "tempo"))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.tracing.enabled -}}
{{- if not (include "vllm-monitoring.exporterNames" .) -}}
{{- fail `
tracing.exporters: no exporter is enabled, so kept traces would be lost. Enable one, or turn tracing off:

  tracing:
    exporters:
      debug: {enabled: true}
` -}}
{{- end -}}
{{- range $kind := list "otlp" "otlphttp" -}}
{{- range $name, $exporter := get $.Values.tracing.exporters $kind | default dict -}}
{{- $at := printf "tracing.exporters.%s.%s" $kind $name -}}
{{- $scheme := include "vllm-monitoring.exporterScheme" $exporter -}}
{{- $fix := printf "\n\n  tracing:\n    exporters:\n      %s:\n        %s: " $kind $name -}}
{{- if and $exporter.insecure $exporter.tlsSecret -}}
{{- fail (printf `
%s has insecure: true, which sends without TLS, but also the certificates of the Secret %s. Remove one of them:%s{endpoint: %q, tlsSecret: {name: %s, ca: ca.crt}}
` $at $exporter.tlsSecret.name $fix $exporter.endpoint $exporter.tlsSecret.name) -}}
{{- end -}}
{{- if and (eq $scheme "http") (or $exporter.tlsSecret $exporter.insecureSkipVerify) -}}
{{- fail (printf `
%s has the endpoint %s, which sends without TLS, but also %s, which is for TLS. Write https://, or remove that:%s{endpoint: %q}
` $at $exporter.endpoint (ternary "tlsSecret" "insecureSkipVerify" (not (not $exporter.tlsSecret))) $fix $exporter.endpoint) -}}
{{- end -}}
{{- if and (eq $scheme "https") $exporter.insecure -}}
{{- fail (printf `
%s has insecure: true, which sends without TLS, but the endpoint %s, which means TLS. Remove insecure, or write http://:%s{endpoint: %q}
` $at $exporter.endpoint $fix $exporter.endpoint) -}}
{{- end -}}
{{- if and (eq $kind "otlphttp") (not $scheme) (not (contains "${" $exporter.endpoint)) -}}
{{- fail (printf `
%s has the endpoint %s without a scheme, but OTLP over HTTP needs a URL. Write http:// (without TLS) or https://:%s{endpoint: "https://%s"}
` $at $exporter.endpoint $fix $exporter.endpoint) -}}
{{- end -}}
{{- include "vllm-monitoring.refuseEndpoint" (list $at $kind $exporter.endpoint) -}}
{{- end -}}
{{- end -}}
{{- with .Values.tracing.redaction -}}
{{- if .enabled -}}
{{- $key := ternary "attributes" "allow" (eq .mode "deny") -}}
{{- range get . $key | default list -}}
{{- /* No error is told of a pattern that does not parse; one with an empty branch fits nothing then. */ -}}
{{- if not (regexMatch (printf "|%s" .) "") -}}
{{- fail (printf `
tracing.redaction.%s: %q is not a valid RE2 expression (RE2 has no lookaround and no back references), so no collector would start. Correct it, or name whole keys with [.] for the dot:

  tracing:
    redaction:
      %s: ['user[.].+', 'session[.]id']
` $key . $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.tracing.enabled .Values.tracing.exporters.file.enabled (hasPrefix "/var/lib/otelcol/queue" (dir .Values.tracing.exporters.file.path)) -}}
{{- fail `
tracing.exporters.file.path is on the volume of the exporters' queues and would fill it. Use another folder:

  tracing:
    exporters:
      file: {path: /var/lib/otelcol/kept/kept.jsonl}
` -}}
{{- end -}}
{{- if and .Values.tracing.enabled .Values.tracing.storage.persistent .Values.tracing.queue.size -}}
{{- $queues := include "vllm-monitoring.sendingCount" . | int -}}
{{- if gt (mul (max 1 $queues) (include "vllm-monitoring.mebibytes" .Values.tracing.queue.size | int)) (include "vllm-monitoring.mebibytes" .Values.tracing.storage.size | int) -}}
{{- fail (printf `
tracing.queue.size is %s for each of %d exporters, which is larger than the volume of tracing.storage.size, %s: queued traces would fill it and be lost. Make the volume twice as large as the queues, or remove queue.size:

  tracing:
    queue: {size: ""}
` .Values.tracing.queue.size (max 1 $queues) .Values.tracing.storage.size) -}}
{{- end -}}
{{- end -}}
{{- $receiver := .Values.tracing.receiver -}}
{{- $callers := include "vllm-monitoring.ownCallers" . | fromJsonArray -}}
{{- if and $receiver.tls.secretName $receiver.tls.clientCA (not $receiver.client.secretName) $callers -}}
{{- fail (printf `
tracing.receiver.tls.clientCA requires a certificate of every caller, but callers of this release have none (%s). Name the Secret with one:

  tracing:
    receiver:
      client: {secretName: otlp-client}
` (join ", " $callers)) -}}
{{- end -}}
{{- if and (eq .Values.tracing.policy.engine "wasm") (not .Values.tracing.collector.image.repository) -}}
{{- fail `
tracing.policy.engine is wasm, but no collector image that hosts the plugin is set. Build one with 'make images REGISTRY=… PUSH=1' and install with the values that it writes, or let the stock collector decide by the same thresholds:

  tracing:
    policy: {engine: ottl}
` -}}
{{- end -}}
{{- $module := .Values.tracing.policy.module | default dict -}}
{{- $foreign := include "vllm-monitoring.foreignPolicy" . -}}
{{- if and $module.configMap (not $foreign) -}}
{{- fail (printf `
tracing.policy.module names the ConfigMap %s, but the engine is ottl: the stock collector cannot run a module. Name an image of otelcol-vllm ('make images REGISTRY=… PUSH=1'), or remove the module:

  tracing:
    collector: {image: {repository: registry.example/otelcol-vllm}}
` $module.configMap) -}}
{{- end -}}
{{- if and $module.configMap (not $module.sha256) -}}
{{- fail (printf `
tracing.policy.module names the ConfigMap %s, but tracing.policy.module.sha256 is empty: a collector loads a module only by its hash. Write what 'sha256sum' prints for the uncompressed module:

  tracing:
    policy:
      module: {configMap: %s, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}
` $module.configMap $module.configMap) -}}
{{- end -}}
{{- if and .Values.tracing.policy.settings (not $module.configMap) -}}
{{- fail `
tracing.policy.settings is for a policy of your own, but tracing.policy.module names none. This project's policy is set by thresholds and the other sections of tracing.policy. Remove the settings, or name their module:

  tracing:
    policy:
      module: {configMap: my-policy, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}
` -}}
{{- end -}}
{{- if and (eq (include "vllm-monitoring.engine" .) "wasm") (not $foreign) -}}
{{- include "vllm-monitoring.validatePolicy" . -}}
{{- else -}}
{{- include "vllm-monitoring.validatePolicyGiven" (list .Values.tracing.policy "budget" (list "spansPerSecond")) -}}
{{- end -}}
{{- if and (eq (include "vllm-monitoring.engine" .) "wasm") (or (not (.Files.Get "files/sampling-policy.wasm.gz")) (not (.Files.Get "files/sampling-policy.sha256"))) -}}
{{- fail `
The chart lacks files/sampling-policy.wasm.gz or files/sampling-policy.sha256. Build them with plugins/build, use a packaged chart, or let the stock collector decide:

  tracing:
    policy: {engine: ottl}
` -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A section of the policy that is on has each of its keys. Takes (list policy section keys). */}}
{{- define "vllm-monitoring.validatePolicyGiven" -}}
{{- $section := index . 1 -}}
{{- $of := get (index . 0) $section | default dict -}}
{{- if $of.enabled -}}
{{- range index . 2 -}}
{{- if or (not (hasKey $of .)) (kindIs "invalid" (get $of .)) -}}
{{- fail (printf `
tracing.policy.%s.%s is null, which removes the default, but the policy needs a value. Set one, or remove the line; to turn the section off:

  tracing:
    policy:
      %s: {enabled: false}
` $section . $section) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
A key of a section that is on lies within the plugin's bounds. Takes (list policy section key least most
words example).
*/}}
{{- define "vllm-monitoring.validatePolicyBounds" -}}
{{- $section := index . 1 -}}
{{- $key := index . 2 -}}
{{- $of := get (index . 0) $section | default dict -}}
{{- if $of.enabled -}}
{{- $given := get $of $key -}}
{{- $n := ternary (trimSuffix "%" $given) (include "vllm-monitoring.seconds" $given) (eq $key "share") | float64 -}}
{{- if or (lt $n (index . 3 | float64)) (gt $n (index . 4 | float64)) -}}
{{- fail (printf `
tracing.policy.%s.%s is %s, but the plugin accepts %s: no collector would start. Example:

  tracing:
    policy:
      %s: {%s: %s}
` $section $key $given (index . 5) $section $key (index . 6)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
What the plugin would refuse at the start of a collector: the bounds of plugins/sampling-policy/core,
which tests/chart holds against these. Takes the root.
*/}}
{{- define "vllm-monitoring.validatePolicy" -}}
{{- $policy := .Values.tracing.policy -}}
{{- include "vllm-monitoring.validatePolicyGiven" (list $policy "errors" (list "statusCodes")) -}}
{{- include "vllm-monitoring.validatePolicyGiven" (list $policy "slowest" (list "share" "measures" "atLeast" "memory" "minimum")) -}}
{{- include "vllm-monitoring.validatePolicyGiven" (list $policy "baseline" (list "share" "perModelPerHour")) -}}
{{- include "vllm-monitoring.validatePolicyGiven" (list $policy "budget" (list "tracesPerMinute" "burst")) -}}
{{- include "vllm-monitoring.validatePolicyBounds" (list $policy "slowest" "share" 0.01 50 "0.01% to 50%" "1%") -}}
{{- include "vllm-monitoring.validatePolicyBounds" (list $policy "slowest" "memory" 60 86400 "1m to 24h" "30m") -}}
{{- include "vllm-monitoring.validatePolicyBounds" (list $policy "budget" "burst" 1 3600 "1s to 1h" "1m") -}}
{{- $own := 0 -}}
{{- range prepend .Values.models (dict "thresholds" .Values.thresholds) -}}
{{- $limits := include "vllm-monitoring.keptFrom" (.thresholds | default dict) | fromJson -}}
{{- $at := ternary (printf "models: %q has thresholds" .name) "thresholds" (hasKey . "name") -}}
{{- range $rule, $limit := $limits -}}
{{- if and (ne $limit "off") (le (include "vllm-monitoring.seconds" $limit | float64) 0.0) -}}
{{- fail (printf `
%s with a keepTrace of %s, but the plugin accepts only a time above zero: no collector would start. Write 1ms to keep every request, off to keep none:

  thresholds:
    %s: {keepTrace: 1ms}
` $at $limit (get (include "vllm-monitoring.policyLatencies" $ | fromJson) $rule)) -}}
{{- end -}}
{{- end -}}
{{- if and $limits (hasKey . "name") -}}
{{- $own = add $own 1 -}}
{{- if gt (len .name) 120 -}}
{{- fail (printf `
models: %q has its own thresholds, but the plugin accepts names of up to 120 bytes: no collector would start. Use a shorter name, or remove its thresholds.
` .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if gt $own 64 -}}
{{- fail (printf `
models: %d have their own thresholds, but the plugin accepts 64: no collector would start. Set thresholds only for the models that differ most from the others.
` $own) -}}
{{- end -}}
{{- end -}}

{{/*
Refuses an endpoint with which the collector would not start, or that nothing is sent to. Takes (list place
kind endpoint).
*/}}
{{- define "vllm-monitoring.refuseEndpoint" -}}
{{- $endpoint := last . -}}
{{- $http := eq (index . 1) "otlphttp" -}}
{{- /* Of the environment's, and of gRPC's other ways to name a target, nothing is known here. */}}
{{- if not (or (contains "${" $endpoint) (regexMatch "(?i)^(unix|dns|passthrough)://" $endpoint)) -}}
{{- $host := `(\[[0-9A-Za-z:.%]+\]|[^][\s/?#@:"'<>]+)` -}}
{{- $form := ternary (printf `^(?i:https?)://([^\s/?#@]+@)?%s(:[0-9]+)?([/?#][^\s"'<>]*)?$` $host) (printf `^((?i:https?)://)?%s:[0-9]+/?$` $host) $http -}}
{{- $port := regexFind ":[0-9]+(/|$)" (regexReplaceAll "^[A-Za-z]+://" $endpoint "") | trimPrefix ":" | trimSuffix "/" | default "1" | int -}}
{{- if or (not (regexMatch $form $endpoint)) (lt $port 1) (gt $port 65535) -}}
{{- fail (printf `
%s.endpoint is %q, which is not an address that the collector can send to. Expected %s:

  tracing:
    exporters:
      %s:
        %s: {endpoint: %s}
` (first .) $endpoint (ternary "http:// or https://, a host, optionally a port and a path" "a host and a port, without a path; http:// before it sends without TLS, https:// or no scheme with TLS; no other scheme is known" $http) (index . 1) (regexReplaceAll ".*[.]" (first .) "") (ternary "\"http://tempo.tracing.svc:4318\"" "\"http://tempo.tracing.svc:4317\"" $http)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
