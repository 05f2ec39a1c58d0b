{{/*
Alerts on engines that answer /health and do not work. All are by engine: of a data-parallel pod's
engines one can stand still. Takes the root.
*/}}
{{- define "vllm-monitoring.alerts.engine" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $a := .Values.rules.alerts -}}
{{- $engine := "Engine [[ $labels.engine ]] of pod [[ $labels.namespace ]]/[[ $labels.pod ]] ([[ $labels.model_name ]])" -}}
{{- /* Requests in hand for a whole window, and neither a token nor a step in it. */ -}}
{{- $stalled := printf "(engine:vllm_num_requests_running:min%[1]s > 0 and engine:vllm_tokens:rate%[1]s == 0 unless engine:vllm_steps:rate%[1]s > 0)" $own -}}
VllmEngineStalled:
  expr: {{ $stalled }}
  summary: An engine has requests in hand and produces nothing, while its server answers.
  description: >-
    {{ $engine }}: [[ $value | humanize ]] requests are running and no token was read or generated for {{ .Values.rules.window }};
    expected are more than 0 tokens/s.
VllmAdmissionStalled:
  expr: |-
    engine:vllm_num_requests_waiting:min{{ $own }} > 0
    and engine:vllm_first_tokens:rate{{ $own }} == 0
    unless {{ $stalled }}
  summary: Requests wait at an engine and none of them is taken up.
  description: >-
    {{ $engine }}: at least [[ $value | humanize ]] requests were waiting and none got its first token for {{ .Values.rules.window }};
    expected are more than 0 first tokens/s.
VllmReplicaOutlier:
  # From three replicas on: of two, the median lies between them and says nothing. A replica with
  # hardly any tokens has a mean of chance.
  expr: |-
    pod:vllm_inter_token_latency_seconds:mean{{ $own }}
    > on (vllm_monitoring, model, namespace, model_name) group_left ()
    ({{ $a.VllmReplicaOutlier.threshold }} * model:vllm_pods_inter_token_latency_seconds:p50{{ $own }})
    and pod:vllm_generation_tokens:rate{{ $own }} >= 1
    and on (vllm_monitoring, model, namespace, model_name)
    count by (vllm_monitoring, model, namespace, model_name) (pod:vllm_inter_token_latency_seconds:mean{{ $own }}) >= 3
  summary: One replica of a model generates far more slowly than the others.
  description: >-
    {{ include "vllm-monitoring.thePod" . }}: the mean time between tokens is [[ $value | humanizeDuration ]], above {{ $a.VllmReplicaOutlier.threshold }} times
    the median of the model's replicas.
{{- end -}}
