{{/* What arrives, leaves and waits. Takes the root. */}}
{{- define "vllm-monitoring.recording.load" -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $notPrefill := include "vllm-monitoring.notPrefill" . -}}
# Where a model is served in halves, a request passes through a prefill pod and a decode pod and is counted
# in both. What users see is counted once, in the decode half. A prefill pod is told by its name
# (rules.prefillPods), unless it generates whole answers, or by one token a request while KV blocks of others
# are fetched; where every pod of a model is such, there are no halves.
- record: pod:vllm_request_generation_tokens:mean
  expr: |-
    sum by ({{ $model }}, pod) (rate(vllm:generation_tokens_total{ {{- $scraped -}} }[{{ $window }}]))
    / sum by ({{ $model }}, pod) (rate(vllm:request_success_total{ {{- $scraped -}} }[{{ $window }}])) >= 0
- record: pod:vllm_prefill_candidate:info
  expr: |-
    group by ({{ $model }}, pod) (vllm:request_success_total{ {{- $scraped }}, pod=~{{ .Values.rules.prefillPods | quote }}})
    unless pod:vllm_request_generation_tokens:mean{{ $own }} > 2
    or group by ({{ $model }}, pod) (
      pod:vllm_request_generation_tokens:mean{{ $own }} > 0 and pod:vllm_request_generation_tokens:mean{{ $own }} <= 1.05
      and on (cluster, namespace, model_name) sum by ({{ $model }}) (rate(vllm:external_prefix_cache_hits_total{ {{- $scraped -}} }[{{ $window }}])) > 0
      and on ({{ $model }}) max by ({{ $model }}) (pod:vllm_request_generation_tokens:mean{{ $own }}) > 2
    )
- record: pod:vllm_prefill:info
  expr: |-
    pod:vllm_prefill_candidate:info{{ $own }}
    and on (cluster, namespace, model_name)
    (group by ({{ $model }}, pod) (vllm:request_success_total{ {{- $scraped -}} }) unless on (cluster, namespace, model_name, pod) pod:vllm_prefill_candidate:info{{ $own }})
- record: model:vllm_request_success:rate
  expr: |-
    sum by ({{ $model }}, finished_reason) (
      rate(vllm:request_success_total{ {{- $scraped -}} }[{{ $window }}])
      {{ $notPrefill }}
    )
{{- range $tokens := list "prompt" "generation" }}
- record: model:vllm_{{ $tokens }}_tokens:rate
  expr: |-
    sum by ({{ $model }}) (
      rate(vllm:{{ $tokens }}_tokens_total{ {{- $scraped -}} }[{{ $window }}])
      {{ $notPrefill }}
    )
{{- end }}
# Sequences: a request with n answers, or a beam search, has several.
- record: model:vllm_first_tokens:rate
  expr: sum by ({{ $model }}) ({{ include "vllm-monitoring.countRate" (list . "time_to_first_token_seconds" $window) }})
- record: model:vllm_request_ends:rate
  expr: sum by ({{ $model }}) ({{ include "vllm-monitoring.countRate" (list . "e2e_request_latency_seconds" $window) }})
- record: model:vllm_num_preemptions:rate
  expr: sum by ({{ $model }}) (rate(vllm:num_preemptions_total{ {{- $scraped -}} }[{{ $window }}]))
# A quotient of nothing is NaN; `>= 0` drops it, so that an idle model has no value.
- record: model:vllm_prefix_cache:hit_ratio
  expr: |-
    sum by ({{ $model }}) (rate(vllm:prefix_cache_hits_total{ {{- $scraped -}} }[{{ $window }}]))
    / sum by ({{ $model }}) (rate(vllm:prefix_cache_queries_total{ {{- $scraped -}} }[{{ $window }}])) >= 0
# A pod's engines (data parallel) are summed; of their caches the fullest counts.
- record: pod:vllm_num_requests_waiting:sum
  expr: sum by ({{ $model }}, pod) (vllm:num_requests_waiting{ {{- $scraped -}} })
# Servers that do not tell reasons apart (before 0.20): all that wait.
- record: pod:vllm_num_requests_waiting_for_capacity:sum
  expr: |-
    sum by ({{ $model }}, pod) (vllm:num_requests_waiting_by_reason{ {{- $scraped -}}, reason="capacity"})
    or sum by ({{ $model }}, pod) (vllm:num_requests_waiting{ {{- $scraped -}} })
- record: pod:vllm_kv_cache_usage_perc:max
  expr: max by ({{ $model }}, pod) (vllm:kv_cache_usage_perc{ {{- $scraped -}} })
# Over the window, for alerts: under preemption the use swings from one scrape to the next.
- record: pod:vllm_kv_cache_usage_perc:mean
  expr: max by ({{ $model }}, pod) (avg_over_time(vllm:kv_cache_usage_perc{ {{- $scraped -}} }[{{ $window }}]))
- record: pod:vllm_num_requests_waiting_for_capacity:mean
  expr: |-
    sum by ({{ $model }}, pod) (avg_over_time(vllm:num_requests_waiting_by_reason{ {{- $scraped -}}, reason="capacity"}[{{ $window }}]))
    or sum by ({{ $model }}, pod) (avg_over_time(vllm:num_requests_waiting{ {{- $scraped -}} }[{{ $window }}]))
# A pod whose gauge is NaN (`>= 0` drops it) leaves the others their sum.
- record: model:vllm_num_requests_waiting:sum
  expr: sum by ({{ $model }}) (vllm:num_requests_waiting{ {{- $scraped -}} } >= 0)
- record: model:vllm_num_requests_running:sum
  expr: sum by ({{ $model }}) (vllm:num_requests_running{ {{- $scraped -}} } >= 0)
- record: model:vllm_kv_cache_usage_perc:avg
  expr: avg by ({{ $model }}) (vllm:kv_cache_usage_perc{ {{- $scraped -}} } >= 0)
{{- end -}}
