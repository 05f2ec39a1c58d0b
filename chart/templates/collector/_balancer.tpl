{{/*
The balancing tier: collectors that send all spans of a trace to one sampler, by a hash of its id.
*/}}

{{/* Whether there is one: "true" or "". One sampler needs none. Takes the root. */}}
{{- define "vllm-monitoring.balanced" -}}
{{- $t := .Values.tracing -}}
{{- if and $t.enabled $t.balancer.enabled (gt (int $t.collector.replicas) 1) }}true{{ end -}}
{{- end -}}

{{/*
balancer.yaml. No queue: a span is acknowledged when a sampler has it, so that a balancer that ends
has nothing to lose and its sender tries again. Takes the root.
*/}}
{{- define "vllm-monitoring.balancerConfig" -}}
{{- $t := .Values.tracing -}}
receivers:
  {{- include "vllm-monitoring.otlpReceiver" (list . "balancer") | nindent 2 }}
processors:
  memory_limiter:
    check_interval: 100ms
    limit_percentage: 80
    spike_limit_percentage: 20
  {{- if $t.k8sAttributes.enabled }}
  {{- include "vllm-monitoring.senderPlace" . | nindent 2 }}
  {{- include "vllm-monitoring.k8sAttributes" . | nindent 2 }}
  {{- end }}
  {{- include "vllm-monitoring.senderAddress" . | nindent 2 }}
exporters:
  load_balancing:
    routing_key: traceID
    resolver:
      # The headless Service; 5s is how long a new sampler waits for its share.
      dns: {hostname: {{ include "vllm-monitoring.fullname" . }}-collectors.{{ .Release.Namespace }}.svc, port: "4317", interval: 5s}
    # To whoever is there when a sampler has left; then the sender tries again.
    retry_on_failure: {enabled: true, initial_interval: 500ms, max_interval: 5s, max_elapsed_time: 30s}
    protocol:
      otlp:
        timeout: 5s
        {{- include "vllm-monitoring.toSamplers" . | nindent 8 }}
        sending_queue: {enabled: false}
        retry_on_failure: {enabled: false}
extensions:
  health_check: {endpoint: ":13133"}
  {{- if include "vllm-monitoring.guarded" . }}
  {{- include "vllm-monitoring.otlpGuard" (list . "balancer") | nindent 2 }}
  {{- end }}
  {{- if $t.receiver.bearerToken.secretName }}
  {{- include "vllm-monitoring.bearerToken" . | nindent 2 }}
  {{- if $t.receiver.tls.secretName }}
  bearertokenauth/samplers: {filename: {{ include "vllm-monitoring.ownTokenFile" . | quote }}}
  {{- end }}
  {{- end }}
service:
  extensions: [health_check{{ if include "vllm-monitoring.guarded" . }}, otlp_guard{{ end }}{{ if $t.receiver.bearerToken.secretName }}, bearertokenauth{{ if $t.receiver.tls.secretName }}, bearertokenauth/samplers{{ end }}{{ end }}]
  telemetry:
    logs: {level: {{ $t.collector.logLevel }}}
    metrics:
      level: detailed
      readers:
        - pull: {exporter: {prometheus: {host: "", port: 8888}}}
  pipelines:
    traces:
      receivers: [otlp]
      processors: [memory_limiter{{ if $t.k8sAttributes.enabled }}, transform/sender, k8s_attributes{{ end }}, transform/address]
      exporters: [load_balancing]
{{- end -}}
