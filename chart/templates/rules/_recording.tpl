{{/*
Recording rules, level:metric:operation; the window is rules.window and not part of the name.
Levels: `model` = (entry, namespace, served model), `pod` = a pod of it, `engine` = an engine of a
pod, `gpu`, `entry` = models[], `collector` = a pod of it, `release`. Functions of Prometheus 2.42.

The level is in the labels: a quantile, a median or a mean has its own value at each level and is
never taken of another's. Takes the root.
*/}}
{{- define "vllm-monitoring.recordingRules" -}}
{{ include "vllm-monitoring.recording.load" . }}
{{ include "vllm-monitoring.recording.latency" . }}
{{ include "vllm-monitoring.recording.engine" . }}
{{- include "vllm-monitoring.recording.replicas" . }}
{{ include "vllm-monitoring.recording.sloEvents" . }}
{{- if .Values.tracing.enabled }}
{{ include "vllm-monitoring.recording.collector" . }}
{{- end }}
{{- end -}}
