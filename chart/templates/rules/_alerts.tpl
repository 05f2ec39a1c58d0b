{{/* The alerts, over recorded series only. Takes the root. */}}
{{- define "vllm-monitoring.alertRules" -}}
{{- $own := printf "{vllm_monitoring=%q}" (include "vllm-monitoring.id" .) -}}
{{- $t := .Values.thresholds -}}
{{- $a := .Values.rules.alerts -}}
{{- $model := "{{ $labels.namespace }}/{{ $labels.model_name }} (entry {{ $labels.model }})" -}}
{{- $pod := "Pod {{ $labels.namespace }}/{{ $labels.pod }} ({{ $labels.model_name }})" -}}
{{- $duration := "{{ $value | humanizeDuration }}" -}}
{{- $rules := list
  (dict "name" "VllmE2ELatencyHigh"
    "expr" (printf "model:vllm_e2e_request_latency_seconds:p99%s > %s" $own (include "vllm-monitoring.seconds" $t.e2eLatency.alert))
    "summary" "The slowest requests of a model take too long from arrival to the last token."
    "description" (printf "%s: p99 of the whole request is %s, above %s." $model $duration $t.e2eLatency.alert))
  (dict "name" "VllmTimeToFirstTokenHigh"
    "expr" (printf "model:vllm_time_to_first_token_seconds:p99%s > %s" $own (include "vllm-monitoring.seconds" $t.timeToFirstToken.alert))
    "summary" "Requests of a model wait too long for their first token."
    "description" (printf "%s: p99 of the time to first token is %s, above %s." $model $duration $t.timeToFirstToken.alert))
  (dict "name" "VllmInterTokenLatencyHigh"
    "expr" (printf "model:vllm_inter_token_latency_seconds:p99%s > %s" $own (include "vllm-monitoring.seconds" $t.interTokenLatency.alert))
    "summary" "A model generates tokens too slowly."
    "description" (printf "%s: p99 of the time between tokens is %s, above %s." $model $duration $t.interTokenLatency.alert))
  (dict "name" "VllmSlowRequestsPresent"
    "expr" (printf "model:vllm_requests_slow:increase%s > 0.5" $own)
    "summary" "Single requests of a model took longer than the limit."
    "description" (printf "%s: {{ $value | humanize }} requests took longer than %s s (the largest histogram bound not above %s) in the last %s." $model (include "vllm-monitoring.slowBound" .) $t.e2eLatency.alert .Values.rules.window))
  (dict "name" "VllmKVCacheNearlyFull"
    "expr" (printf "pod:vllm_kv_cache_usage_perc:max%s > %v" $own $a.VllmKVCacheNearlyFull.threshold)
    "summary" "The KV cache of a pod is nearly full; requests will wait or be preempted."
    "description" (printf "%s: {{ $value | humanizePercentage }} of the KV cache is in use, above %v %%." $pod (mulf $a.VllmKVCacheNearlyFull.threshold 100)))
  (dict "name" "VllmQueueTooLong"
    "expr" (printf "pod:vllm_num_requests_waiting:sum%s > %v" $own $a.VllmQueueTooLong.threshold)
    "summary" "Too many requests wait in one pod."
    "description" (printf "%s: {{ $value | humanize }} requests wait, above %v." $pod $a.VllmQueueTooLong.threshold))
  (dict "name" "VllmPreemptionSpike"
    "expr" (printf "model:vllm_num_preemptions:rate%s > %v" $own $a.VllmPreemptionSpike.threshold)
    "summary" "A model preempts running requests; computed tokens are thrown away."
    "description" (printf "%s: {{ $value | humanize }} preemptions/s, above %v/s." $model $a.VllmPreemptionSpike.threshold))
  (dict "name" "VllmReplicaDown"
    "expr" (printf "(entry:vllm_replicas:up%[1]s or entry:vllm_replicas:expected%[1]s * 0) < entry:vllm_replicas:expected%[1]s" $own)
    "summary" "Fewer replicas of a model are up than expected."
    "description" (printf "Entry {{ $labels.model }}: {{ $value }} replicas are up, expected {{ with printf `entry:vllm_replicas:expected{vllm_monitoring=%%q,model=%%q}` $labels.vllm_monitoring $labels.model | query }}{{ . | first | value }}{{ else }}more{{ end }}."))
-}}
{{- range $rules }}
{{- $settings := index $a .name }}
{{- if $settings.enabled }}
- alert: {{ .name }}
  expr: {{ .expr }}
  for: {{ $settings.for }}
  labels:
    severity: {{ $settings.severity }}
    {{- with $settings.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    summary: {{ .summary | quote }}
    description: {{ .description | quote }}
    runbook_url: {{ printf "%s/%s.md" (trimSuffix "/" $.Values.rules.runbookBaseUrl) .name }}
    {{- with $settings.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end }}
{{- end -}}
