{{/*
The name of a model's objects: <fullname>-<slug>, within the 63 characters of a Service; what is
longer is cut and told apart by a hash. Takes (list root slug).
*/}}
{{- define "vllm-monitoring.modelName" -}}
{{- $name := printf "%s-%s" (include "vllm-monitoring.fullname" (index . 0)) (index . 1) -}}
{{- if gt (len $name) 55 -}}
{{- $name = printf "%s-%s" ($name | trunc 46 | trimSuffix "-") ($name | sha256sum | trunc 8) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* Labels that select a deployed model's pods; they never change. Takes (list root slug). */}}
{{- define "vllm-monitoring.modelSelector" -}}
app: vllm
app.kubernetes.io/instance: {{ (index . 0).Release.Name | quote }}
vllm-monitoring/model: {{ index . 1 | quote }}
{{- if include "vllm-monitoring.alias" (index . 0) }}
app.kubernetes.io/name: {{ include "vllm-monitoring.name" (index . 0) | quote }}
{{- end }}
{{- end -}}

{{/* Labels of a deployed model's objects. Takes (list root slug). */}}
{{- define "vllm-monitoring.modelLabels" -}}
{{- include "vllm-monitoring.labelsWith" (list (index . 0) "vllm" (dict "vllm-monitoring/model" (index . 1))) -}}
{{- end -}}

{{/*
Labels of its pods. Nothing of the chart's version: an upgrade of the monitoring restarts no model.
Takes (list root entry).
*/}}
{{- define "vllm-monitoring.modelPodLabels" -}}
{{- $root := index . 0 -}}
{{- $entry := index . 1 -}}
{{- $own := merge (include "vllm-monitoring.modelSelector" (list $root $entry.slug) | fromYaml) (include "vllm-monitoring.selectorLabels" (list $root "vllm") | fromYaml) -}}
{{- merge (dict) $own ($entry.deploy.podLabels | default dict) $root.Values.commonLabels | toYaml -}}
{{- end -}}

{{/* The ServiceAccount of deployed models that name none. Takes the root. */}}
{{- define "vllm-monitoring.vllmServiceAccount" -}}
{{ include "vllm-monitoring.fullname" . }}-vllm
{{- end -}}
