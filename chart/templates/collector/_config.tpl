{{/* collector.yaml: receive, limit memory, decide by trace, redact, export. Takes the root. */}}
{{- define "vllm-monitoring.collectorConfig" -}}
{{- $t := .Values.tracing -}}
{{- $balanced := include "vllm-monitoring.balanced" . -}}
{{- $k8s := and $t.k8sAttributes.enabled (not $balanced) -}}
{{- $connectors := ternary "span_metrics/requests, span_metrics" "span_metrics/requests" $t.spanMetrics.enabled -}}
{{- $auth := $t.receiver.bearerToken.secretName -}}
{{- $engine := include "vllm-monitoring.engine" . -}}
receivers:
  {{- include "vllm-monitoring.otlpReceiver" (list . "collector") | nindent 2 }}
processors:
  # First, so that what is refused was not yet worked on.
  memory_limiter:
    check_interval: 100ms
    limit_percentage: 80
    spike_limit_percentage: 20
  {{- if $k8s }}
  {{- include "vllm-monitoring.senderPlace" . | nindent 2 }}
  {{- include "vllm-monitoring.k8sAttributes" . | nindent 2 }}
  {{- end }}
  {{- include "vllm-monitoring.forgedReasons" . | nindent 2 }}
  tail_sampling:
    decision_wait: {{ $t.sampling.decisionWait }}
    {{- if eq $t.sampling.mode "immediate" }}
    # A decision whenever spans arrive. With a memory of traces that were not kept, what follows in
    # such a trace would be thrown away unseen.
    sampling_strategy: span-ingest
    decision_wait_after_root_received: {{ $t.sampling.decisionWaitAfterRoot }}
    {{- end }}
    num_traces: {{ $t.sampling.numTraces | int }}
    decision_cache:
      sampled_cache_size: {{ $t.sampling.decisionCacheSize | int }}
      non_sampled_cache_size: {{ ternary 0 ($t.sampling.decisionCacheSize | int) (eq $t.sampling.mode "immediate") }}
    policies:
      {{- if .Values.helmTest.enabled }}
      # Votes as the policy below by its limits, on the traces of `helm test` alone, and so counts them alone. It is
      # the first, since a decision on arrival asks none after the one that keeps the trace. Whoever may send can
      # mark a span: a few a second are for the test, all others are decided below.
      - name: {{ include "vllm-monitoring.syntheticPolicy" . }}
        type: composite
        composite:
          max_total_spans_per_second: 20
          policy_order: [marked]
          composite_sub_policy:
            - name: marked
              type: and
              and:
                and_sub_policy:
                  - name: marker
                    type: boolean_attribute
                    boolean_attribute: {key: {{ include "vllm-monitoring.syntheticMarker" . }}, value: true}
                  - name: deciding
                    {{- include "vllm-monitoring.syntheticDecision" . | nindent 20 }}
      {{- end }}
      - name: vllm
        {{- include "vllm-monitoring.decidingPolicy" . | nindent 8 }}
  {{- if $t.redaction.enabled }}
  {{- include "vllm-monitoring.redaction" . | nindent 2 }}
  {{- end }}
  {{- if not $balanced }}
  {{- include "vllm-monitoring.senderAddress" . | nindent 2 }}
  {{- end }}
  {{- include "vllm-monitoring.spanMetricsFilter" . | nindent 2 }}
  {{- include "vllm-monitoring.metricLabels" . | nindent 2 }}
exporters:
  {{- include "vllm-monitoring.exporters" . | nindent 2 }}
  prometheus/spans: {endpoint: ":8889", metric_expiration: {{ include "vllm-monitoring.spanMetricsExpiration" . }}}
connectors:
  {{- include "vllm-monitoring.requestCounter" . | nindent 2 }}
  {{- if $t.spanMetrics.enabled }}
  {{- include "vllm-monitoring.spanMetricsConnector" . | nindent 2 }}
  {{- end }}
extensions:
  health_check: {endpoint: ":13133"}
  {{- if include "vllm-monitoring.guarded" . }}
  {{- include "vllm-monitoring.otlpGuard" (list . "collector") | nindent 2 }}
  {{- end }}
  {{- if $t.storage.persistent }}
  file_storage:
    directory: /var/lib/otelcol/queue
  {{- if include "vllm-monitoring.guarded" . }}
  # A damaged file of a queue would end the collector at each start. Only our distribution has it.
  queue_guard: {directory: /var/lib/otelcol/queue}
  {{- end }}
  {{- end }}
  {{- if $auth }}
  {{- include "vllm-monitoring.bearerToken" . | nindent 2 }}
  {{- end }}
  {{- if eq $engine "wasm" }}
  wasm_sampling_policy:
    path: /etc/vllm-monitoring/policy/sampling-policy.wasm.gz
    # Quoted: one of digits alone would be read as a number.
    sha256: {{ include "vllm-monitoring.policyHash" . | quote }}
    {{- if or (not (include "vllm-monitoring.foreignPolicy" .)) $t.policy.settings }}
    settings_file: /etc/vllm-monitoring/settings/settings.json
    {{- end }}
    on_error: {{ $t.policy.onError }}
    memory_limit_mib: {{ $t.policy.memoryLimitMib | int }}
    timeout: {{ $t.policy.timeout }}
    stamp: {{ $t.policy.stamp }}
    # As above: with span-ingest the processor takes no policy that says it has a memory.
    sampling_strategy: {{ ternary "span-ingest" "trace-complete" (eq $t.sampling.mode "immediate") }}
    # They share tracing.policy.budget.
    instances: {{ $t.collector.replicas | int }}
  {{- end }}
service:
  extensions: [health_check{{ if include "vllm-monitoring.guarded" . }}, otlp_guard{{ end }}{{ if $t.storage.persistent }}, file_storage{{ if include "vllm-monitoring.guarded" . }}, queue_guard{{ end }}{{ end }}{{ if $auth }}, bearertokenauth{{ end }}{{ if eq $engine "wasm" }}, wasm_sampling_policy{{ end }}]
  telemetry:
    logs: {level: {{ $t.collector.logLevel }}}
    metrics:
      level: detailed
      readers:
        - pull: {exporter: {prometheus: {host: "", port: 8888}}}
  pipelines:
    traces:
      receivers: [otlp]
      # What must not leave is taken out of the few traces that are kept.
      processors: [memory_limiter, {{ if $k8s }}transform/sender, k8s_attributes, {{ end }}transform/forged, tail_sampling{{ if $t.redaction.enabled }}, transform/redact{{ end }}]
      exporters: [{{ include "vllm-monitoring.exporterNames" . }}]
    # Of every request, before any is chosen.
    traces/spanmetrics:
      receivers: [otlp]
      # No memory_limiter: what it refused here would be sent again to both pipelines.
      processors: [{{ if $k8s }}transform/sender, k8s_attributes, {{ end }}filter/requests{{ if not $balanced }}, transform/address{{ end }}, transform/labels]
      exporters: [{{ $connectors }}]
    metrics/spans:
      receivers: [{{ $connectors }}]
      exporters: [prometheus/spans]
{{- end -}}

{{/* The name by which callers reach the collectors: the one that their certificate must have. Takes the root. */}}
{{- define "vllm-monitoring.otlpHost" -}}
{{ include "vllm-monitoring.fullname" . }}-collector.{{ .Release.Namespace }}.svc
{{- end -}}

{{/* Where callers send OTLP over gRPC. Takes the root. */}}
{{- define "vllm-monitoring.otlpEndpoint" -}}
{{ ternary "https" "http" (not (not .Values.tracing.receiver.tls.secretName)) }}://{{ include "vllm-monitoring.otlpHost" . }}:4317
{{- end -}}
