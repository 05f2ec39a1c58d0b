{{/*
Alerts on engines that answer /health and do not work. All are by engine: of a data-parallel pod's
engines one can hang alone. Takes the root.
*/}}
{{- define "vllm-monitoring.alerts.engine" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $a := .Values.rules.alerts -}}
{{- $model := include "vllm-monitoring.byModel" . -}}
{{- $target := include "vllm-monitoring.byTarget" . -}}
{{- $engine := "Engine [[ $labels.engine ]] of pod [[ $labels.namespace ]]/[[ $labels.pod ]] ([[ $labels.model_name ]])" -}}
{{- $givenUp := $a.VllmRequestsUnanswered.threshold -}}
{{- /* Requests in flight and neither a token nor a step, and not put to sleep with them: for a short while where steps are counted, else for a whole window. */ -}}
{{- $stalled := printf "((engine:vllm_num_requests_running_lately:min%[1]s > 0 and engine:vllm_tokens:increase%[1]s == 0 and engine:vllm_steps:increase%[1]s == 0 or engine:vllm_num_requests_running:min%[1]s > 0 and engine:vllm_tokens:rate%[1]s == 0 unless engine:vllm_steps:rate%[1]s > 0) unless engine:vllm_asleep:info%[1]s)" $own -}}
VllmEngineStalled:
  expr: {{ $stalled }}
  summary: An engine has requests in flight and produces nothing, while its server answers.
  description: >-
    {{ $engine }}: [[ $value | humanize ]] requests are running and no token was read or generated for {{ $a.VllmEngineStalled.window }} (where steps are
    not counted, for {{ .Values.rules.window }}); expected are more than 0 tokens/s.
VllmRequestsUnanswered:
  # The gauges of an engine that hangs on its first step stay at 0. A request that ends counts tokens
  # in the window, or had all of them before it: then its end is counted. VllmEngineStalled covers
  # an engine with requests in flight.
  summary: Clients give up on a server whose engine does nothing, while the server answers /health.
  each:
    - expr: |-
        pod:vllm_http_answers:rate{{ $own }} > 0
        unless on ({{ $target }}) sum by ({{ $target }}) (engine:vllm_tokens:rate{{ $own }}) > 0
        unless on ({{ $target }}) sum by ({{ $target }}) (engine:vllm_first_tokens:rate{{ $own }}) > 0
        unless on ({{ $target }}) sum by ({{ $target }}) (engine:vllm_steps:rate{{ $own }}) > 0
        unless on ({{ $target }}) engine:vllm_asleep:info{{ $own }}
        unless on ({{ $target }}) {{ $stalled }}
        and on ({{ $target }}) engine:vllm_tokens:rate{{ $own }}
      description: >-
        Pod [[ $labels.namespace ]]/[[ $labels.pod ]] (entry [[ $labels.model ]]): [[ $value | humanize ]] requests/s end at the server, and its engines read and
        generated no token for {{ .Values.rules.window }}; expected are more than 0 tokens/s.
    # Of several engines one; that it is idle alone says nothing.
    - expr: |-
        (
          engine:vllm_tokens:rate{{ $own }} == 0
          unless engine:vllm_steps:rate{{ $own }} > 0
          unless engine:vllm_first_tokens:rate{{ $own }} > 0
          unless engine:vllm_asleep:info{{ $own }}
          unless {{ $stalled }}
          unless engine:vllm_num_requests_waiting:min{{ $own }} > 0
          and on ({{ $target }}) sum by ({{ $target }}) (engine:vllm_tokens:rate{{ $own }}) > 0
        )
        + on ({{ $target }}) group_left ()
        (pod:vllm_requests_given_up:ratio{{ $own }} > {{ $givenUp }})
      labels: {of: engine}
      description: >-
        {{ $engine }}: no token was read or generated for {{ .Values.rules.window }}, and clients of [[ $value | humanizePercentage ]] of the pod's
        requests gave up before the first token, above {{ mulf $givenUp 100 }} %; its other engines answer.
VllmAdmissionStalled:
  expr: |-
    engine:vllm_num_requests_waiting:min{{ $own }} > 0
    and engine:vllm_first_tokens:rate{{ $own }} == 0
    unless {{ $stalled }}
    unless engine:vllm_asleep:info{{ $own }}
  summary: Requests wait at an engine and none of them is taken up.
  description: >-
    {{ $engine }}: at least [[ $value | humanize ]] requests were waiting and none got its first token for {{ .Values.rules.window }};
    expected are more than 0 first tokens/s.
VllmReplicaOutlier:
  # From three replicas on: of two, the median lies between them and says nothing. A replica with
  # hardly any tokens has a mean of chance.
  expr: |-
    pod:vllm_inter_token_latency_seconds:mean{{ $own }}
    > on ({{ $model }}) group_left ()
    ({{ $a.VllmReplicaOutlier.threshold }} * model:vllm_pods_inter_token_latency_seconds:p50{{ $own }})
    and pod:vllm_generation_tokens:rate{{ $own }} >= 1
    and on ({{ $model }})
    count by ({{ $model }}) (pod:vllm_inter_token_latency_seconds:mean{{ $own }}) >= 3
  summary: One replica of a model generates far more slowly than the others.
  description: >-
    {{ include "vllm-monitoring.thePod" . }}: the mean time between tokens is [[ $value | humanizeDuration ]], above {{ $a.VllmReplicaOutlier.threshold }} times
    the median of the model's replicas.
{{- end -}}
