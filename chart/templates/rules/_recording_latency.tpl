{{/* How long requests take. Takes the root. */}}
{{- define "vllm-monitoring.recording.latency" -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
{{- $t := .Values.thresholds -}}
{{- $bound := include "vllm-monitoring.slowBound" . -}}
{{- $notPrefill := include "vllm-monitoring.notPrefill" . -}}
# Buckets once (as one native histogram where they are stored so), quantiles from them. Without traffic a quantile is NaN; `>= 0` drops it, so that
# idle models have no value instead of a wrong one.
{{- range $metric := list "e2e_request_latency_seconds" "time_to_first_token_seconds" "inter_token_latency_seconds" }}
{{- /* First tokens are waited for in both halves. */}}
{{- $half := eq $metric "e2e_request_latency_seconds" | ternary $notPrefill "" }}
- record: model:vllm_{{ $metric }}_bucket:rate
  expr: sum by ({{ $model }}, le) (rate(vllm:{{ $metric }}_bucket{ {{- $scraped -}} }[{{ $window }}]){{ with $half }} {{ . }}{{ end }})
- record: model:vllm_{{ $metric }}:rate
  expr: sum by ({{ $model }}) ({{ include "vllm-monitoring.nativeRate" (list $ $metric $window) }}{{ with $half }} {{ . }}{{ end }})
{{- range $quantile, $q := dict "p50" "0.5" "p95" "0.95" "p99" "0.99" }}
- record: model:vllm_{{ $metric }}:{{ $quantile }}
  expr: |-
    {{- include "vllm-monitoring.recordedQuantile" (list $ "model" $metric $q) | nindent 4 }}
{{- end }}
{{- end }}
# Requests that took longer than {{ $bound }} s within the window: the largest histogram bound not
# above {{ $t.e2eLatency.alert }}. A bound is written "120.0" or "120", by Prometheus' version; a server with buckets of
# its own that lacks the bound is left out.
- record: model:vllm_requests_slow:increase
  {{- $slow := dict "root" . "family" "vllm:e2e_request_latency_seconds" "window" $window "function" "increase" "bound" $bound "le" (include "vllm-monitoring.leRegex" $bound) }}
  expr: |-
    sum by ({{ $model }}) (
      (
        {{- include "vllm-monitoring.allObserved" $slow | nindent 8 }}
      )
      -
      (
        {{- include "vllm-monitoring.observedWithin" $slow | nindent 8 }}
      )
      {{ $notPrefill }}
    )
# The thresholds, for the dashboard's lines.
{{- range $metric, $limit := dict "e2e_request_latency_seconds" $t.e2eLatency.alert "time_to_first_token_seconds" $t.timeToFirstToken.alert "inter_token_latency_seconds" $t.interTokenLatency.alert }}
- record: release:vllm_{{ $metric }}:threshold
  expr: vector({{ include "vllm-monitoring.seconds" $limit }})
  labels:
    vllm_monitoring: {{ include "vllm-monitoring.id" $ }}
{{- end }}
{{- end -}}
