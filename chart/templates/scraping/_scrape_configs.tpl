{{/*
prometheus.yml of standalone mode. Takes the root. Target labels: model, vllm_monitoring,
namespace, pod; `model` never model_name, which is vLLM's own and would be renamed on scraping.
*/}}
{{- define "vllm-monitoring.prometheusConfig" -}}
{{- $scrape := .Values.metrics.scrape -}}
global:
  scrape_interval: {{ $scrape.interval }}
  scrape_timeout: {{ $scrape.timeout }}
  evaluation_interval: {{ .Values.rules.interval }}
  {{- with .Values.prometheus.externalLabels }}
  external_labels:
    {{- range $name, $value := . }}
    {{ $name | quote }}: {{ $value | replace "$" "$$" | quote }}
    {{- end }}
  {{- end }}
{{- if .Values.rules.enabled }}
rule_files:
  - /etc/prometheus/rules/rules.yaml
{{- end }}
{{- with include "vllm-monitoring.alertmanagers" . | fromJsonArray }}
alerting:
  alertmanagers:
    - static_configs:
        - targets: {{- toYaml . | nindent 12 }}
{{- end }}
{{- if include "vllm-monitoring.severalAlertmanagers" . }}
{{- if not (include "vllm-monitoring.alertmanagers" . | fromJsonArray) }}
alerting:
  alertmanagers:
{{- end }}
    # Every one of them gets every alert; they agree on who notifies.
    - kubernetes_sd_configs:
        {{- include "vllm-monitoring.podDiscovery" (list (list .Release.Namespace) (include "vllm-monitoring.selectorLabels" (list . "alertmanager") | fromYaml) list) | nindent 8 }}
      relabel_configs:
        {{- include "vllm-monitoring.podRelabelings" "9093" | nindent 8 }}
{{- end }}
{{- with include "vllm-monitoring.remoteWrite" . | fromJsonArray }}
remote_write:
  {{- toYaml . | nindent 2 }}
{{- end }}
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: ["127.0.0.1:9090"]
        # Not the release's own label: `up` of these targets counts no replica.
        labels:
          watcher_of: {{ include "vllm-monitoring.id" . }}
  {{- range $entry := ternary (include "vllm-monitoring.entries" . | fromJson).entries list .Values.metrics.scrape.enabled }}
  {{- range $i, $port := .ports }}
  - job_name: vllm/{{ $entry.slug }}{{ if $i }}-{{ $port }}{{ end }}
    {{- if ne $entry.scrape.path "/metrics" }}
    metrics_path: {{ $entry.scrape.path | quote }}
    {{- end }}
    # Buckets stay series of their own.
    convert_classic_histograms_to_nhcb: false
    {{- with merge (include "vllm-monitoring.jobAccess" (list $ $entry.scrape.scheme) | fromJson) (include "vllm-monitoring.scrapeLimits" (list $ "prometheus") | fromJson) }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    kubernetes_sd_configs:
      {{- include "vllm-monitoring.podDiscovery" (list $entry.namespaces $entry.selector $entry.selectorExpressions) | nindent 6 }}
    relabel_configs:
      {{- include "vllm-monitoring.podRelabelings" $port | nindent 6 }}
      {{- include "vllm-monitoring.relabel" (list "snake" (include "vllm-monitoring.modelSteps" (list $ $entry) | fromJsonArray)) | fromJsonArray | toYaml | nindent 6 }}
    metric_relabel_configs:
      {{- include "vllm-monitoring.relabel" (list "snake" (include "vllm-monitoring.seriesSteps" (list $ $entry $port) | fromJsonArray)) | fromJsonArray | toYaml | nindent 6 }}
  {{- end }}
  {{- end }}
  {{- range $entry := include "vllm-monitoring.probed" . | fromJsonArray }}
  {{- range $i, $port := .ports }}
  - job_name: probe/{{ $entry.slug }}{{ if $i }}-{{ $port }}{{ end }}
    metrics_path: /probe
    scrape_interval: {{ $.Values.probe.interval }}
    scrape_timeout: {{ $.Values.probe.timeout }}
    params: {module: [{{ include "vllm-monitoring.probeModule" $entry }}]}
    kubernetes_sd_configs:
      {{- include "vllm-monitoring.podDiscovery" (list $entry.namespaces $entry.selector $entry.selectorExpressions) | nindent 6 }}
    relabel_configs:
      {{- include "vllm-monitoring.podRelabelings" $port | nindent 6 }}
      {{- include "vllm-monitoring.relabel" (list "snake" (include "vllm-monitoring.probeSteps" (list $ $entry) | fromJsonArray)) | fromJsonArray | toYaml | nindent 6 }}
    metric_relabel_configs:
      {{- include "vllm-monitoring.relabel" (list "snake" (include "vllm-monitoring.probeSeries" $ | fromJsonArray)) | fromJsonArray | toYaml | nindent 6 }}
  {{- end }}
  {{- end }}
  {{- if .Values.tracing.enabled }}
  - job_name: vllm-monitoring/collector
    kubernetes_sd_configs:
      {{- include "vllm-monitoring.podDiscovery" (list (list .Release.Namespace) (include "vllm-monitoring.selectorLabels" (list . "collector") | fromYaml) list) | nindent 6 }}
    relabel_configs:
      {{- include "vllm-monitoring.podRelabelings" "8888" | nindent 6 }}
      - target_label: vllm_monitoring
        replacement: {{ include "vllm-monitoring.id" . }}
  {{- if include "vllm-monitoring.balanced" . }}
  - job_name: vllm-monitoring/balancer
    kubernetes_sd_configs:
      {{- include "vllm-monitoring.podDiscovery" (list (list .Release.Namespace) (include "vllm-monitoring.selectorLabels" (list . "balancer") | fromYaml) list) | nindent 6 }}
    relabel_configs:
      {{- include "vllm-monitoring.podRelabelings" "8888" | nindent 6 }}
      # Not the samplers' label: what balancers received is received again.
      - target_label: balancer_of
        replacement: {{ include "vllm-monitoring.id" . }}
  {{- end }}
  - job_name: vllm-monitoring/spans
    kubernetes_sd_configs:
      {{- include "vllm-monitoring.podDiscovery" (list (list .Release.Namespace) (include "vllm-monitoring.selectorLabels" (list . "collector") | fromYaml) list) | nindent 6 }}
    relabel_configs:
      {{- include "vllm-monitoring.podRelabelings" "8889" | nindent 6 }}
      # Not the collector's own: `up` of these targets counts no replica.
      - target_label: spans_of
        replacement: {{ include "vllm-monitoring.id" . }}
  {{- end }}
  {{- if include "vllm-monitoring.ownAlertmanager" . }}
  - job_name: alertmanager
    kubernetes_sd_configs:
      {{- include "vllm-monitoring.podDiscovery" (list (list .Release.Namespace) (include "vllm-monitoring.selectorLabels" (list . "alertmanager") | fromYaml) list) | nindent 6 }}
    relabel_configs:
      {{- include "vllm-monitoring.podRelabelings" "9093" | nindent 6 }}
      - target_label: watcher_of
        replacement: {{ include "vllm-monitoring.id" . }}
  {{- end }}
  {{- with .Values.prometheus.scrapeConfigs }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* kubernetes_sd_configs for pods. Takes (list namespaces labels expressions). */}}
{{- define "vllm-monitoring.podDiscovery" -}}
{{- $terms := list -}}
{{- range $key, $value := index . 1 -}}
{{- $terms = append $terms (printf "%s=%s" $key $value) -}}
{{- end -}}
{{- range index . 2 -}}
{{- if has .operator (list "In" "NotIn") -}}
{{- $terms = append $terms (printf "%s %s (%s)" .key (lower .operator) (join "," .values)) -}}
{{- else -}}
{{- $terms = append $terms (printf "%s%s" (ternary "" "!" (eq .operator "Exists")) .key) -}}
{{- end -}}
{{- end -}}
- role: pod
  {{- if not (has "*" (index . 0)) }}
  namespaces:
    names: {{- toYaml (index . 0) | nindent 6 }}
  {{- end }}
  selectors:
    - role: pod
      label: {{ join "," $terms | quote }}
{{- end -}}

{{/*
Relabelings from a discovered pod to one target. Takes the port. Discovery gives a target for
each declared container port, or one for a container without any; by number the address is
written anew, so that all of a pod's are the same target, which Prometheus scrapes once.
*/}}
{{- define "vllm-monitoring.podRelabelings" -}}
- source_labels: [__meta_kubernetes_pod_container_init]
  regex: "true"
  action: drop
- source_labels: [__meta_kubernetes_pod_phase]
  regex: Failed|Succeeded
  action: drop
{{- if regexMatch "^[0-9]+$" . }}
- source_labels: [__meta_kubernetes_pod_ip]
  regex: (.+)
  target_label: __address__
  replacement: "$1:{{ . }}"
- source_labels: [__meta_kubernetes_pod_ip]
  regex: (.*:.*)
  target_label: __address__
  replacement: "[$1]:{{ . }}"
{{- else }}
- source_labels: [__meta_kubernetes_pod_container_port_name]
  regex: {{ . | quote }}
  action: keep
{{- end }}
- source_labels: [__meta_kubernetes_namespace]
  target_label: namespace
- source_labels: [__meta_kubernetes_pod_name]
  target_label: pod
{{- end -}}
