{{/*
The collector's own metrics. Its pods are told from the models' targets by their name. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.collector" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $window := .Values.rules.window -}}
{{- $pod := "vllm_monitoring, pod" -}}
# 0 also when no target is left in discovery.
- record: release:otelcol_replicas:up
  expr: sum(up{vllm_monitoring={{ include "vllm-monitoring.id" . | quote }}, pod=~"{{ include "vllm-monitoring.fullname" . }}-collector-[0-9]+"}) or vector(0)
  labels:
    vllm_monitoring: {{ include "vllm-monitoring.id" . }}
- record: release:otelcol_accepted_spans:rate
  expr: sum by (vllm_monitoring) (rate(otelcol_receiver_accepted_spans{{ $own }}[{{ $window }}]))
# Refused: for want of memory. Failed: a part behind the receiver said no.
- record: collector:otelcol_refused_spans:rate
  expr: |-
    sum by ({{ $pod }}) (rate(otelcol_receiver_refused_spans{{ $own }}[{{ $window }}]))
    + sum by ({{ $pod }}) (rate(otelcol_receiver_failed_spans{{ $own }}[{{ $window }}]))
- record: collector:otelcol_exporter_queue:ratio
  expr: |-
    max by ({{ $pod }}, exporter) (otelcol_exporter_queue_size{{ $own }})
    / max by ({{ $pod }}, exporter) (otelcol_exporter_queue_capacity{{ $own }})
- record: collector:otelcol_wasm_sampling_policy_faults:rate
  expr: sum by ({{ $pod }}, cause) (rate(otelcol_wasm_sampling_policy_faults{{ $own }}[{{ $window }}]))
# Spans that came after the decision on their trace, and were thrown away because it was not kept.
- record: collector:otelcol_late_spans_dropped:rate
  expr: sum by ({{ $pod }}) (rate(otelcol_processor_tail_sampling_early_releases_from_cache_decision{vllm_monitoring={{ include "vllm-monitoring.id" . | quote }}, sampled="false"}[{{ $window }}]))
# Matched a reason, and the budget had no room.
- record: release:otelcol_wasm_sampling_policy_limited:rate
  expr: sum by (vllm_monitoring, reason, model) (rate(otelcol_wasm_sampling_policy_decisions{vllm_monitoring={{ include "vllm-monitoring.id" . | quote }}, outcome="limited"}[{{ $window }}]))
# 0 closed, 1 trying again, 2 open; the worst within the window, for an open one tries again now and then.
- record: collector:otelcol_wasm_sampling_policy_breaker_state:max
  expr: max by ({{ $pod }}, policy) (max_over_time(otelcol_wasm_sampling_policy_breaker_state{{ $own }}[{{ $window }}]))
{{- if include "vllm-monitoring.balanced" . }}
{{ include "vllm-monitoring.recording.balancer" . }}
{{- end }}
{{- end -}}

{{/*
The balancers'. Their targets carry `balancer_of` in place of vllm_monitoring: what passes through them
is received a second time by the samplers, and would count twice. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.balancer" -}}
{{- $id := include "vllm-monitoring.id" . -}}
{{- $of := printf "{balancer_of=%q}" $id -}}
# 0 also when no target is left in discovery.
- record: release:otelcol_balancers:up
  expr: sum(up{{ $of }}) or vector(0)
  labels: {vllm_monitoring: {{ $id }}}
# Samplers that a balancer sends to; of several balancers the one that knows fewest.
- record: release:otelcol_balancer_backends:min
  expr: min(otelcol_loadbalancer_num_backends{{ $of }})
  labels: {vllm_monitoring: {{ $id }}}
- record: collector:otelcol_balancer_failed_spans:rate
  expr: sum by (pod) (rate(otelcol_exporter_send_failed_spans{{ $of }}[{{ .Values.rules.window }}]))
  labels: {vllm_monitoring: {{ $id }}}
{{- end -}}
