{{/* Alerts on how long requests take. Takes the root. */}}
{{- define "vllm-monitoring.alerts.latency" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $t := .Values.thresholds -}}
{{- $model := include "vllm-monitoring.theModel" . -}}
VllmE2ELatencyHigh:
  expr: model:vllm_e2e_request_latency_seconds:p99{{ $own }} > {{ include "vllm-monitoring.seconds" $t.e2eLatency.alert }}
  summary: The slowest requests of a model take too long from arrival to the last token.
  description: >-
    {{ $model }}: p99 of the whole request is [[ $value | humanizeDuration ]], above {{ $t.e2eLatency.alert }}.
VllmTimeToFirstTokenHigh:
  expr: model:vllm_time_to_first_token_seconds:p99{{ $own }} > {{ include "vllm-monitoring.seconds" $t.timeToFirstToken.alert }}
  summary: Requests of a model wait too long for their first token.
  description: >-
    {{ $model }}: p99 of the time to first token is [[ $value | humanizeDuration ]], above {{ $t.timeToFirstToken.alert }}.
VllmInterTokenLatencyHigh:
  expr: model:vllm_inter_token_latency_seconds:p99{{ $own }} > {{ include "vllm-monitoring.seconds" $t.interTokenLatency.alert }}
  summary: A model generates tokens too slowly.
  description: >-
    {{ $model }}: p99 of the time between tokens is [[ $value | humanizeDuration ]], above {{ $t.interTokenLatency.alert }}.
VllmSlowRequestsPresent:
  # Above a half: increase() extrapolates, a single request can count as 0.9.
  expr: model:vllm_requests_slow:increase{{ $own }} > 0.5
  summary: Single requests of a model took longer than the limit.
  description: >-
    {{ $model }}: [[ $value | humanize ]] requests took longer than {{ include "vllm-monitoring.slowBound" . }} s (the largest
    histogram bound not above {{ $t.e2eLatency.alert }}) in the last {{ .Values.rules.window }}.
{{- end -}}
