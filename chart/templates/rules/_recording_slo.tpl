{{/*
Objectives: good and all events a second, once each, and of them what was not good over long
windows, by sums over time of the recorded rates. A restart, a gap or a pod that leaves is dealt
with where rate() meets the raw counter, and nowhere else.

Availability: a request is good that ends by stop, length or repetition. Bad are those that end by
error or are refused admission, and HTTP 5xx. One failure can be in both, and HTTP names no model:
it is joined by pod, and of the two the larger counts. What clients abort is neither.

Latency: good is what lies within the limit, a bucket bound; a server with buckets of its own that
lacks the bound is left out, of all events too. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.sloEvents" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
{{- $id := include "vllm-monitoring.id" . -}}
# Which model a pod serves; one that seems to serve two is left out, not a reason to fail for all.
- record: pod:vllm_model:info
  expr: |-
    group by ({{ $model }}, pod) (vllm:request_success_total{ {{- $scraped -}} })
    and on (vllm_monitoring, model, namespace, pod)
    count by (vllm_monitoring, model, namespace, pod) (group by ({{ $model }}, pod) (vllm:request_success_total{ {{- $scraped -}} })) == 1
- record: pod:vllm_requests_failed:rate
  expr: sum by ({{ $model }}, pod) (rate({__name__=~"vllm:request_success_total|vllm:admission_rejections_total", {{ $scraped }}, finished_reason=~"error|"}[{{ $window }}]))
- record: pod:vllm_http_5xx:rate
  expr: |-
    pod:vllm_model:info{{ $own }}
    * on (namespace, pod) group_left ()
    max by (namespace, pod) (sum by (vllm_monitoring, model, namespace, pod) (rate(http_requests_total{ {{- $scraped }}, method="POST", status=~"5.."}[{{ $window }}])))
- record: model:vllm_slo_good:rate
  expr: sum by ({{ $model }}) (rate(vllm:request_success_total{ {{- $scraped }}, finished_reason!~"error|abort"}[{{ $window }}]))
  labels: {slo: availability}
- record: model:vllm_slo_total:rate
  expr: |-
    model:vllm_slo_good:rate{vllm_monitoring={{ $id | quote }}, slo="availability"}
    + on ({{ $model }}) group_left ()
    (
      sum by ({{ $model }}) (max by ({{ $model }}, pod) ({__name__=~"pod:vllm_requests_failed:rate|pod:vllm_http_5xx:rate", vllm_monitoring={{ $id | quote }}}))
      or sum by ({{ $model }}) (model:vllm_slo_good:rate{vllm_monitoring={{ $id | quote }}, slo="availability"}) * 0
    )
  labels: {slo: availability}
{{- range $key, $slo := include "vllm-monitoring.latencySlos" . | fromYaml }}
- record: model:vllm_slo_good:rate
  expr: sum by ({{ $model }}) (rate({{ $slo.family }}_bucket{ {{- $scraped }}, le=~"{{ $slo.le }}"}[{{ $window }}]))
  labels: {slo: {{ $slo.name }}}
- record: model:vllm_slo_total:rate
  expr: |-
    sum by ({{ $model }}) (
      sum without (le) (rate({{ $slo.family }}_bucket{ {{- $scraped }}, le="+Inf"}[{{ $window }}]))
      and sum without (le) (rate({{ $slo.family }}_bucket{ {{- $scraped }}, le=~"{{ $slo.le }}"}[{{ $window }}]))
    )
  labels: {slo: {{ $slo.name }}}
{{- end }}
{{- end -}}

{{- define "vllm-monitoring.recording.sloWindows" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $windows := list -}}
{{- $long := list -}}
{{- range .Values.slos.windows -}}
{{- $windows = concat $windows (list .short .long) | uniq -}}
{{- $long = append $long .long | uniq -}}
{{- end -}}
{{- range $windows }}
- record: model:vllm_slo:error_ratio
  expr: |-
    clamp_min(1 - sum_over_time(model:vllm_slo_good:rate{{ $own }}[{{ . }}]) / sum_over_time(model:vllm_slo_total:rate{{ $own }}[{{ . }}]), 0) >= 0
  labels: {window: {{ . }}}
{{- end }}
# Each recorded rate stands for the time between two evaluations.
{{- range $long }}
- record: model:vllm_slo:events
  expr: sum_over_time(model:vllm_slo_total:rate{{ $own }}[{{ . }}]) * {{ include "vllm-monitoring.seconds" $.Values.rules.interval }}
  labels: {window: {{ . }}}
{{- end }}
{{- end -}}

{{/*
The latency objectives by their key in values.yaml: {name, alert, family, le, limit}. Takes the root.
*/}}
{{- define "vllm-monitoring.latencySlos" -}}
{{- $latencies := (.Files.Get "files/catalog.yaml" | fromYaml).latencies -}}
{{- $names := dict "timeToFirstToken" "time_to_first_token" "interTokenLatency" "inter_token_latency" "e2eLatency" "e2e_latency" -}}
{{- $slos := dict -}}
{{- range $key, $name := $names -}}
{{- $limit := (index $.Values.slos $key).limit -}}
{{- $alert := printf "Vllm%sBudgetBurning" (regexReplaceAll "^." $key (substr 0 1 $key | upper) | replace "E2e" "E2E") -}}
{{- $_ := set $slos $key (dict "name" $name "alert" $alert "family" (index $latencies $key).family "limit" $limit "le" (include "vllm-monitoring.leRegex" (include "vllm-monitoring.seconds" $limit))) -}}
{{- end -}}
{{- $slos | toYaml -}}
{{- end -}}

{{/* The part of events that may be bad, 0 to 1. Takes an objective in percent. */}}
{{- define "vllm-monitoring.budget" -}}
{{- printf "%.6g" (divf (subf 100 .) 100) -}}
{{- end -}}
