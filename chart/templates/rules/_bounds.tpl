{{/*
The histogram bound, in seconds, from which VllmSlowRequestsPresent counts: the largest bound of
vllm:e2e_request_latency_seconds that is not above thresholds.e2eLatency.alert; empty where even
the smallest is above it (_validations.tpl says so). Takes the root.
*/}}
{{- define "vllm-monitoring.slowBound" -}}
{{- $limit := include "vllm-monitoring.seconds" .Values.thresholds.e2eLatency.alert | float64 -}}
{{- $bound := "" -}}
{{- range (include "vllm-monitoring.e2eBounds" . | fromJsonArray) -}}
{{- if le (float64 .) $limit -}}{{- $bound = toString . -}}{{- end -}}
{{- end -}}
{{- $bound -}}
{{- end -}}

{{/* A bound as a regular expression for `le`, in PromQL's quotes: 120 or 120.0. Takes the bound. */}}
{{- define "vllm-monitoring.leRegex" -}}
{{- if contains "." . -}}{{ . | replace "." "\\\\." }}{{- else -}}{{ . }}(\\.0)?{{- end -}}
{{- end -}}

{{/* Ascending bounds of vllm:e2e_request_latency_seconds, as JSON. */}}
{{- define "vllm-monitoring.e2eBounds" -}}
[0.3,0.5,0.8,1,1.5,2,2.5,5,10,15,20,30,40,50,60,120,240,480,960,1920,7680]
{{- end -}}
