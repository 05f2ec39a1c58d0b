{{/*
Objectives: good and all events a second, once each, and of them what was not good over long
windows, by sums over time of the recorded rates. A restart, a gap or a pod that leaves is dealt
with where rate() meets the raw counter, and nowhere else.

Availability: a request is good that ends by stop, length or repetition. Bad are those that end by
error or are refused admission, and HTTP 5xx. One failure can be in both, and HTTP names no model:
it is joined by pod, and of the two the larger counts. What clients abort is neither.

While no replica of an entry is up, nothing is counted at the server: as many requests as arrived last
count as bad.

A rate that is NaN is left out (`>= 0`): one sample of it in a sum over time would silence an objective for days.

Latency: good is what lies within the limit, a bucket bound; a server with buckets of its own that
lacks the bound is left out, of all events too. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.slo-events" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
{{- $target := include "vllm-monitoring.byTarget" . -}}
{{- $notPrefill := include "vllm-monitoring.notPrefill" . -}}
{{- /* What something else scrapes has no label of ours yet. */ -}}
{{- $lost := ternary $model "cluster, namespace, model_name" .Values.metrics.scrape.enabled -}}
{{- $id := include "vllm-monitoring.id" . -}}
{{- /* Longer than between two scrapes and shorter than between three; where others scrape, who knows: half a window. */ -}}
{{- $patience := printf "%ss" (include "vllm-monitoring.awayAfter" .) -}}
# Which model a pod serves; one that seems to serve two is left out, not a reason to fail for all.
- record: pod:vllm_model:info
  expr: |-
    group by ({{ $model }}, pod) (vllm:request_success_total{ {{- $scraped -}} })
    and on ({{ $target }})
    count by ({{ $target }}) (group by ({{ $model }}, pod) (vllm:request_success_total{ {{- $scraped -}} })) == 1
- record: pod:vllm_requests_failed:rate
  expr: sum by ({{ $model }}, pod) (rate({__name__=~"vllm:request_success_total|vllm:admission_rejections_total", {{ $scraped }}, finished_reason=~"error|"}[{{ $window }}]) >= 0)
- record: pod:vllm_http_5xx:rate
  expr: |-
    pod:vllm_model:info{{ $own }}
    * on (cluster, namespace, pod) group_left ()
    max by (cluster, namespace, pod) (sum by ({{ $target }}) (rate(http_requests_total{ {{- $scraped }}, method="POST", status=~"5.."}[{{ $window }}]) >= 0))
# Entries without a replica that is up, for longer than one lost scrape; not those scaled to zero, nor
# those that are gone for so long that nobody waits for them.
- record: entry:vllm_replicas:away
  expr: |-
    group by (vllm_monitoring, model) (
      sum by (vllm_monitoring, model) (max_over_time(entry:vllm_replicas:up{{ $own }}[{{ .Values.rules.alerts.VllmFleetDown.memory }}])) > 0
      unless on ({{ ternary "vllm_monitoring, model" "" .Values.metrics.scrape.enabled }}) max_over_time(up{ {{- $scraped -}} }[{{ $patience }}]) > 0
      unless on (vllm_monitoring, model) entry:vllm_replicas:expected{{ $own }} == 0
    )
# While no replica is up, as many requests are lost as arrived last.
- record: model:vllm_requests_lost:rate
  expr: |-
    sum by ({{ $model }}) (max_over_time(model:vllm_slo_total:rate{vllm_monitoring={{ $id | quote }}, slo="availability"}[{{ $window }}]))
    and on (vllm_monitoring, model) entry:vllm_replicas:away{{ $own }}
- record: model:vllm_slo_good:rate
  expr: |-
    sum by ({{ $model }}) (
      rate(vllm:request_success_total{ {{- $scraped }}, finished_reason!~"error|abort"}[{{ $window }}]) >= 0
      {{ $notPrefill }}
    ) unless on ({{ $lost }}) model:vllm_requests_lost:rate{{ $own }}
    or model:vllm_requests_lost:rate{{ $own }} * 0
  labels: {slo: availability}
- record: model:vllm_slo_total:rate
  expr: |-
    model:vllm_slo_good:rate{vllm_monitoring={{ $id | quote }}, slo="availability"}
    + on ({{ $model }}) group_left ()
    (
      sum by ({{ $model }}) (max by ({{ $model }}, pod) ({__name__=~"pod:vllm_requests_failed:rate|pod:vllm_http_5xx:rate", vllm_monitoring={{ $id | quote }}}))
      or sum by ({{ $model }}) (model:vllm_slo_good:rate{vllm_monitoring={{ $id | quote }}, slo="availability"}) * 0
    )
    unless on ({{ $model }}) model:vllm_requests_lost:rate{{ $own }}
    or model:vllm_requests_lost:rate{{ $own }}
  labels: {slo: availability}
{{- range $key, $slo := include "vllm-monitoring.latencySlos" . | fromYaml }}
{{- $of := dict "root" $ "family" $slo.family "window" $window "function" "rate" "le" $slo.le "bound" (include "vllm-monitoring.seconds" $slo.limit) }}
- record: model:vllm_slo_total:rate
  expr: |-
    sum by ({{ $model }}) (
      (
        {{- include "vllm-monitoring.allObserved" $of | nindent 8 }}
      )
      {{ $notPrefill }}
    )
  labels: {slo: {{ $slo.name }}}
# A request that is served in halves is late when one of them is: what is late counts in both.
- record: model:vllm_slo_bad:rate
  expr: |-
    sum by ({{ $model }}) (
      (
        {{- include "vllm-monitoring.allObserved" $of | nindent 8 }}
      )
      -
      (
        {{- include "vllm-monitoring.observedWithin" $of | nindent 8 }}
      )
    )
  labels: {slo: {{ $slo.name }}}
- record: model:vllm_slo_good:rate
  expr: |-
    clamp_min(
      model:vllm_slo_total:rate{vllm_monitoring={{ $id | quote }}, slo={{ $slo.name | quote }}}
      - on ({{ $model }}) model:vllm_slo_bad:rate{vllm_monitoring={{ $id | quote }}, slo={{ $slo.name | quote }}}, 0)
  labels: {slo: {{ $slo.name }}}
{{- end }}
{{- end -}}

{{- define "vllm-monitoring.recording.sloWindows" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $windows := list -}}
{{- $long := list -}}
{{- $interval := include "vllm-monitoring.seconds" .Values.rules.interval -}}
{{- $aborted := .Values.rules.alerts.VllmRequestsAborted.window -}}
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
# Requests that had their first token and neither ended nor run yet, of all that had one: their clients
# gave up, or their engine died. Over a long window: of one that is short, most run yet.
- record: model:vllm_requests_aborted:ratio
  expr: |-
    clamp_min(
      (sum_over_time(model:vllm_first_tokens:rate{{ $own }}[{{ $aborted }}]) - sum_over_time(model:vllm_request_ends:rate{{ $own }}[{{ $aborted }}])) * {{ $interval }}
      - (model:vllm_num_requests_running:sum{{ $own }} or model:vllm_first_tokens:rate{{ $own }} * 0), 0)
    / (sum_over_time(model:vllm_first_tokens:rate{{ $own }}[{{ $aborted }}]) * {{ $interval }}) >= 0
# Each recorded rate stands for the time between two evaluations.
{{- range $long }}
- record: model:vllm_slo:events
  expr: sum_over_time(model:vllm_slo_total:rate{{ $own }}[{{ . }}]) * {{ $interval }}
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

{{/* Seconds without a replica up from which requests count as lost. Takes the root. */}}
{{- define "vllm-monitoring.awayAfter" -}}
{{- if .Values.metrics.scrape.enabled -}}
{{- mulf 2.5 (include "vllm-monitoring.seconds" .Values.metrics.scrape.interval | float64) | ceil | int -}}
{{- else -}}
{{- divf (include "vllm-monitoring.seconds" .Values.rules.window | float64) 2 | ceil | int -}}
{{- end -}}
{{- end -}}

{{/* The part of events that may be bad, 0 to 1. Takes an objective in percent. */}}
{{- define "vllm-monitoring.budget" -}}
{{- printf "%.6g" (divf (subf 100 .) 100) -}}
{{- end -}}
