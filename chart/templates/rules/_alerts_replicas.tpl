{{/* Alerts on replicas that are not there. Takes the root. */}}
{{- define "vllm-monitoring.alerts.replicas" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $a := .Values.rules.alerts -}}
VllmFleetDown:
  # Scaling to zero on purpose is normal. An entry nobody wrote down (models: []) is missed only
  # where it was there before.
  expr: |-
    entry:vllm_replicas:up{{ $own }} == 0
    {{- if not .Values.models }}
    and on (vllm_monitoring, model) max_over_time(entry:vllm_replicas:up{{ $own }}[{{ $a.VllmFleetDown.memory }}]) > 0
    {{- end }}
    unless entry:vllm_replicas:expected{{ $own }} == 0
  summary: No replica of a model answers.
  description: >-
    Entry [[ $labels.model ]]: [[ $value ]] replicas are up, expected at least 1; they refuse their scrape or have left
    discovery.
VllmReplicaDown:
  expr: entry:vllm_replicas:up{{ $own }} < entry:vllm_replicas:expected{{ $own }}
  summary: Fewer replicas of a model are up than expected.
  description: >-
    Entry [[ $labels.model ]]: [[ $value ]] replicas are up, expected [[ with printf `entry:vllm_replicas:expected{vllm_monitoring=%q,model=%q,cluster=%q}` $labels.vllm_monitoring $labels.model $labels.cluster | query ]][[ . | first | value ]][[ else ]]more[[ end ]].
VllmSeriesMissing:
  expr: entry:vllm_targets:foreign{{ $own }} > 0
  summary: Targets are up and export none of vLLM's series, so nothing is known of them.
  description: >-
    Entry [[ $labels.model ]] in [[ $labels.namespace ]]: [[ $value ]] targets answer their scrape without a series of vLLM: another
    server's port, a router, Ray's prefix, or vLLM with --disable-log-stats.
VllmCrashLooping:
  expr: pod:vllm_container_restarts:changes{{ $own }} > {{ $a.VllmCrashLooping.threshold }}
  summary: A replica is restarted again and again.
  description: >-
    Pod [[ $labels.namespace ]]/[[ $labels.pod ]] (entry [[ $labels.model ]]): [[ $value | humanize ]] restarts of its container in the last {{ $a.VllmCrashLooping.window }},
    above {{ $a.VllmCrashLooping.threshold }}.
VllmGpuFault:
  expr: |-
    gpu:dcgm_xid_errors:last{{ $own }} == {{ $a.VllmGpuFault.xids | first }}
    {{- range rest $a.VllmGpuFault.xids }}
    or gpu:dcgm_xid_errors:last{{ $own }} == {{ . }}
    {{- end }}
  summary: A GPU of a replica reported a fault of its hardware.
  description: >-
    GPU [[ $labels.gpu ]] of pod [[ $labels.namespace ]]/[[ $labels.pod ]] (node [[ $labels.Hostname ]]): the last XID error is [[ $value ]], one of
    {{ $a.VllmGpuFault.xids | join ", " }}.
{{- end -}}
