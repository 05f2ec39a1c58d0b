{{/* Alerts on what a server has to carry. Takes the root. */}}
{{- define "vllm-monitoring.alerts.load" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $a := .Values.rules.alerts -}}
{{- $model := include "vllm-monitoring.theModel" . -}}
{{- $pod := include "vllm-monitoring.thePod" . -}}
VllmKVCacheNearlyFull:
  expr: pod:vllm_kv_cache_usage_perc:mean{{ $own }} > {{ $a.VllmKVCacheNearlyFull.threshold }}
  summary: The KV cache of a pod is nearly full; requests will wait or be preempted.
  description: >-
    {{ $pod }}: [[ $value | humanizePercentage ]] of the KV cache was in use over {{ .Values.rules.window }}, above {{ mulf $a.VllmKVCacheNearlyFull.threshold 100 }} %.
VllmWaitingForCapacity:
  expr: |-
    pod:vllm_num_requests_waiting_for_capacity:mean{{ $own }} >= 1
    and pod:vllm_kv_cache_usage_perc:mean{{ $own }} > {{ $a.VllmWaitingForCapacity.threshold }}
  summary: Requests wait in a pod because its KV cache has no room for them.
  description: >-
    {{ $pod }}: [[ $value | humanize ]] requests waited for capacity while more than {{ mulf $a.VllmWaitingForCapacity.threshold 100 }} %
    of the KV cache was in use, both on average over {{ .Values.rules.window }}.
VllmQueueTooLong:
  expr: pod:vllm_num_requests_waiting:sum{{ $own }} > {{ $a.VllmQueueTooLong.threshold }}
  summary: Too many requests wait in one pod.
  description: >-
    {{ $pod }}: [[ $value | humanize ]] requests wait, above {{ $a.VllmQueueTooLong.threshold }}.
VllmPreemptionSpike:
  expr: model:vllm_num_preemptions:rate{{ $own }} > {{ $a.VllmPreemptionSpike.threshold }}
  summary: A model preempts running requests; computed tokens are discarded.
  description: >-
    {{ $model }}: [[ $value | humanize ]] preemptions/s, above {{ $a.VllmPreemptionSpike.threshold }}/s.
VllmRequestsAborted:
  expr: |-
    model:vllm_requests_aborted:ratio{{ $own }} > {{ $a.VllmRequestsAborted.threshold }}
    and sum_over_time(model:vllm_first_tokens:rate{{ $own }}[{{ $a.VllmRequestsAborted.window }}]) * {{ include "vllm-monitoring.seconds" .Values.rules.interval }} >= {{ .Values.slos.minimumEvents }}
  summary: Many clients of a model give up after the first token, before their answer is complete.
  description: >-
    {{ $model }}: at least [[ $value | humanizePercentage ]] of the requests that had a first token in the last {{ $a.VllmRequestsAborted.window }} neither
    ended nor run, above {{ mulf $a.VllmRequestsAborted.threshold 100 }} %.
VllmPrefixCacheCollapse:
  expr: |-
    model:vllm_prefix_cache:hit_ratio{{ $own }}
    < {{ $a.VllmPrefixCacheCollapse.threshold }} * avg_over_time(model:vllm_prefix_cache:hit_ratio{{ $own }}[{{ $a.VllmPrefixCacheCollapse.baseline }}])
  summary: A model finds far fewer prompt tokens in its prefix cache than it used to.
  description: >-
    {{ $model }}: [[ $value | humanizePercentage ]] of the prompt tokens come from the prefix cache, less than
    {{ mulf $a.VllmPrefixCacheCollapse.threshold 100 }} % of its mean over {{ $a.VllmPrefixCacheCollapse.baseline }}.
{{- end -}}
