{{/* Whether this chart runs a Jaeger: "true" or "". Takes the root. */}}
{{- define "vllm-monitoring.ownJaeger" -}}
{{- if and .Values.jaeger.enabled .Values.tracing.enabled }}true{{ end -}}
{{- end -}}

{{/* Its host, for those inside the cluster. Takes the root. */}}
{{- define "vllm-monitoring.jaegerHost" -}}
{{- printf "%s-jaeger.%s.svc" (include "vllm-monitoring.fullname" .) .Release.Namespace -}}
{{- end -}}

{{/*
jaeger.yaml of Jaeger v2, itself a collector: OTLP into its store, which its query service reads.
The collector before it sends in batches, so none is made here: what was taken is stored. Takes the
root.
*/}}
{{- define "vllm-monitoring.jaegerConfig" -}}
{{- $storage := .Values.jaeger.storage -}}
receivers:
  otlp:
    protocols:
      grpc: {endpoint: ":4317"}
exporters:
  jaeger_storage_exporter: {trace_storage: traces}
extensions:
  healthcheckv2:
    use_v2: true
    http: {endpoint: ":13133"}
  jaeger_storage:
    backends:
      traces:
        {{- if eq $storage.type "badger" }}
        badger:
          ephemeral: false
          directories: {keys: /var/lib/jaeger/keys, values: /var/lib/jaeger/values}
          # Go has no unit above hours.
          ttl: {spans: {{ include "vllm-monitoring.seconds" $storage.retention }}s}
        {{- else }}
        memory: {max_traces: {{ $storage.maxTraces | int }}}
        {{- end }}
  jaeger_query:
    storage: {traces: traces}
    # Not of itself, to a collector that is not there.
    enable_tracing: false
    http: {endpoint: ":16686"}
    grpc: {endpoint: ":16685"}
service:
  extensions: [healthcheckv2, jaeger_storage, jaeger_query]
  telemetry:
    metrics:
      readers:
        - pull: {exporter: {prometheus: {host: "", port: 8888}}}
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [jaeger_storage_exporter]
{{- end -}}

{{/* What its own pod needs, as YAML. Takes the root. */}}
{{- define "vllm-monitoring.jaegerPod" -}}
{{- $j := .Values.jaeger -}}
{{- $disk := eq $j.storage.type "badger" -}}
containers:
  - name: jaeger
    args: [--config=/etc/jaeger/jaeger.yaml]
    {{- with include "vllm-monitoring.goMemoryLimit" $j.resources }}
    env:
      {{- . | nindent 6 }}
    {{- end }}
    ports:
      - {name: otlp-grpc, containerPort: {{ include "vllm-monitoring.port" "otlp" }}}
      - {name: query, containerPort: {{ include "vllm-monitoring.port" "jaeger" }}}
      - {name: health, containerPort: {{ include "vllm-monitoring.port" "health" }}}
    startupProbe:
      httpGet: {path: /status, port: health}
      periodSeconds: 5
      failureThreshold: 60 # a large store is replayed first
    readinessProbe:
      httpGet: {path: /status, port: health}
    livenessProbe:
      httpGet: {path: /status, port: health}
    volumeMounts:
      - {name: config, mountPath: /etc/jaeger, readOnly: true}
      {{- if $disk }}
      - {name: data, mountPath: /var/lib/jaeger}
      {{- end }}
volumes:
  - name: config
    configMap: {name: {{ include "vllm-monitoring.fullname" . }}-jaeger}
  {{- if $disk }}
  {{- include "vllm-monitoring.scratch" (list "data" $j.storage) | nindent 2 }}
  {{- end }}
{{- end -}}
