{{/* Every rule of this release, as Prometheus reads them. Takes the root. */}}
{{- define "vllm-monitoring.ruleGroups" -}}
groups:
  - name: {{ include "vllm-monitoring.id" . }}/recording
    interval: {{ .Values.rules.interval }}
    rules:
      {{- include "vllm-monitoring.recordingRules" . | nindent 6 }}
  - name: {{ include "vllm-monitoring.id" . }}/alerts
    interval: {{ .Values.rules.interval }}
    rules:
      {{- include "vllm-monitoring.alertRules" . | nindent 6 }}
{{- end -}}
