{{/* Names and labels that every object shares. */}}

{{/* As part of a name: the alias that a parent chart gives, which is Chart.Name then, may be vllmMonitoring. */}}
{{- define "vllm-monitoring.name" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if regexMatch "[A-Z_]" $name }}{{ $name = kebabcase $name }}{{ end -}}
{{- $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The prefix of every object's name; 40 characters leave room for suffixes and a pod's hash. */}}
{{- define "vllm-monitoring.fullname" -}}
{{- $name := include "vllm-monitoring.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | replace "." "-" | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | replace "." "-" | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The alias that a parent chart gives this one, of which it may have several; or nothing. Takes the root. */}}
{{- define "vllm-monitoring.alias" -}}
{{- if ne .Chart.Name "vllm-monitoring" }}{{ .Chart.Name }}{{ end -}}
{{- end -}}

{{/* The target label `vllm_monitoring`: which release reads a series. */}}
{{- define "vllm-monitoring.id" -}}
{{- list .Release.Namespace .Release.Name (include "vllm-monitoring.alias" .) | compact | join "/" -}}
{{- end -}}

{{/* Labels that select pods; they never change. Takes (list root component). */}}
{{- define "vllm-monitoring.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "vllm-monitoring.name" $root | quote }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels of an object. Takes (list root component). */}}
{{- define "vllm-monitoring.labels" -}}
{{- include "vllm-monitoring.labelsWith" (append . dict) -}}
{{- end -}}

{{/*
The same with labels that the values give this object alone, before commonLabels; neither replaces the chart's own.
Takes (list root component labels).
*/}}
{{- define "vllm-monitoring.labelsWith" -}}
{{- $root := index . 0 -}}
{{- $own := dict
      "app.kubernetes.io/version" $root.Chart.AppVersion
      "app.kubernetes.io/managed-by" $root.Release.Service
      "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_") -}}
{{- $selector := include "vllm-monitoring.selectorLabels" . | fromYaml -}}
{{- merge $selector $own (index . 2 | default dict) ($root.Values.commonLabels | default dict) | toYaml -}}
{{- end -}}
