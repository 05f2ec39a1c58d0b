{{/*
What scales a model: KEDA asks Prometheus for what all replicas have together and divides it by what
one should have (AverageValue), so that the quotient is the number of replicas wanted.
*/}}

{{/* Where KEDA finds the Prometheus that evaluates the rules, or nothing. Takes the root. */}}
{{- define "vllm-monitoring.autoscalingPrometheus" -}}
{{- include "vllm-monitoring.queryURL" (list . (.Values.autoscaling.prometheusURL | default .Values.helmTest.prometheusURL)) -}}
{{- end -}}

{{/*
What is measured, by the key of its target: a query of recorded series with one value, YAML. Takes
(list root entry).
*/}}
{{- define "vllm-monitoring.autoscalingQueries" -}}
{{- $of := printf "{vllm_monitoring=%q, model=%q}" (include "vllm-monitoring.id" (index . 0)) (index . 1).name -}}
waiting: sum(model:vllm_num_requests_waiting:sum{{ $of }})
running: sum(model:vllm_num_requests_running:sum{{ $of }})
kvCacheUsage: sum(pod:vllm_kv_cache_usage_perc:max{{ $of }})
{{- end -}}

{{/* What one replica should have. Takes the entry. */}}
{{- define "vllm-monitoring.autoscalingTargets" -}}
{{- .autoscaling.targets | default (dict "waiting" 5 "kvCacheUsage" 0.8) | toYaml -}}
{{- end -}}

{{/* A ScaledObject's scaleTargetRef. Takes (list root entry). */}}
{{- define "vllm-monitoring.scaleTarget" -}}
{{- $entry := index . 1 -}}
{{- if dig "deploy" "enabled" false $entry -}}
name: {{ include "vllm-monitoring.modelName" (list (index . 0) $entry.slug) }}
{{- else -}}
{{- merge (dict) ($entry.autoscaling.scaleTargetRef | default dict) (dict "apiVersion" "apps/v1" "kind" "Deployment" "name" $entry.workload) | toYaml -}}
{{- end -}}
{{- end -}}

{{/*
How fast: upwards at once, downwards one by one, for what is given up takes minutes to load again.
Takes the entry.
*/}}
{{- define "vllm-monitoring.scalingBehavior" -}}
{{- with .autoscaling.behavior -}}
{{- toYaml . -}}
{{- else -}}
scaleDown:
  stabilizationWindowSeconds: 600
  policies:
    - {type: Pods, value: 1, periodSeconds: 120}
{{- end -}}
{{- end -}}
