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
{{ include "vllm-monitoring.recording.requestSpans" . }}
# Refused: for want of memory. Failed: a part behind the receiver said no.
- record: collector:otelcol_refused_spans:rate
  expr: |-
    sum by ({{ $pod }}) (rate(otelcol_receiver_refused_spans{{ $own }}[{{ $window }}]))
    + sum by ({{ $pod }}) (rate(otelcol_receiver_failed_spans{{ $own }}[{{ $window }}]))
# Exports that ended with an error, also those of which the receiver counts no span: a message that is
# too large, a wrong token. CANCELLED is the sender's doing. What otlp_guard refuses over HTTP never comes
# to a route; status is then the bound that it breaks. Balancers are receivers as well.
- record: collector:otelcol_refused_requests:rate
  expr: |-
    {{- $refusals := dict
      "http_server_request_duration_count" (list "http_response_status_code" `http_route="/v1/traces", http_response_status_code!~"2.."`)
      "otelcol_otlp_guard_refused_requests" (list "reason" `protocol="http"`)
      "rpc_server_call_duration_count" (list "rpc_response_status_code" `rpc_response_status_code!~"OK|CANCELLED"`) }}
    {{- range $label := ternary (list "vllm_monitoring" "balancer_of") (list "vllm_monitoring") (not (not (include "vllm-monitoring.balanced" $))) }}
    {{- range $metric, $refusal := $refusals }}
    {{- $status := first $refusal }}
    {{- $of := printf "%s=%q, %s" $label (include "vllm-monitoring.id" $) (last $refusal) }}
    {{ if not (and (eq $label "vllm_monitoring") (hasPrefix "http" $metric)) }}or {{ end }}sum by ({{ $pod }}, status) (label_replace(label_replace(
      {{- include "vllm-monitoring.countedRate" (dict "root" $ "metric" $metric "matchers" $of "by" (printf "%s, pod, %s" $label $status) "target" $label) | nindent 6 }},
      "status", "$1", {{ $status | quote }}, "(.+)"), "vllm_monitoring", "$1", {{ $label | quote }}, "(.+)"))
    {{- end }}
    {{- end }}
# Spans of kept traces that will not arrive. store: refused for good. queue: no room for them, or the
# queue's disk is full. redaction: a statement failed, and with it the trace is dropped.
- record: collector:otelcol_lost_spans:rate
  expr: |-
    {{- range $cause, $metric := dict "store" "otelcol_exporter_send_failed_spans" "queue" "otelcol_exporter_enqueue_failed_spans" }}
    {{ if eq $cause "store" }}or {{ end }}label_replace(
      {{- include "vllm-monitoring.countedRate" (dict "root" $ "metric" $metric "matchers" (printf "vllm_monitoring=%q" (include "vllm-monitoring.id" $)) "by" "vllm_monitoring, pod, exporter" "target" "vllm_monitoring") | nindent 6 }},
      "cause", {{ $cause | quote }}, "", "")
    {{- end }}
    {{- if .Values.tracing.redaction.enabled }}
    {{- $redacted := printf "vllm_monitoring=%q, processor=\"transform/redact\"" (include "vllm-monitoring.id" .) }}
    or label_replace(
    {{- range $end, $metric := dict "in" "otelcol_processor_incoming_items" "out" "otelcol_processor_outgoing_items" }}
      {{- if eq $end "out" }}
      -{{ end }}
      ({{ include "vllm-monitoring.countedRate" (dict "root" $ "metric" $metric "matchers" $redacted "by" "vllm_monitoring, pod" "target" "vllm_monitoring") }})
    {{- end }} > 0,
      "cause", "redaction", "", "")
    {{- end }}
# Damaged files that a start of the collector put aside, with what was queued in them.
- record: collector:otelcol_damaged_queue_files:max
  expr: max by ({{ $pod }}) (max_over_time(otelcol_queue_guard_damaged_files{{ $own }}[{{ $window }}]))
- record: collector:otelcol_sent_spans:rate
  expr: sum by ({{ $pod }}, exporter) (rate(otelcol_exporter_sent_spans{{ $own }}[{{ $window }}]))
# What has waited all the time: what is on its way counts too.
- record: collector:otelcol_exporter_queue_size:min
  expr: max by ({{ $pod }}, exporter) (min_over_time(otelcol_exporter_queue_size{{ $own }}[{{ $window }}]))
- record: collector:otelcol_new_traces:rate
  expr: sum by ({{ $pod }}) (rate(otelcol_processor_tail_sampling_new_trace_id_received{{ $own }}[{{ $window }}]))
- record: collector:otelcol_decided_traces:rate
  expr: sum by ({{ $pod }}) (rate(otelcol_processor_tail_sampling_global_count_traces_sampled{{ $own }}[{{ $window }}]))
{{- if eq (include "vllm-monitoring.engine" .) "ottl" }}
# Each is decided on once with this answer, also where evaluations are counted.
- record: release:otelcol_kept_traces:rate
  expr: sum by (vllm_monitoring) (rate(otelcol_processor_tail_sampling_global_count_traces_sampled{vllm_monitoring={{ include "vllm-monitoring.id" . | quote }}, decision="sampled"}[{{ $window }}]))
{{- end }}
# The sampler looks at what waits once a second, also when nothing does.
- record: collector:otelcol_sampling_ticks:rate
  expr: sum by ({{ $pod }}) (rate(otelcol_processor_tail_sampling_sampling_decision_timer_latency_count{{ $own }}[{{ $window }}]))
- record: collector:otelcol_waiting_traces:ratio
  expr: max by ({{ $pod }}) (max_over_time(otelcol_processor_tail_sampling_sampling_traces_on_memory{{ $own }}[{{ $window }}])) / {{ .Values.tracing.sampling.numTraces | int }}
{{- if eq .Values.tracing.sampling.mode "whole" }}
# Where traces are decided when their spans arrive, this counter counts kept traces, too.
- record: collector:otelcol_undecided_traces:rate
  expr: {{ include "vllm-monitoring.countedRate" (dict "root" $ "metric" "otelcol_processor_tail_sampling_sampling_trace_dropped_too_early" "matchers" (printf "vllm_monitoring=%q" (include "vllm-monitoring.id" $)) "by" $pod "target" "vllm_monitoring") | quote }}
{{- end }}
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
- record: collector:otelcol_wasm_sampling_policy_settings_refused:increase
  expr: {{ printf "%s * %s" (include "vllm-monitoring.seconds" $window) (include "vllm-monitoring.countedRate" (dict "root" $ "metric" "otelcol_wasm_sampling_policy_settings_reloads" "matchers" (printf "vllm_monitoring=%q, outcome=\"refused\"" (include "vllm-monitoring.id" $)) "by" $pod "target" "vllm_monitoring")) | quote }}
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
  expr: {{ include "vllm-monitoring.countedRate" (dict "root" . "metric" "otelcol_exporter_send_failed_spans" "matchers" (printf "balancer_of=%q" $id) "by" "pod" "target" "balancer_of") | quote }}
  labels: {vllm_monitoring: {{ $id }}}
{{- end -}}

{{/*
The rate of a counter whose series exist from their first event on: the first value of a new series
counts as well, where its target was scraped before. `rate` alone takes it for the beginning, and
does not see a loss that happens once. Takes (dict root metric matchers by target): `target` is the
label by which targets are this release's.
*/}}
{{- define "vllm-monitoring.countedRate" -}}
{{- $window := .root.Values.rules.window -}}
{{- $series := printf "%s{%s}" .metric .matchers -}}
{{- $up := printf "up{%s=%q}" .target (include "vllm-monitoring.id" .root) -}}
sum by ({{ .by }}) (({{ $series }} unless {{ $series }} offset {{ $window }}) / {{ include "vllm-monitoring.seconds" $window }} and on ({{ .target }}, pod) ({{ $up }} offset {{ $window }} == 1) or rate({{ $series }}[{{ $window }}]))
{{- end -}}

{{/*
vLLM's request spans, one for each request that ended. Whose they are is told by the address they came
from, which is the pod's where nothing stands between: the spans themselves name no pod. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.requestSpans" -}}
{{- $spans := printf "vllm_request_spans_calls_total{spans_of=%q}" (include "vllm-monitoring.id" .) -}}
{{- $window := .Values.rules.window -}}
{{- $sender := "vllm_monitoring_sender" -}}
{{- $pod := "vllm_monitoring, model, namespace, pod" -}}
{{- $up := printf "label_replace(up{%s}, %q, \"$1\", \"instance\", %q)" (include "vllm-monitoring.scraped" .) $sender `\[?([^]]+)\]?:[0-9]+` -}}
- record: release:vllm_request_spans:rate
  expr: sum(rate({{ $spans }}[{{ $window }}]))
  labels: {vllm_monitoring: {{ include "vllm-monitoring.id" . }}}
- record: pod:vllm_request_spans:rate
  expr: |-
    sum by ({{ $pod }}) (
      0 * max by ({{ $pod }}, {{ $sender }}) ({{ $up }})
      + on ({{ $sender }}) group_left () sum by ({{ $sender }}) (rate({{ $spans }}[{{ $window }}]))
    )
# From addresses that are no pod's: a proxy or another collector stands between.
- record: release:vllm_request_spans_unplaced:rate
  expr: sum(sum by ({{ $sender }}) (rate({{ $spans }}[{{ $window }}])) unless on ({{ $sender }}) {{ $up }})
  labels: {vllm_monitoring: {{ include "vllm-monitoring.id" . }}}
# Replicas that serve requests, and of which no span arrives while others' do.
- record: model:vllm_replicas_untraced:count
  expr: |-
    count by ({{ include "vllm-monitoring.byModel" . }}) (
      sum by ({{ include "vllm-monitoring.byModel" . }}, pod) (rate(vllm:request_success_total{ {{- include "vllm-monitoring.scraped" . -}} }[{{ $window }}])) > {{ .Values.rules.alerts.VllmTracingSilent.threshold }}
      unless on (namespace, pod) pod:vllm_request_spans:rate{{ include "vllm-monitoring.own" . }} > 0
    )
    unless on () release:vllm_request_spans_unplaced:rate{{ include "vllm-monitoring.own" . }} > 0
    and on () release:vllm_request_spans:rate{{ include "vllm-monitoring.own" . }} > 0
    or 0 * count by ({{ include "vllm-monitoring.byModel" . }}) (rate(vllm:request_success_total{ {{- include "vllm-monitoring.scraped" . -}} }[{{ $window }}]))
{{- end -}}
