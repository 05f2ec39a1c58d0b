{{/* Every rule of this release, as Prometheus reads them. Takes the root. */}}
{{- define "vllm-monitoring.ruleGroups" -}}
{{- $id := include "vllm-monitoring.id" . -}}
groups:
  - name: {{ $id }}/recording
    interval: {{ .Values.rules.interval }}
    rules:
      {{- include "vllm-monitoring.labelled" (list . (include "vllm-monitoring.recordingRules" .)) | trim | nindent 6 }}
  {{- if .Values.rules.panels }}
  - name: {{ $id }}/panels
    interval: {{ .Values.rules.interval }}
    rules:
      {{- include "vllm-monitoring.labelled" (list . (include "vllm-monitoring.recording.panels" .)) | trim | nindent 6 }}
  {{- end }}
  - name: {{ $id }}/slo
    interval: {{ .Values.slos.interval }}
    rules:
      {{- include "vllm-monitoring.labelled" (list . (include "vllm-monitoring.recording.sloWindows" .)) | trim | nindent 6 }}
  - name: {{ $id }}/alerts
    interval: {{ .Values.rules.interval }}
    rules:
      {{- include "vllm-monitoring.alertRules" . | trim | nindent 6 }}
  {{- with .Values.rules.additionalAlerts }}
  - name: {{ $id }}/additional-alerts
    interval: {{ $.Values.rules.interval }}
    rules:
      {{- range . }}
      - alert: {{ .alert }}
        expr: |-
          {{- .expr | trim | nindent 10 }}
        for: {{ .for | default "0s" }}
        labels:
          {{- merge (dict "severity" (.severity | default "warning")) (.labels | default dict) | toYaml | nindent 10 }}
        {{- with .annotations }}
        annotations:
          {{- toYaml . | nindent 10 }}
        {{- end }}
      {{- end }}
  {{- end }}
{{- end -}}
