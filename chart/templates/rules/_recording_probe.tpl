{{/*
What the probe says of each pod, of several ports the worst. Its targets carry `probe_of`, as `up` of these counts no
replica. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.probe" }}
{{- $id := include "vllm-monitoring.id" . -}}
{{- $labels := dict "vllm_monitoring" $id | toYaml -}}
{{- $by := "cluster, model, namespace, pod" -}}
{{- /* A probe less often than every five minutes would be gone before the next. */ -}}
{{- $last := printf "{probe_of=%q}[%ds]" $id (mulf 2.5 (include "vllm-monitoring.seconds" .Values.probe.interval | float64) | ceil | int) -}}
- record: pod:probe_success:last
  expr: min by ({{ $by }}) (last_over_time(probe_success{{ $last }}))
  labels: {{- $labels | nindent 4 }}
- record: pod:probe_duration_seconds:last
  expr: max by ({{ $by }}) (last_over_time(probe_duration_seconds{{ $last }}))
  labels: {{- $labels | nindent 4 }}
# 0 where none was received.
- record: pod:probe_http_status_code:last
  expr: max by ({{ $by }}) (last_over_time(probe_http_status_code{{ $last }}))
  labels: {{- $labels | nindent 4 }}
{{- range include "vllm-monitoring.probed" . | fromJsonArray }}
# Pods about which the exporter answers; 0 also when nothing asks it.
- record: entry:probe_targets:up
  expr: sum by (cluster) (up{probe_of={{ $id | quote }}, model={{ .name | quote | include "vllm-monitoring.promText" }}}) or on () vector(0)
  labels: {{- dict "vllm_monitoring" $id "model" .name | toYaml | nindent 4 }}
{{- end }}
{{- end -}}
