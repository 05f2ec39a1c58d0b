{{/* collector.yaml: receive, limit memory, decide by trace, export. Takes the root. */}}
{{- define "vllm-monitoring.collectorConfig" -}}
{{- $t := .Values.tracing -}}
{{- $e := $t.exporters -}}
{{- $engine := include "vllm-monitoring.engine" . -}}
receivers:
  otlp:
    protocols:
      grpc: {endpoint: "0.0.0.0:4317"}
      http: {endpoint: "0.0.0.0:4318"}
processors:
  # First, so that what is refused was not yet worked on.
  memory_limiter:
    check_interval: 1s
    limit_percentage: 80
    spike_limit_percentage: 20
  {{- if $t.k8sAttributes.enabled }}
  k8sattributes:
    extract:
      metadata: [k8s.namespace.name, k8s.pod.name, k8s.node.name, k8s.deployment.name]
    pod_association:
      - sources: [{from: connection}]
  {{- end }}
  tail_sampling:
    decision_wait: {{ $t.sampling.decisionWait }}
    num_traces: {{ $t.sampling.numTraces | int }}
    decision_cache:
      sampled_cache_size: {{ $t.sampling.decisionCacheSize | int }}
      non_sampled_cache_size: {{ $t.sampling.decisionCacheSize | int }}
    policies:
      - name: vllm
        {{- include "vllm-monitoring.decidingPolicy" . | nindent 8 }}
      {{- if .Values.helmTest.enabled }}
      # Votes as the policy above, on the traces of `helm test` alone, and so counts them alone.
      - name: {{ include "vllm-monitoring.syntheticPolicy" . }}
        type: and
        and:
          and_sub_policy:
            - name: marked
              type: boolean_attribute
              boolean_attribute: {key: {{ include "vllm-monitoring.syntheticMarker" . }}, value: true}
            - name: deciding
              {{- include "vllm-monitoring.decidingPolicy" . | nindent 14 }}
      {{- end }}
exporters:
  {{- if $e.debug.enabled }}
  debug: {verbosity: {{ $e.debug.verbosity }}}
  {{- end }}
  {{- range $name, $x := include "vllm-monitoring.grpcExporters" . | fromJson }}
  otlp_grpc/{{ $name }}:
    {{- include "vllm-monitoring.exporterSettings" $x | nindent 4 }}
  {{- end }}
  {{- range $name, $x := $e.otlphttp }}
  otlp_http/{{ $name }}:
    {{- include "vllm-monitoring.exporterSettings" $x | nindent 4 }}
  {{- end }}
  {{- if $e.file.enabled }}
  file: {path: {{ $e.file.path | quote }}}
  {{- end }}
extensions:
  health_check: {endpoint: "0.0.0.0:13133"}
  file_storage:
    directory: /var/lib/otelcol/queue
  {{- if eq $engine "wasm" }}
  wasm_sampling_policy:
    path: /etc/vllm-monitoring/policy/sampling-policy.wasm.gz
    sha256: {{ .Files.Get "files/sampling-policy.sha256" | trim }}
    settings_file: /etc/vllm-monitoring/settings/settings.json
    on_error: {{ $t.policy.onError }}
    memory_limit_mib: {{ $t.policy.memoryLimitMib | int }}
  {{- end }}
service:
  extensions: [health_check, file_storage{{ if eq $engine "wasm" }}, wasm_sampling_policy{{ end }}]
  telemetry:
    logs: {level: {{ $t.collector.logLevel }}}
    metrics:
      level: detailed
      readers:
        - pull: {exporter: {prometheus: {host: 0.0.0.0, port: 8888}}}
  pipelines:
    traces:
      receivers: [otlp]
      processors: [memory_limiter, {{ if $t.k8sAttributes.enabled }}k8sattributes, {{ end }}tail_sampling]
      exporters: [{{ include "vllm-monitoring.exporterNames" . }}]
{{- end -}}

{{/*
A sending exporter with its queue on disk: an outage of the receiver loses nothing until the
queue is full, and what is queued outlives a restart. Takes one entry of exporters.otlp(http).
*/}}
{{- define "vllm-monitoring.exporterSettings" -}}
endpoint: {{ .endpoint | quote }}
{{- if or .insecure .insecureSkipVerify }}
tls:
  {{- if .insecure }}
  insecure: true
  {{- end }}
  {{- if .insecureSkipVerify }}
  insecure_skip_verify: true
  {{- end }}
{{- end }}
{{- with .headers }}
headers: {{- toYaml . | nindent 2 }}
{{- end }}
retry_on_failure:
  max_elapsed_time: 0s # never gives up: the queue is the limit
sending_queue:
  storage: file_storage
  queue_size: 10000 # requests
  batch:
    flush_timeout: 1s
    min_size: 100
    max_size: 1000
{{- end -}}

{{/*
What is sent over gRPC, by name: exporters.otlp, and `bundled-jaeger` where this chart runs one; JSON.
Takes the root.
*/}}
{{- define "vllm-monitoring.grpcExporters" -}}
{{- $all := deepCopy .Values.tracing.exporters.otlp -}}
{{- if include "vllm-monitoring.ownJaeger" . -}}
{{- $_ := set $all "bundled-jaeger" (dict "endpoint" (printf "http://%s:4317" (include "vllm-monitoring.jaegerHost" .)) "insecure" true) -}}
{{- end -}}
{{- $all | toJson -}}
{{- end -}}

{{/* The exporters of the pipeline, joined by commas; empty if there is none. Takes the root. */}}
{{- define "vllm-monitoring.exporterNames" -}}
{{- $e := .Values.tracing.exporters -}}
{{- $names := list -}}
{{- if $e.debug.enabled }}{{ $names = append $names "debug" }}{{ end -}}
{{- range $name, $x := include "vllm-monitoring.grpcExporters" . | fromJson }}{{ $names = append $names (printf "otlp_grpc/%s" $name) }}{{ end -}}
{{- range $name, $x := $e.otlphttp }}{{ $names = append $names (printf "otlp_http/%s" $name) }}{{ end -}}
{{- if $e.file.enabled }}{{ $names = append $names "file" }}{{ end -}}
{{- join ", " $names -}}
{{- end -}}

{{/* Where callers send OTLP over gRPC. Takes the root. */}}
{{- define "vllm-monitoring.otlpEndpoint" -}}
http://{{ include "vllm-monitoring.fullname" . }}-collector.{{ .Release.Namespace }}.svc:4317
{{- end -}}
