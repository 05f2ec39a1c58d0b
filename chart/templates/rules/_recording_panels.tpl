{{/*
What only dashboards read, in groups of their own: a dashboard's cost must not grow with the fleet,
so that what it shows of all pods is recorded by model. Not part of metrics.profile `minimal`,
which keeps what alerts need. Each takes the root.
*/}}

{{- define "vllm-monitoring.recording.panels.requests" -}}
{{- $notPrefill := include "vllm-monitoring.notPrefill" . -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
# Where a request's time goes. Means add up to the whole; quantiles do not.
# The first token less queue and prefill is the front end's.
{{- range $phase := list "request_queue_time" "request_prefill_time" "request_decode_time" "time_to_first_token" }}
- record: model:vllm_{{ $phase }}_seconds:mean
  expr: |-
    {{- include "vllm-monitoring.histogramMean" (list $ (printf "%s_seconds" $phase) $window $model) | nindent 4 }}
{{- end }}
{{- range $tokens := list "prompt" "generation" }}
- record: model:vllm_request_{{ $tokens }}_tokens_bucket:rate
  expr: sum by ({{ $model }}, le) (rate(vllm:request_{{ $tokens }}_tokens_bucket{ {{- $scraped -}} }[{{ $window }}]) {{ $notPrefill }})
- record: model:vllm_request_{{ $tokens }}_tokens:rate
  expr: sum by ({{ $model }}) ({{ include "vllm-monitoring.nativeRate" (list $ (printf "request_%s_tokens" $tokens) $window) }} {{ $notPrefill }})
{{- range $quantile, $q := dict "p50" "0.5" "p95" "0.95" }}
- record: model:vllm_request_{{ $tokens }}_tokens:{{ $quantile }}
  expr: |-
    {{- include "vllm-monitoring.recordedQuantile" (list $ "model" (printf "request_%s_tokens" $tokens) $q) | nindent 4 }}
{{- end }}
{{- end }}
- record: model:vllm_admission_rejections:rate
  expr: sum by ({{ $model }}) (rate(vllm:admission_rejections_total{ {{- $scraped -}} }[{{ $window }}]))
# The batch: tokens that one step of an engine computes.
- record: model:vllm_iteration_tokens:mean
  expr: |-
    {{- include "vllm-monitoring.histogramMean" (list . "iteration_tokens_total" $window $model) | nindent 4 }}
{{- end -}}

{{- define "vllm-monitoring.recording.panels.capacity" -}}
{{- $id := include "vllm-monitoring.id" . -}}
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
# Accelerators that the pods ask for, where kube-state-metrics tells; a slice of one (MIG, time-slicing)
# counts as one. Possibly several copies of it.
- record: pod:kube_accelerators:sum
  expr: |-
    sum by (cluster, kube_namespace, pod) (max by (cluster, kube_namespace, pod, container, resource) (
      {{ include "vllm-monitoring.foreignPods" (printf "kube_pod_container_resource_requests{resource=~%q}" (include "vllm-monitoring.acceleratorResources" .)) }}
    ))
    and on (pod) pod:vllm_model:info{{ $own }}
  labels: {vllm_monitoring: {{ $id }}}
- record: model:vllm_gpus:sum
  expr: |-
    sum by ({{ $model }}) (
      {{- include "vllm-monitoring.foreignJoin" (list . "pod:kube_accelerators:sum" "pod:vllm_model:info") | nindent 6 }}
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
    {{- include "vllm-monitoring.histogramMean" (list $ $metric $window (printf "%s, pod" $model)) | nindent 4 }}
{{- end }}
{{- end -}}

{{- define "vllm-monitoring.recording.panels.bands" -}}
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
Resources by which a pod asks for accelerators that vLLM runs on, and for slices of them, as
kube-state-metrics writes them: a regular expression. With what models[].deploy.gpuResource names. Takes
the root.
*/}}
{{- define "vllm-monitoring.acceleratorResources" -}}
{{- $names := list
      "nvidia_com_(gpu(_shared|_.+_shared|_[a-z]*[0-9].*)?|mig_.+|pgpu)"
      "amd_com_(gpu|gpu_shared|[a-z]+_nps[0-9]+)"
      "habana_ai_gaudi" "gpu_intel_com_(i915|xe)" "google_com_tpu"
      "aws_amazon_com_(neuron|neuroncore|neurondevice)" "huawei_com_[Aa]scend.+"
      "cambricon_com_mlu.*" "ibm_com_(aiu|spyre).*" "rebellions_ai_.+" "furiosa_ai_.+" "qualcomm_com_qaic.*"
      "(metax_tech|mthreads|iluvatar)_(com|ai)_gpu" "kunlunxin_com_xpu" "enflame_com_gcu" "hygon_com_dcu(num)?" "tenstorrent_com_.+" -}}
{{- range .Values.models -}}
{{- with dig "deploy" "gpuResource" "" . -}}
{{- $name := regexReplaceAll "[^a-zA-Z0-9_]" . "_" -}}
{{- if not (has $name (list "nvidia_com_gpu" "amd_com_gpu")) }}{{ $names = append $names $name | uniq }}{{ end -}}
{{- end -}}
{{- end -}}
{{- join "|" $names -}}
{{- end -}}

{{/*
Exporters of accelerators (NVIDIA DCGM, AMD Device Metrics Exporter, Intel Gaudi, GKE's device plugins of
TPUs and GPUs), by pod: of a pod's devices the mean use, the fullest memory, the hottest. The series keep the
name of the first of them.
A MIG slice has no GPU_UTIL; the part of the time in which its engine was busy is the same measure.
*/}}
{{- define "vllm-monitoring.recording.panels.gpus" -}}
{{- $id := include "vllm-monitoring.id" . -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $by := "cluster, kube_namespace, pod" -}}
{{- /* Names that others may use, too. */ -}}
{{- $gke := `make=~"cloud-tpu|nvidia"` -}}
{{- range $name, $rule := dict
      "utilization:ratio" (dict "of" "avg" "metrics" (list
        (list "0.01 * " "DCGM_FI_DEV_GPU_UTIL") (list "" "DCGM_FI_PROF_GR_ENGINE_ACTIVE")
        (list "0.01 * " "{__name__=~\"gpu_gfx_activity|amd_gpu_gfx_activity|habanalabs_utilization\"}") (list "0.01 * " (printf "duty_cycle{%s}" $gke))))
      "memory_used:bytes" (dict "of" "max" "metrics" (list
        (list "1048576 * " "DCGM_FI_DEV_FB_USED") (list "1048576 * " "{__name__=~\"gpu_used_vram|amd_gpu_used_vram\"}")
        (list "" "habanalabs_memory_used_bytes") (list "" (printf "memory_used{%s}" $gke))))
      "temperature:celsius" (dict "of" "max" "metrics" (list
        (list "" "DCGM_FI_DEV_GPU_TEMP") (list "" "{__name__=~\"gpu_junction_temperature|amd_gpu_junction_temperature|habanalabs_temperature_onchip\"}"))) }}
{{- $known := printf "pod:accelerator_%s" $name }}
- record: {{ $known }}
  expr: |-
    (
      {{- range $i, $metric := $rule.metrics }}
      {{ if $i }}or {{ end }}{{ $rule.of }} by ({{ $by }}) ({{ index $metric 0 }}{{ include "vllm-monitoring.foreignPods" (index $metric 1) }})
      {{- end }}
    )
    and on (pod) pod:vllm_model:info{{ $own }}
  labels: {vllm_monitoring: {{ $id }}}
- record: pod:dcgm_gpu_{{ $name }}
  expr: |-
    {{- include "vllm-monitoring.foreignJoin" (list $ $known "pod:vllm_model:info") | nindent 4 }}
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
      "mooncake_num_failed_transfers" "mooncake_num_failed_recvs" "mooncake_num_kv_expired_reqs"
      "kv_offload_load_bytes" "kv_offload_store_bytes" "kv_offload_allocation_failure" }}
- record: model:vllm_{{ $counter }}:rate
  expr: sum by ({{ $model }}) (rate(vllm:{{ $counter }}_total{ {{- $scraped -}} }[{{ $window }}]))
{{- end }}
{{- range $connector := list "nixl" "mooncake" }}
- record: model:vllm_{{ $connector }}_bytes_transferred:rate
  expr: sum by ({{ $model }}) ({{ include "vllm-monitoring.sumRate" (list $ (printf "%s_bytes_transferred" $connector) $window) }})
{{- end }}
- record: model:vllm_nixl_xfer_time_seconds:mean
  expr: |-
    {{- include "vllm-monitoring.histogramMean" (list . "nixl_xfer_time_seconds" $window $model) | nindent 4 }}
- record: model:vllm_engines_asleep:count
  expr: count by ({{ $model }}) (engine:vllm_asleep:info{{ include "vllm-monitoring.own" . }})
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
{{- /* By the length of the long window: dashboards ask for the shortest and the longest, however they are called. */}}
{{- $pairs := list -}}
{{- range $name, $pair := .Values.slos.windows }}
{{- $pairs = append $pairs (printf "%012d|%s" (include "vllm-monitoring.seconds" $pair.long | float64 | int) $name) }}
{{- end }}
{{- $pairs = sortAlpha $pairs }}
{{- range $i, $key := $pairs }}
{{- $pair := index $.Values.slos.windows (splitList "|" $key | last) }}
{{- $spans := list }}
{{- if not $i }}{{ $spans = append $spans "short" }}{{ end }}
{{- if eq (add1 $i) (len $pairs) }}{{ $spans = append $spans "long" }}{{ end }}
{{- range $spans | default (list "middle") }}
- record: release:vllm_slo_burn:threshold
  expr: vector({{ $pair.burn }})
  labels: {vllm_monitoring: {{ $id }}, window: {{ $pair.long }}, span: {{ . }}}
{{- end }}
{{- end }}
{{- end -}}
