{{/* Alerts on what the probe sees from outside. Takes the root. */}}
{{- define "vllm-monitoring.alerts.probe" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $severity := .Values.rules.alerts.VllmProbeFailing.severity -}}
{{- $target := include "vllm-monitoring.byTarget" . -}}
{{- $failing := printf "(pod:probe_success:last%[1]s == 0 and on (%[2]s) pod:vllm_target:up%[1]s == 1 unless on (%[2]s) engine:vllm_asleep:info%[1]s)" $own $target -}}
{{- /* Refused (4xx), or an engine that works for others: somebody is served. */ -}}
{{- $served := printf "(pod:probe_http_status_code:last%[1]s >= 400 < 500 or on (%[2]s) sum by (%[2]s) (engine:vllm_tokens:rate%[1]s) > 0)" $own $target -}}
{{- $said := printf "[[ with printf `pod:probe_http_status_code:last{vllm_monitoring=%%q,namespace=%%q,pod=%%q}` $labels.vllm_monitoring $labels.namespace $labels.pod | query ]][[ . | first | value ]][[ end ]]" -}}
VllmProbeFailing:
  summary: A replica that is up does not answer a request for one token.
  each:
    - severity: {{ $severity }}
      expr: {{ $failing }} unless on ({{ $target }}) {{ $served }}
      description: >-
        Pod [[ $labels.namespace ]]/[[ $labels.pod ]] (entry [[ $labels.model ]]): the probe got no answer within {{ .Values.probe.timeout }} (HTTP status {{ $said }}, 0: none), and
        the pod generates nothing for anybody else.
    - severity: {{ ternary "warning" $severity (eq $severity "critical") }}
      expr: {{ $failing }} and on ({{ $target }}) {{ $served }}
      description: >-
        Pod [[ $labels.namespace ]]/[[ $labels.pod ]] (entry [[ $labels.model ]]): the probe got no answer within {{ .Values.probe.timeout }} (HTTP status {{ $said }}, 0: none); the
        server refuses it, or serves others and keeps it waiting.
VllmProbeDown:
  expr: entry:probe_targets:up{{ $own }} == 0 and on (vllm_monitoring, model) entry:vllm_replicas:up{{ $own }} > 0
  summary: No replica of a model is probed.
  description: >-
    Entry [[ $labels.model ]]: the probe answers about [[ $value ]] replicas, expected at least 1; its pod is down, or Prometheus does not ask it.
{{- end -}}
