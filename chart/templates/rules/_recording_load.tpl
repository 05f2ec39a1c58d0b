{{/* What arrives, leaves and waits. Takes the root. */}}
{{- define "vllm-monitoring.recording.load" -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
- record: model:vllm_request_success:rate
  expr: sum by ({{ $model }}, finished_reason) (rate(vllm:request_success_total{ {{- $scraped -}} }[{{ $window }}]))
- record: model:vllm_prompt_tokens:rate
  expr: sum by ({{ $model }}) (rate(vllm:prompt_tokens_total{ {{- $scraped -}} }[{{ $window }}]))
- record: model:vllm_generation_tokens:rate
  expr: sum by ({{ $model }}) (rate(vllm:generation_tokens_total{ {{- $scraped -}} }[{{ $window }}]))
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
- record: model:vllm_num_requests_waiting:sum
  expr: sum by ({{ $model }}) (vllm:num_requests_waiting{ {{- $scraped -}} })
- record: model:vllm_num_requests_running:sum
  expr: sum by ({{ $model }}) (vllm:num_requests_running{ {{- $scraped -}} })
- record: model:vllm_kv_cache_usage_perc:avg
  expr: avg by ({{ $model }}) (vllm:kv_cache_usage_perc{ {{- $scraped -}} })
{{- end -}}
