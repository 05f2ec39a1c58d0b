{{/* The dashboards, as JSON [{file, path, name}, …]: key, source and ConfigMap. Takes the root. */}}
{{- define "vllm-monitoring.dashboards" -}}
{{- $all := list -}}
{{- range $path, $_ := .Files.Glob "dashboards/*.json" -}}
{{- $name := printf "%s-dashboard-%s" (include "vllm-monitoring.fullname" $) (base $path | trimSuffix ".json") -}}
{{- $all = append $all (dict "file" (base $path) "path" $path "name" $name) -}}
{{- end -}}
{{- $all | toJson -}}
{{- end -}}

{{/* Annotations of their ConfigMaps, the folder among them. Takes the root. */}}
{{- define "vllm-monitoring.dashboardAnnotations" -}}
{{- $folder := ternary (dict "grafana_folder" .Values.dashboards.folder) dict (ne .Values.dashboards.folder "") -}}
{{- merge (deepCopy (.Values.dashboards.annotations | default dict)) $folder | toJson -}}
{{- end -}}

{{/* Their folder in Grafana; empty: none. Takes the root. */}}
{{- define "vllm-monitoring.dashboardFolder" -}}
{{- get (include "vllm-monitoring.dashboardAnnotations" . | fromJson) "grafana_folder" -}}
{{- end -}}

{{/*
The kind of store in which Grafana looks traces up; empty: none. `auto` is what the bundled Grafana
has; of another Grafana nothing is known. Takes the root.
*/}}
{{- define "vllm-monitoring.dashboardTraces" -}}
{{- $traces := .Values.dashboards.traces -}}
{{- if eq $traces "auto" -}}
{{- if .Values.grafana.enabled -}}
{{- if include "vllm-monitoring.grafanaHas" (list . "jaeger") -}}jaeger
{{- else if include "vllm-monitoring.grafanaHas" (list . "tempo") -}}tempo
{{- end -}}
{{- end -}}
{{- else if ne $traces "none" -}}{{- $traces -}}
{{- end -}}
{{- end -}}
