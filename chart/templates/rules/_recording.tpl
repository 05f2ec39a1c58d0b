{{/*
Recording rules, level:metric:operation; the window is rules.window and not part of the name.
Levels: `model` = (entry, namespace, served model), `pod` = a pod of it, `entry` = models[],
`release`. All read only what this release scraped (vllm_monitoring), so that a foreign scrape
of the same pods or a second release never doubles a sum. Functions of Prometheus 2.42.
*/}}
{{- define "vllm-monitoring.recordingRules" -}}
{{- $own := printf "vllm_monitoring=%q" (include "vllm-monitoring.id" .) -}}
{{- $window := .Values.rules.window -}}
{{- $model := "vllm_monitoring, model, namespace, model_name" -}}
{{- $bound := include "vllm-monitoring.slowBound" . -}}
# What arrives and leaves, a second.
- record: model:vllm_request_success:rate
  expr: sum by ({{ $model }}, finished_reason) (rate(vllm:request_success_total{ {{- $own -}} }[{{ $window }}]))
- record: model:vllm_prompt_tokens:rate
  expr: sum by ({{ $model }}) (rate(vllm:prompt_tokens_total{ {{- $own -}} }[{{ $window }}]))
- record: model:vllm_generation_tokens:rate
  expr: sum by ({{ $model }}) (rate(vllm:generation_tokens_total{ {{- $own -}} }[{{ $window }}]))
- record: model:vllm_num_preemptions:rate
  expr: sum by ({{ $model }}) (rate(vllm:num_preemptions_total{ {{- $own -}} }[{{ $window }}]))
# Load. A pod's engines (data parallel) are summed; of their caches the fullest counts.
- record: pod:vllm_num_requests_waiting:sum
  expr: sum by ({{ $model }}, pod) (vllm:num_requests_waiting{ {{- $own -}} })
- record: pod:vllm_kv_cache_usage_perc:max
  expr: max by ({{ $model }}, pod) (vllm:kv_cache_usage_perc{ {{- $own -}} })
- record: model:vllm_num_requests_waiting:sum
  expr: sum by ({{ $model }}) (vllm:num_requests_waiting{ {{- $own -}} })
- record: model:vllm_num_requests_running:sum
  expr: sum by ({{ $model }}) (vllm:num_requests_running{ {{- $own -}} })
- record: model:vllm_kv_cache_usage_perc:avg
  expr: avg by ({{ $model }}) (vllm:kv_cache_usage_perc{ {{- $own -}} })
# Latencies: buckets once, quantiles from them. Without traffic a quantile is NaN; `>= 0` drops
# it, so that idle models have no value instead of a wrong one.
{{- range $metric := list "e2e_request_latency_seconds" "time_to_first_token_seconds" "inter_token_latency_seconds" }}
- record: model:vllm_{{ $metric }}_bucket:rate
  expr: sum by ({{ $model }}, le) (rate(vllm:{{ $metric }}_bucket{ {{- $own -}} }[{{ $window }}]))
{{- range $quantile, $q := dict "p50" "0.5" "p95" "0.95" "p99" "0.99" }}
- record: model:vllm_{{ $metric }}:{{ $quantile }}
  expr: histogram_quantile({{ $q }}, model:vllm_{{ $metric }}_bucket:rate{ {{- $own -}} }) >= 0
{{- end }}
{{- end }}
# Requests that took longer than {{ $bound }} s within the window: the largest histogram bound not
# above {{ .Values.thresholds.e2eLatency.alert }}. A bound is written "120.0" or "120", by Prometheus' version.
- record: model:vllm_requests_slow:increase
  expr: |-
    sum by ({{ $model }}) (increase(vllm:e2e_request_latency_seconds_count{ {{- $own -}} }[{{ $window }}]))
    -
    sum by ({{ $model }}) (increase(vllm:e2e_request_latency_seconds_bucket{ {{- $own -}}, le=~"{{ include "vllm-monitoring.leRegex" $bound }}"}[{{ $window }}]))
# Replicas. `up` knows no model_name; targets of the collector have no `model`.
- record: entry:vllm_replicas:up
  expr: sum by (vllm_monitoring, model) (up{ {{- $own -}}, model!=""})
{{- range (include "vllm-monitoring.entries" . | fromJson).entries }}
{{- if and (hasKey . "replicas") (not (kindIs "string" .replicas)) }}
- record: entry:vllm_replicas:expected
  expr: vector({{ .replicas | int }})
  labels:
    vllm_monitoring: {{ include "vllm-monitoring.id" $ }}
    model: {{ .name | quote }}
{{- end }}
{{- end }}
# The thresholds, for the dashboard's lines.
{{- $t := .Values.thresholds }}
{{- range $metric, $limit := dict "e2e_request_latency_seconds" $t.e2eLatency.alert "time_to_first_token_seconds" $t.timeToFirstToken.alert "inter_token_latency_seconds" $t.interTokenLatency.alert }}
- record: release:vllm_{{ $metric }}:threshold
  expr: vector({{ include "vllm-monitoring.seconds" $limit }})
  labels:
    vllm_monitoring: {{ include "vllm-monitoring.id" $ }}
{{- end }}
{{- end -}}
