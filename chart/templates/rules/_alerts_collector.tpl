{{/* Alerts on the collector, where there is one. Takes the root. */}}
{{- define "vllm-monitoring.alerts.collector" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $a := .Values.rules.alerts -}}
{{- $collector := "Collector [[ $labels.pod ]]" -}}
{{- /* A part of a queue from which on the next trace may find no room. */}}
{{- $full := 0.99 -}}
VllmTracingSilent:
  # Without a collector VllmCollectorDown says why. No series at all is silence as well.
  summary: Requests are served and vLLM's spans do not arrive, so slow requests are not kept.
  each:
    - expr: |-
        sum by (vllm_monitoring) (model:vllm_request_success:rate{{ $own }}) > {{ $a.VllmTracingSilent.threshold }}
        unless on (vllm_monitoring) release:vllm_request_spans:rate{{ $own }} >= {{ $a.VllmTracingSilent.share }} * sum by (vllm_monitoring) (model:vllm_request_success:rate{{ $own }})
        unless on (vllm_monitoring) model:vllm_replicas_untraced:count{{ $own }} > 0
        unless on (vllm_monitoring) release:otelcol_replicas:up{{ $own }} == 0
      labels: {of: release}
      description: >-
        Release [[ $labels.vllm_monitoring ]]: [[ $value | humanize ]] requests/s end, above {{ $a.VllmTracingSilent.threshold }}/s, and vLLM's request spans
        arrive for fewer than {{ mulf $a.VllmTracingSilent.share 100 }} % of them. Where callers or a mesh sample, vLLM needs OTEL_TRACES_SAMPLER=always_on.
    - expr: |-
        model:vllm_replicas_untraced:count{{ $own }} > 0
        unless on (vllm_monitoring) release:otelcol_replicas:up{{ $own }} == 0
      labels: {of: replicas}
      description: >-
        {{ include "vllm-monitoring.theModel" . }}: [[ $value ]] replicas serve more than {{ $a.VllmTracingSilent.threshold }} requests/s, and not one of
        their spans arrives, while other replicas' do.
VllmCollectorDown:
  expr: release:otelcol_replicas:up{{ $own }} < {{ .Values.tracing.collector.replicas }}
  summary: Fewer collectors are up than expected; spans are lost at their senders.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: [[ $value ]] collectors are up, expected {{ .Values.tracing.collector.replicas }}.
VllmKeptTracesLost:
  summary: Traces of slow requests that were kept are being lost.
  each:
    - expr: sum by (vllm_monitoring, pod, exporter, cause) (collector:otelcol_lost_spans:rate{{ $own }}) > {{ $a.VllmKeptTracesLost.threshold }}
      description: >-
        {{ $collector }}: [[ $value | humanize ]] spans/s[[ with $labels.exporter ]] for exporter [[ . ]][[ end ]] are lost, above {{ $a.VllmKeptTracesLost.threshold }}/s. Cause: [[ if eq $labels.cause "store" ]]the
        store refuses them permanently (credentials, tenant, address, or a span too large)[[ else if eq $labels.cause "redaction" ]]a statement of
        the redaction fails on them[[ else ]]they find no room in the queue or on its disk[[ end ]].
    # Where a full queue makes senders wait, they are the ones who lose.
    - expr: |-
        collector:otelcol_exporter_queue:ratio{{ $own }} > {{ $full }}
        unless on (vllm_monitoring, pod, exporter) sum by (vllm_monitoring, pod, exporter) (collector:otelcol_lost_spans:rate{{ $own }}) > {{ $a.VllmKeptTracesLost.threshold }}
      labels: {cause: full}
      description: >-
        {{ $collector }}: the queue of exporter [[ $labels.exporter ]] is [[ $value | humanizePercentage ]] full, above {{ mulf $full 100 }} %. What is kept now
        is lost, here or at the senders.
    # For an hour after the start: then it has been told.
    - expr: |-
        collector:otelcol_damaged_queue_files:max{{ $own }} > 0
        unless on (vllm_monitoring, pod) collector:otelcol_damaged_queue_files:max{{ $own }} offset 1h > 0
      labels: {cause: damaged}
      description: >-
        {{ $collector }}: [[ $value ]] damaged files of queues were renamed at its start, above 0. The traces queued in them are lost.
VllmTracesDroppedUndecided:
  {{- if eq .Values.tracing.sampling.mode "whole" }}
  expr: collector:otelcol_undecided_traces:rate{{ $own }} > {{ $a.VllmTracesDroppedUndecided.threshold }}
  summary: More traces wait for their decision than numTraces allows; the oldest are dropped, slow ones among them.
  description: >-
    {{ $collector }}: [[ $value | humanize ]] traces/s are dropped before they were decided, above {{ $a.VllmTracesDroppedUndecided.threshold }}/s.
  {{- else }}
  expr: collector:otelcol_waiting_traces:ratio{{ $own }} > {{ $full }}
  summary: More traces wait than numTraces allows; the oldest are dropped, and slow requests are kept without their earlier spans.
  description: >-
    {{ $collector }}: [[ $value | humanizePercentage ]] of tracing.sampling.numTraces ({{ .Values.tracing.sampling.numTraces | int }}) wait, above {{ mulf $full 100 }} %.
  {{- end }}
VllmCollectorNotDeciding:
  summary: A collector takes spans and decides on no trace, so no slow request is kept.
  each:
    # What arrived a decisionWait ago is due.
    - expr: |-
        collector:otelcol_new_traces:rate{{ $own }} offset {{ .Values.tracing.sampling.decisionWait }} > 0
        unless on (vllm_monitoring, pod) collector:otelcol_decided_traces:rate{{ $own }} > 0
        unless on (vllm_monitoring, pod) collector:otelcol_sampling_ticks:rate{{ $own }} == 0
      labels: {cause: waiting}
      description: >-
        {{ $collector }}: [[ $value | humanize ]] traces/s arrived {{ .Values.tracing.sampling.decisionWait }} ago, above 0/s, and 0 traces/s are decided.
    # For a full queue VllmKeptTracesLost is raised.
    - expr: |-
        collector:otelcol_sampling_ticks:rate{{ $own }} == 0
        unless on (vllm_monitoring, pod) max by (vllm_monitoring, pod) (collector:otelcol_exporter_queue:ratio{{ $own }}) > {{ $full }}
      labels: {cause: stuck}
      description: >-
        {{ $collector }}: the sampler makes no progress: it looked at waiting traces [[ $value ]] times a second, expected 1.
VllmCollectorExportStalled:
  expr: |-
    collector:otelcol_exporter_queue_size:min{{ $own }} > 0
    unless on (vllm_monitoring, pod, exporter) collector:otelcol_sent_spans:rate{{ $own }} > 0
  summary: Kept traces wait and an exporter sends none; it tries again until its queue is full.
  description: >-
    {{ $collector }}: at least [[ $value | humanize1024 ]]B waited for exporter [[ $labels.exporter ]] all through {{ .Values.rules.window }}, above 0, and 0
    spans/s were sent.
VllmCollectorRefusing:
  expr: |-
    collector:otelcol_refused_spans:rate{{ $own }} > {{ $a.VllmCollectorRefusing.threshold }}
    or sum by (vllm_monitoring, pod) (collector:otelcol_refused_requests:rate{{ $own }}) > {{ $a.VllmCollectorRefusing.threshold }}
  summary: A collector or balancer refuses spans because memory is short, they are too large, their token is wrong, or a pipeline fails.
  description: >-
    {{ $collector }}: [[ $value | humanize ]] spans/s, or exports/s where their spans are not counted, are refused, above {{ $a.VllmCollectorRefusing.threshold }}/s.
VllmCollectorQueueFilling:
  expr: collector:otelcol_exporter_queue:ratio{{ $own }} > {{ $a.VllmCollectorQueueFilling.threshold }}
  summary: A collector cannot export kept traces fast enough; when its queue is full, they are lost.
  description: >-
    {{ $collector }}: the queue of exporter [[ $labels.exporter ]] is [[ $value | humanizePercentage ]] full, above {{ mulf $a.VllmCollectorQueueFilling.threshold 100 }} %.
VllmCollectorSettingsRefused:
  expr: collector:otelcol_wasm_sampling_policy_settings_refused:increase{{ $own }} > 0
  summary: A collector refused changed settings of the sampling policy; it decides by the previous ones.
  description: >-
    {{ $collector }}: [[ $value | humanize ]] changes of the settings were refused within {{ .Values.rules.window }}, above 0. Traces are kept by the
    settings before.
VllmCollectorPolicyFaulting:
  # What an open breaker does not even try is VllmCollectorPolicyBreakerOpen's.
  expr: collector:otelcol_wasm_sampling_policy_faults:rate{vllm_monitoring={{ include "vllm-monitoring.id" . | quote }}, cause!="breaker_open"} > {{ $a.VllmCollectorPolicyFaulting.threshold }}
  summary: The sampling policy fails; tracing.policy.onError decides instead.
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
  summary: Spans arrive after the decision on their trace and are dropped, slow requests among them.
  description: >-
    {{ $collector }}: [[ $value | humanize ]] spans/s came more than tracing.sampling.decisionWait ({{ .Values.tracing.sampling.decisionWait }}) after the first
    span of their trace, above {{ $a.VllmLateSpansDropped.threshold }}/s.
VllmTraceBudgetExhausted:
  summary: More traces are worth keeping than tracing.policy.budget allows.
  each:
    # The baseline is the first to give way, as it should.
    - expr: release:otelcol_wasm_sampling_policy_limited:rate{vllm_monitoring={{ include "vllm-monitoring.id" . | quote }}, reason!="baseline"} > {{ $a.VllmTraceBudgetExhausted.threshold }}
      description: >-
        Reason [[ $labels.reason ]][[ with $labels.model ]], model [[ . ]][[ end ]]: [[ $value | humanize ]] traces/s are left out, above {{ $a.VllmTraceBudgetExhausted.threshold }}/s.
    {{- $budget := .Values.tracing.policy.budget }}
    {{- if and $budget.enabled (eq (include "vllm-monitoring.engine" .) "ottl") }}
    # The stock collector limits what it keeps in a second alone.
    - expr: release:otelcol_kept_traces:rate{{ $own }} > {{ $budget.tracesPerMinute | int }} / 60 + {{ $a.VllmTraceBudgetExhausted.threshold }}
      labels: {reason: any}
      description: >-
        Release [[ $labels.vllm_monitoring ]]: [[ $value | humanize ]] traces/s are kept, above tracing.policy.budget.tracesPerMinute
        ({{ $budget.tracesPerMinute | int }}) by more than {{ $a.VllmTraceBudgetExhausted.threshold }}/s. The engine ottl keeps them, up to
        {{ $budget.spansPerSecond | int }} spans/s in each collector (spansPerSecond).
    {{- end }}
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
  summary: A balancer cannot send spans to the samplers; after their retries the senders drop them.
  description: >-
    Balancer [[ $labels.pod ]]: [[ $value | humanize ]] spans/s are not delivered, above {{ $a.VllmBalancerFailing.threshold }}/s.
{{- end -}}
