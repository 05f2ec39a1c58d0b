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
{{- $target := include "vllm-monitoring.byTarget" . -}}
{{- $stalled := .Values.rules.alerts.VllmEngineStalled.window -}}
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
  expr: sum by ({{ $engine }}) ({{ include "vllm-monitoring.countRate" (list . "iteration_tokens_total" $window) }})
# Where steps are counted a shorter look is enough: no step takes as long as a whole prompt may.
- record: engine:vllm_steps:increase
  expr: |-
    sum by ({{ $engine }}) (
      (
        increase(vllm:iteration_tokens_total_count{ {{- $scraped -}} }[{{ $stalled }}]) and vllm:iteration_tokens_total_count{ {{- $scraped -}} } > 0
      )
      {{- if include "vllm-monitoring.nativeHistograms" . }}
      or (
        histogram_count(increase(vllm:iteration_tokens_total{ {{- $scraped -}} }[{{ $stalled }}])) and histogram_count(vllm:iteration_tokens_total{ {{- $scraped -}} }) > 0
      )
      {{- end }}
    )
- record: engine:vllm_tokens:increase
  expr: |-
    sum by ({{ $engine }}) (increase(vllm:generation_tokens_total{ {{- $scraped -}} }[{{ $stalled }}]))
    + sum by ({{ $engine }}) (increase(vllm:prompt_tokens_total{ {{- $scraped -}} }[{{ $stalled }}]))
- record: engine:vllm_num_requests_running_lately:min
  expr: min by ({{ $engine }}) (min_over_time(vllm:num_requests_running{ {{- $scraped -}} }[{{ $stalled }}]))
- record: engine:vllm_first_tokens:rate
  expr: sum by ({{ $engine }}) ({{ include "vllm-monitoring.countRate" (list . "time_to_first_token_seconds" $window) }})
# Put to sleep on purpose: a state, no fault.
- record: engine:vllm_asleep:info
  expr: group by ({{ $engine }}) (vllm:engine_sleep_state{ {{- $scraped -}}, sleep_state!="awake"} == 1)
# Requests that were answered or given up by their client: HTTP says 2xx of both.
- record: pod:vllm_http_answers:rate
  expr: sum by ({{ $target }}) (rate(http_requests_total{ {{- $scraped }}, method="POST", status=~"2..", handler=~"{{ include "vllm-monitoring.inferenceHandlers" . }}"}[{{ $window }}]))
# The part of requests whose clients gave up before the first token: those that are answered had it in the
# window, or end in it.
- record: pod:vllm_requests_given_up:ratio
  expr: |-
    clamp_min(1 - (
        sum by ({{ $target }}) (engine:vllm_first_tokens:rate{{ $own }})
        > sum by ({{ $target }}) ({{ include "vllm-monitoring.countRate" (list . "e2e_request_latency_seconds" $window) }})
        or sum by ({{ $target }}) ({{ include "vllm-monitoring.countRate" (list . "e2e_request_latency_seconds" $window) }})
      ) / (pod:vllm_http_answers:rate{{ $own }} > 0), 0)
- record: pod:vllm_generation_tokens:rate
  expr: sum by ({{ $model }}, pod) (rate(vllm:generation_tokens_total{ {{- $scraped -}} }[{{ $window }}]))
- record: pod:vllm_inter_token_latency_seconds:mean
  expr: |-
    {{- include "vllm-monitoring.histogramMean" (list . "inter_token_latency_seconds" $window (printf "%s, pod" $model)) | nindent 4 }}
- record: model:vllm_pods_inter_token_latency_seconds:p50
  expr: quantile by ({{ $model }}) (0.5, pod:vllm_inter_token_latency_seconds:mean{{ $own }})
{{- end -}}

{{/* Paths of vLLM whose answers an engine computes, as a regular expression of http_requests_total's handler. */}}
{{- define "vllm-monitoring.inferenceHandlers" -}}
(/v[12])?/(chat/completions|completions|responses|messages|embeddings|pooling|score|rerank|classify|audio/(transcriptions|translations))|/inference/v1/generate
{{- end -}}
