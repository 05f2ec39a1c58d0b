{{/*
Whether each engine gets on with its work. `min` over the window is what was there all the time: a
request that has just come cannot have produced anything. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.engine" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $window := .Values.rules.window -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
{{- $engine := printf "%s, pod, engine" $model -}}
- record: engine:vllm_num_requests_running:min
  expr: min by ({{ $engine }}) (min_over_time(vllm:num_requests_running{ {{- $scraped -}} }[{{ $window }}]))
- record: engine:vllm_num_requests_waiting:min
  expr: min by ({{ $engine }}) (min_over_time(vllm:num_requests_waiting{ {{- $scraped -}} }[{{ $window }}]))
- record: engine:vllm_tokens:rate
  expr: |-
    sum by ({{ $engine }}) (rate(vllm:generation_tokens_total{ {{- $scraped -}} }[{{ $window }}]))
    + sum by ({{ $engine }}) (rate(vllm:prompt_tokens_total{ {{- $scraped -}} }[{{ $window }}]))
# Not every front end counts steps; where it does, the chunks of a long prompt are seen.
- record: engine:vllm_steps:rate
  expr: sum by ({{ $engine }}) (rate(vllm:iteration_tokens_total_count{ {{- $scraped -}} }[{{ $window }}]))
- record: engine:vllm_first_tokens:rate
  expr: sum by ({{ $engine }}) (rate(vllm:time_to_first_token_seconds_count{ {{- $scraped -}} }[{{ $window }}]))
- record: pod:vllm_generation_tokens:rate
  expr: sum by ({{ $model }}, pod) (rate(vllm:generation_tokens_total{ {{- $scraped -}} }[{{ $window }}]))
- record: pod:vllm_inter_token_latency_seconds:mean
  expr: |-
    sum by ({{ $model }}, pod) (rate(vllm:inter_token_latency_seconds_sum{ {{- $scraped -}} }[{{ $window }}]))
    / sum by ({{ $model }}, pod) (rate(vllm:inter_token_latency_seconds_count{ {{- $scraped -}} }[{{ $window }}])) >= 0
- record: model:vllm_pods_inter_token_latency_seconds:p50
  expr: quantile by ({{ $model }}) (0.5, pod:vllm_inter_token_latency_seconds:mean{{ $own }})
{{- end -}}
