{{/* Alerts on the collector, where there is one. Takes the root. */}}
{{- define "vllm-monitoring.alerts.collector" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $a := .Values.rules.alerts -}}
{{- $collector := "Collector [[ $labels.pod ]]" -}}
VllmTracingSilent:
  # Without a collector VllmCollectorDown says why. No series at all is silence as well.
  expr: |-
    sum by (vllm_monitoring) (model:vllm_request_success:rate{{ $own }}) > {{ $a.VllmTracingSilent.threshold }}
    unless on (vllm_monitoring) release:otelcol_accepted_spans:rate{{ $own }} > 0
    unless on (vllm_monitoring) release:otelcol_replicas:up{{ $own }} == 0
  summary: Requests are served and no spans arrive, so no slow request is kept.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: [[ $value | humanize ]] requests/s end, above {{ $a.VllmTracingSilent.threshold }}/s, and the collector
    receives 0 spans/s.
VllmCollectorDown:
  expr: release:otelcol_replicas:up{{ $own }} < {{ .Values.tracing.collector.replicas }}
  summary: Fewer collectors are up than expected; spans are lost at their senders.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: [[ $value ]] collectors are up, expected {{ .Values.tracing.collector.replicas }}.
VllmCollectorRefusing:
  expr: collector:otelcol_refused_spans:rate{{ $own }} > {{ $a.VllmCollectorRefusing.threshold }}
  summary: A collector refuses spans, for want of memory or because a pipeline fails.
  description: >-
    {{ $collector }}: [[ $value | humanize ]] spans/s are refused, above {{ $a.VllmCollectorRefusing.threshold }}/s.
VllmCollectorQueueFilling:
  expr: collector:otelcol_exporter_queue:ratio{{ $own }} > {{ $a.VllmCollectorQueueFilling.threshold }}
  summary: A collector cannot get rid of kept traces; when its queue is full they are lost.
  description: >-
    {{ $collector }}: the queue of exporter [[ $labels.exporter ]] is [[ $value | humanizePercentage ]] full, above {{ mulf $a.VllmCollectorQueueFilling.threshold 100 }} %.
VllmCollectorPolicyFaulting:
  # What an open breaker does not even try is VllmCollectorPolicyBreakerOpen's.
  expr: collector:otelcol_wasm_sampling_policy_faults:rate{vllm_monitoring={{ include "vllm-monitoring.id" . | quote }}, cause!="breaker_open"} > {{ $a.VllmCollectorPolicyFaulting.threshold }}
  summary: The sampling policy fails; tracing.policy.onError decides in its place.
  description: >-
    {{ $collector }}: [[ $value | humanize ]] decisions/s fail by [[ $labels.cause ]], above {{ $a.VllmCollectorPolicyFaulting.threshold }}/s.
VllmCollectorPolicyBreakerOpen:
  expr: collector:otelcol_wasm_sampling_policy_breaker_state:max{{ $own }} > 1
  summary: The sampling policy failed so often that it is not called any more.
  description: >-
    {{ $collector }}: the breaker of policy [[ $labels.policy ]] was at [[ $value ]] (open) within {{ .Values.rules.window }}, above 1; instead of the
    plugin, tracing.policy.onError ({{ .Values.tracing.policy.onError }}) decides.
VllmLateSpansDropped:
  expr: collector:otelcol_late_spans_dropped:rate{{ $own }} > {{ $a.VllmLateSpansDropped.threshold }}
  summary: Spans come after the decision on their trace and are thrown away unseen, slow requests among them.
  description: >-
    {{ $collector }}: [[ $value | humanize ]] spans/s came more than tracing.sampling.decisionWait ({{ .Values.tracing.sampling.decisionWait }}) after the first
    span of their trace, above {{ $a.VllmLateSpansDropped.threshold }}/s.
VllmTraceBudgetExhausted:
  # The baseline is the first to give way, as it should.
  expr: release:otelcol_wasm_sampling_policy_limited:rate{vllm_monitoring={{ include "vllm-monitoring.id" . | quote }}, reason!="baseline"} > {{ $a.VllmTraceBudgetExhausted.threshold }}
  summary: More traces are worth keeping than tracing.policy.budget allows; part of them is left out.
  description: >-
    Reason [[ $labels.reason ]][[ with $labels.model ]], model [[ . ]][[ end ]]: [[ $value | humanize ]] traces/s are left out, above {{ $a.VllmTraceBudgetExhausted.threshold }}/s.
{{- if include "vllm-monitoring.balanced" . }}
{{ include "vllm-monitoring.alerts.balancer" . }}
{{- end }}
{{- end -}}

{{/* Alerts on the balancers, where there are some. Takes the root. */}}
{{- define "vllm-monitoring.alerts.balancer" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $a := .Values.rules.alerts -}}
VllmBalancerDown:
  expr: release:otelcol_balancers:up{{ $own }} < {{ .Values.tracing.balancer.replicas }}
  summary: Fewer balancers are up than expected; with none, no span reaches a sampler.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: [[ $value ]] balancers are up, expected {{ .Values.tracing.balancer.replicas }}.
VllmBalancerBackendsLost:
  # A sampler that is down is VllmCollectorDown's.
  expr: |-
    release:otelcol_balancer_backends:min{{ $own }} < {{ .Values.tracing.collector.replicas }}
    unless on (vllm_monitoring) release:otelcol_replicas:up{{ $own }} < {{ .Values.tracing.collector.replicas }}
  summary: A balancer does not know every sampler; the others carry its share, and traces can be split.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: a balancer sends to [[ $value ]] samplers, expected {{ .Values.tracing.collector.replicas }}, which are all up.
VllmBalancerFailing:
  expr: collector:otelcol_balancer_failed_spans:rate{{ $own }} > {{ $a.VllmBalancerFailing.threshold }}
  summary: A balancer cannot hand spans to the samplers; their senders drop them in the end.
  description: >-
    Balancer [[ $labels.pod ]]: [[ $value | humanize ]] spans/s are not delivered, above {{ $a.VllmBalancerFailing.threshold }}/s.
{{- end -}}
