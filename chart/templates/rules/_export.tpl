{{/*
The rules as a file for an engine that is not in this release's hands. All of them read Prometheus' format;
mimirtool and cortextool take a namespace as well, which their APIs keep groups in. Takes (list root engine).
*/}}
{{- define "vllm-monitoring.ruleFile" -}}
{{- $root := index . 0 -}}
{{- if eq (index . 1) "mimir" }}
namespace: {{ include "vllm-monitoring.id" $root | replace "/" "-" }}
{{ end -}}
{{- include "vllm-monitoring.ruleGroups" $root -}}
{{- end -}}
