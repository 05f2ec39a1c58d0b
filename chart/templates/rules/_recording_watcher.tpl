{{/*
Standalone mode's own Prometheus and Alertmanager, by their own metrics: whether they read what they were
given, work, and are heard. In operator mode the cluster's rules watch them. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.watcher" }}
{{- $id := include "vllm-monitoring.id" . -}}
{{- $window := .Values.rules.window -}}
{{- $of := printf "{watcher_of=%q}" $id -}}
{{- $labels := dict "vllm_monitoring" $id | toYaml -}}
- record: release:prometheus_config_last_reload_successful:min
  expr: min(prometheus_config_last_reload_successful{{ $of }})
  labels: {{- $labels | nindent 4 }}
- record: release:prometheus_rule_evaluation_failures:increase
  expr: sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total{{ $of }}[{{ $window }}]))
  labels: {{- $labels | nindent 4 }}
- record: release:prometheus_rule_group_iterations_missed:increase
  expr: sum by (rule_group) (increase(prometheus_rule_group_iterations_missed_total{{ $of }}[{{ $window }}]))
  labels: {{- $labels | nindent 4 }}
- record: release:prometheus_alertmanagers:count
  expr: max(prometheus_notifications_alertmanagers_discovered{{ $of }})
  labels: {{- $labels | nindent 4 }}
# Errors are those of each attempt; dropped is what found no room in the queue, and in newer servers what
# was tried in vain, too.
- record: release:prometheus_notifications_failed:rate
  expr: |-
    max by (alertmanager) (
      rate(prometheus_notifications_errors_total{{ $of }}[{{ $window }}])
      or label_replace(rate(prometheus_notifications_dropped_total{{ $of }}[{{ $window }}]), "of", "queue", "", "")
    )
  labels: {{- $labels | nindent 4 }}
# Of the claim or the emptyDir. Retention (prometheus.retentionSize) keeps the sum below its limit, except
# for what is newest.
- record: release:prometheus_storage:ratio
  expr: sum({__name__=~"prometheus_tsdb_storage_blocks_bytes|prometheus_tsdb_wal_storage_size_bytes|prometheus_tsdb_head_chunks_storage_size_bytes", watcher_of={{ $id | quote }}}) / {{ mul (include "vllm-monitoring.mebibytes" .Values.prometheus.storage.size) 1048576 }}
  labels: {{- $labels | nindent 4 }}
# A target over its limits is not stored at all: `up` is 0.
- record: release:prometheus_scrapes_over_limit:increase
  expr: |-
    {{- range $i, $limit := list "target_scrapes_exceeded_sample_limit" "target_scrapes_exceeded_body_size_limit" "target_scrapes_exceeded_native_histogram_bucket_limit" "target_scrape_pool_exceeded_label_limits" "target_scrape_pool_exceeded_target_limit" }}
    {{ if $i }}or {{ end }}label_replace(sum(increase(prometheus_{{ $limit }}_total{{ $of }}[{{ $window }}])), "limit", {{ regexReplaceAll "^.*exceeded_(.+?_limit)s?$" $limit "${1}" | quote }}, "", "")
    {{- end }}
  labels: {{- $labels | nindent 4 }}
{{- if include "vllm-monitoring.ownAlertmanager" . }}
# 0 also when no target is left in discovery.
- record: release:alertmanager_replicas:up
  expr: sum(up{watcher_of={{ $id | quote }}, pod=~"{{ include "vllm-monitoring.alertmanagerSet" . }}-[0-9]+"}) or vector(0)
  labels: {{- $labels | nindent 4 }}
- record: release:alertmanager_config_last_reload_successful:min
  expr: min(alertmanager_config_last_reload_successful{{ $of }})
  labels: {{- $labels | nindent 4 }}
- record: release:alertmanager_notifications_failed:ratio
  {{- $failed := .Values.rules.alerts.AlertmanagerFailedToSendAlerts.window }}
  expr: |-
    sum by (integration) (rate(alertmanager_notifications_failed_total{{ $of }}[{{ $failed }}]))
    / sum by (integration) (rate(alertmanager_notifications_total{{ $of }}[{{ $failed }}])) >= 0
  labels: {{- $labels | nindent 4 }}
{{- if include "vllm-monitoring.severalAlertmanagers" . }}
- record: release:alertmanager_cluster_members:min
  expr: min(alertmanager_cluster_members{{ $of }})
  labels: {{- $labels | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}
