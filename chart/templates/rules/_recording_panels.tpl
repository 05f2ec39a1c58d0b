{{/*
What only dashboards read, in a group of its own: a dashboard's cost must not grow with the fleet,
so that what it shows of all pods is recorded by model. Not part of metrics.profile `minimal`,
which keeps what alerts need. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.panels" -}}
{{ include "vllm-monitoring.recording.panels.requests" . }}
{{ include "vllm-monitoring.recording.panels.capacity" . }}
{{ include "vllm-monitoring.recording.panels.pods" . }}
{{ include "vllm-monitoring.recording.panels.gpus" . }}
{{ include "vllm-monitoring.recording.panels.optional" . }}
{{ include "vllm-monitoring.recording.panels.thresholds" . }}
{{- end -}}

{{- define "vllm-monitoring.recording.panels.requests" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
# Where a request's time goes. Means add up to the whole; quantiles do not.
{{- range $phase := list "queue" "prefill" "decode" }}
- record: model:vllm_request_{{ $phase }}_time_seconds:mean
  expr: |-
    sum by ({{ $model }}) (rate(vllm:request_{{ $phase }}_time_seconds_sum{ {{- $scraped -}} }[{{ $window }}]))
    / sum by ({{ $model }}) (rate(vllm:request_{{ $phase }}_time_seconds_count{ {{- $scraped -}} }[{{ $window }}])) >= 0
{{- end }}
{{- range $tokens := list "prompt" "generation" }}
- record: model:vllm_request_{{ $tokens }}_tokens_bucket:rate
  expr: sum by ({{ $model }}, le) (rate(vllm:request_{{ $tokens }}_tokens_bucket{ {{- $scraped -}} }[{{ $window }}]))
{{- range $quantile, $q := dict "p50" "0.5" "p95" "0.95" }}
- record: model:vllm_request_{{ $tokens }}_tokens:{{ $quantile }}
  expr: histogram_quantile({{ $q }}, model:vllm_request_{{ $tokens }}_tokens_bucket:rate{{ $own }}) >= 0
{{- end }}
{{- end }}
- record: model:vllm_admission_rejections:rate
  expr: sum by ({{ $model }}) (rate(vllm:admission_rejections_total{ {{- $scraped -}} }[{{ $window }}]))
# The batch: tokens that one step of an engine computes.
- record: model:vllm_iteration_tokens:mean
  expr: |-
    sum by ({{ $model }}) (rate(vllm:iteration_tokens_total_sum{ {{- $scraped -}} }[{{ $window }}]))
    / sum by ({{ $model }}) (rate(vllm:iteration_tokens_total_count{ {{- $scraped -}} }[{{ $window }}])) >= 0
{{- end -}}

{{- define "vllm-monitoring.recording.panels.capacity" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
- record: model:vllm_pods:count
  expr: count by ({{ $model }}) (group by ({{ $model }}, pod) (vllm:request_success_total{ {{- $scraped -}} }))
- record: model:vllm_num_requests_waiting_for_capacity:sum
  expr: sum by ({{ $model }}) (pod:vllm_num_requests_waiting_for_capacity:sum{{ $own }})
- record: model:vllm_external_prefix_cache:hit_ratio
  expr: |-
    sum by ({{ $model }}) (rate(vllm:external_prefix_cache_hits_total{ {{- $scraped -}} }[{{ $window }}]))
    / sum by ({{ $model }}) (rate(vllm:external_prefix_cache_queries_total{ {{- $scraped -}} }[{{ $window }}])) >= 0
# GPUs that the pods ask for, where kube-state-metrics tells; possibly several of them.
- record: model:vllm_gpus:sum
  expr: |-
    sum by ({{ $model }}) (
      pod:vllm_model:info{{ $own }}
      * on (namespace, pod) group_left ()
      sum by (namespace, pod) (max by (namespace, pod, container, resource) (kube_pod_container_resource_requests{resource=~"(nvidia|amd)_com_gpu"}))
    )
{{- end -}}

{{/* Bands across the pods of a model. What a pod has is its own; the band is over what pods have. */}}
{{- define "vllm-monitoring.recording.panels.pods" -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
- record: pod:vllm_num_requests_running:sum
  expr: sum by ({{ $model }}, pod) (vllm:num_requests_running{ {{- $scraped -}} })
{{- range $metric := list "time_to_first_token_seconds" "e2e_request_latency_seconds" }}
- record: pod:vllm_{{ $metric }}:mean
  expr: |-
    sum by ({{ $model }}, pod) (rate(vllm:{{ $metric }}_sum{ {{- $scraped -}} }[{{ $window }}]))
    / sum by ({{ $model }}, pod) (rate(vllm:{{ $metric }}_count{ {{- $scraped -}} }[{{ $window }}])) >= 0
{{- end }}
{{- range $metric, $of := dict
      "vllm_num_requests_running" "sum" "vllm_num_requests_waiting" "sum" "vllm_kv_cache_usage_perc" "max"
      "vllm_generation_tokens" "rate" "vllm_time_to_first_token_seconds" "mean"
      "vllm_e2e_request_latency_seconds" "mean" "vllm_inter_token_latency_seconds" "mean" }}
{{ include "vllm-monitoring.band" (dict "root" $ "metric" $metric "of" $of) }}
{{- end }}
{{- end -}}

{{/* min, p50, p95 and max of a recorded series of pods. Takes root, metric, its operation. */}}
{{- define "vllm-monitoring.band" -}}
{{- $own := include "vllm-monitoring.own" .root -}}
{{- $model := include "vllm-monitoring.byModel" .root -}}
{{- $pods := printf "pod:%s:%s%s" .metric .of $own -}}
{{- $name := printf "model:%s" (.metric | replace "vllm_" "vllm_pods_" | replace "dcgm_" "vllm_pods_dcgm_") -}}
- record: {{ $name }}:min
  expr: min by ({{ $model }}) ({{ $pods }})
{{- if ne .metric "vllm_inter_token_latency_seconds" }}
- record: {{ $name }}:p50
  expr: quantile by ({{ $model }}) (0.5, {{ $pods }})
{{- end }}
- record: {{ $name }}:p95
  expr: quantile by ({{ $model }}) (0.95, {{ $pods }})
- record: {{ $name }}:max
  expr: max by ({{ $model }}) ({{ $pods }})
{{- end -}}

{{/*
The DCGM exporter, by pod: of a pod's GPUs the mean use, the fullest memory, the hottest. Without
honorLabels the pod that uses the GPU is in exported_pod.
*/}}
{{- define "vllm-monitoring.recording.panels.gpus" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
{{- range $name, $rule := dict
      "utilization:ratio" (dict "metrics" (list "DCGM_FI_DEV_GPU_UTIL") "by" "avg" "scale" "0.01 *")
      "memory_used:bytes" (dict "metrics" (list "DCGM_FI_DEV_FB_USED") "by" "max" "scale" "1048576 *")
      "temperature:celsius" (dict "metrics" (list "DCGM_FI_DEV_GPU_TEMP") "by" "max" "scale" "") }}
{{- $metric := first $rule.metrics }}
- record: pod:dcgm_gpu_{{ $name }}
  expr: |-
    {{ with $rule.scale }}{{ . }} {{ end }}({{ $rule.by }} by (namespace, pod) (
      {{ $metric }}{exported_pod="", pod!=""}
      or label_replace(label_replace({{ $metric }}{exported_pod!=""}, "pod", "$1", "exported_pod", "(.+)"), "namespace", "$1", "exported_namespace", "(.+)")
    )
    * on (namespace, pod) group_right () pod:vllm_model:info{{ $own }})
{{ include "vllm-monitoring.band" (dict "root" $ "metric" (printf "dcgm_gpu_%s" (splitList ":" $name | first)) "of" (splitList ":" $name | last)) }}
{{- end }}
{{- end -}}

{{/* What exists only where a server is started with it. */}}
{{- define "vllm-monitoring.recording.panels.optional" -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
{{- range $counter := list
      "spec_decode_num_drafts" "spec_decode_num_draft_tokens" "spec_decode_num_accepted_tokens"
      "nixl_num_failed_transfers" "nixl_num_failed_notifications" "nixl_num_kv_expired_reqs"
      "kv_offload_load_bytes" "kv_offload_store_bytes" "kv_offload_allocation_failure" }}
- record: model:vllm_{{ $counter }}:rate
  expr: sum by ({{ $model }}) (rate(vllm:{{ $counter }}_total{ {{- $scraped -}} }[{{ $window }}]))
{{- end }}
- record: model:vllm_nixl_bytes_transferred:rate
  expr: sum by ({{ $model }}) (rate(vllm:nixl_bytes_transferred_sum{ {{- $scraped -}} }[{{ $window }}]))
- record: model:vllm_nixl_xfer_time_seconds:mean
  expr: |-
    sum by ({{ $model }}) (rate(vllm:nixl_xfer_time_seconds_sum{ {{- $scraped -}} }[{{ $window }}]))
    / sum by ({{ $model }}) (rate(vllm:nixl_xfer_time_seconds_count{ {{- $scraped -}} }[{{ $window }}])) >= 0
- record: model:vllm_kv_offload_cpu_cache_usage_perc:max
  expr: max by ({{ $model }}) (vllm:kv_offload_cpu_cache_usage_perc{ {{- $scraped -}} })
{{- end -}}

{{/* Thresholds as they are configured, for the lines on charts. */}}
{{- define "vllm-monitoring.recording.panels.thresholds" -}}
{{- $id := include "vllm-monitoring.id" . -}}
{{- $alerts := .Values.rules.alerts -}}
{{- $limits := dict
      "vllm_kv_cache_usage_perc" "VllmKVCacheNearlyFull"
      "vllm_num_requests_waiting" "VllmQueueTooLong"
      "vllm_num_preemptions" "VllmPreemptionSpike" -}}
{{- if .Values.tracing.enabled -}}
{{- $limits = merge $limits (dict
      "otelcol_refused_spans" "VllmCollectorRefusing"
      "otelcol_exporter_queue" "VllmCollectorQueueFilling"
      "otelcol_wasm_sampling_policy_faults" "VllmCollectorPolicyFaulting"
      "otelcol_wasm_sampling_policy_limited" "VllmTraceBudgetExhausted") -}}
{{- end -}}
{{- range $name, $alert := $limits }}
- record: release:{{ $name }}:threshold
  expr: vector({{ (index $alerts $alert).threshold }})
  labels: {vllm_monitoring: {{ $id }}}
{{- end }}
{{- $slos := dict "availability" $.Values.slos.availability -}}
{{- range $key, $slo := include "vllm-monitoring.latencySlos" . | fromYaml }}
{{- $_ := set $slos $slo.name (index $.Values.slos $key) }}
- record: release:vllm_slo:limit_seconds
  expr: vector({{ include "vllm-monitoring.seconds" (index $.Values.slos $key).limit }})
  labels: {vllm_monitoring: {{ $id }}, slo: {{ $slo.name }}}
{{- end }}
{{- range $name, $slo := $slos }}
- record: release:vllm_slo:budget
  expr: vector({{ include "vllm-monitoring.budget" $slo.objective }})
  labels: {vllm_monitoring: {{ $id }}, slo: {{ $name }}}
{{- end }}
{{- range .Values.slos.windows }}
- record: release:vllm_slo_burn:threshold
  expr: vector({{ .burn }})
  labels: {vllm_monitoring: {{ $id }}, window: {{ .long }}}
{{- end }}
{{- end -}}
