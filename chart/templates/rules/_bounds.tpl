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

{{/* Ascending bounds of vllm:e2e_request_latency_seconds, from the catalogue, as JSON. Takes the root. */}}
{{- define "vllm-monitoring.e2eBounds" -}}
{{- (.Files.Get "files/catalog.yaml" | fromYaml).latencies.e2eLatency.bounds | toJson -}}
{{- end -}}
