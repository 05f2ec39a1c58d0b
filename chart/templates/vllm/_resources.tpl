{{/* GPUs of one replica: every rank of every engine is in one pod. Takes deploy. */}}
{{- define "vllm-monitoring.gpus" -}}
{{- mul (.tensorParallelSize | default 1) (.pipelineParallelSize | default 1) (.dataParallelSize | default 1) -}}
{{- end -}}

{{/* The container's resources: the GPU limit follows from the parallelism, unless it is written. Takes deploy. */}}
{{- define "vllm-monitoring.vllmResources" -}}
{{- $resources := deepCopy (.resources | default dict) -}}
{{- $resource := ternary .gpuResource "nvidia.com/gpu" (hasKey . "gpuResource") -}}
{{- if $resource -}}
{{- $_ := set $resources "limits" (merge (dict) ($resources.limits | default dict) (dict $resource (include "vllm-monitoring.gpus" . | int))) -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}
