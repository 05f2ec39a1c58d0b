{{/*
Who watches the watcher: alerts on standalone mode's own Prometheus and Alertmanager. What they cannot
tell of themselves (that they are gone) Watchdog tells by its absence. Takes the root.
*/}}
{{- define "vllm-monitoring.alerts.watcher" -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $a := .Values.rules.alerts -}}
{{- $window := .Values.rules.window -}}
Watchdog:
  expr: label_replace(vector(1), "vllm_monitoring", {{ include "vllm-monitoring.id" . | quote }}, "", "")
  summary: Always firing. If it does not arrive, no alert does.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: alerts are evaluated and sent. Route it to a service that notifies you when it
    stops arriving (a dead man's switch).
PrometheusBadConfig:
  expr: release:prometheus_config_last_reload_successful:min{{ $own }} == 0
  summary: Prometheus refused the configuration or rules that it was given last, and keeps the previous ones.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: the last reload of Prometheus was at [[ $value ]] (refused), expected 1. Its log names the
    mistake.
PrometheusRuleFailures:
  expr: release:prometheus_rule_evaluation_failures:increase{{ $own }} > {{ $a.PrometheusRuleFailures.threshold }}
  summary: Rules fail to be evaluated, so their alerts are silent.
  description: >-
    Group [[ $labels.rule_group ]]: [[ $value | humanize ]] evaluations failed within {{ $window }}, above {{ $a.PrometheusRuleFailures.threshold }}.
PrometheusMissingRuleEvaluations:
  expr: release:prometheus_rule_group_iterations_missed:increase{{ $own }} > {{ $a.PrometheusMissingRuleEvaluations.threshold }}
  summary: Prometheus leaves out evaluations of rules, because they take longer than their interval.
  description: >-
    Group [[ $labels.rule_group ]]: [[ $value | humanize ]] evaluations were left out within {{ $window }}, above {{ $a.PrometheusMissingRuleEvaluations.threshold }}.
PrometheusNotConnectedToAlertmanagers:
  expr: release:prometheus_alertmanagers:count{{ $own }} < 1
  summary: Prometheus knows no Alertmanager, so no notification is sent.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: Prometheus knows [[ $value ]] Alertmanagers, expected at least 1.
PrometheusErrorSendingAlerts:
  expr: release:prometheus_notifications_failed:rate{{ $own }} > {{ $a.PrometheusErrorSendingAlerts.threshold }}
  summary: Prometheus cannot send its alerts to an Alertmanager.
  description: >-
    Alertmanager [[ $labels.alertmanager ]]: [[ $value | humanize ]] alerts/s are not delivered, above {{ $a.PrometheusErrorSendingAlerts.threshold }}/s.
PrometheusStorageFillingUp:
  expr: release:prometheus_storage:ratio{{ $own }} > {{ $a.PrometheusStorageFillingUp.threshold }}
  summary: Prometheus' disk is nearly full; when it is, nothing is recorded and no alert is raised.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: samples take [[ $value | humanizePercentage ]] of prometheus.storage.size ({{ .Values.prometheus.storage.size }}), above
    {{ mulf $a.PrometheusStorageFillingUp.threshold 100 }} %.
PrometheusScrapeLimitHit:
  expr: release:prometheus_scrapes_over_limit:increase{{ $own }} > {{ $a.PrometheusScrapeLimitHit.threshold }}
  summary: Targets exceed a limit of their scrape, and nothing of them is stored.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: [[ $value | humanize ]] scrapes exceeded [[ $labels.limit ]] within {{ $window }}, above {{ $a.PrometheusScrapeLimitHit.threshold }}.
{{- if include "vllm-monitoring.ownAlertmanager" . }}
AlertmanagerDown:
  expr: release:alertmanager_replicas:up{{ $own }} < {{ .Values.alertmanager.replicas | int }}
  summary: Fewer Alertmanagers are up than expected; with none, no notification is sent.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: [[ $value ]] Alertmanagers are up, expected {{ .Values.alertmanager.replicas | int }}.
AlertmanagerFailedReload:
  expr: release:alertmanager_config_last_reload_successful:min{{ $own }} == 0
  summary: Alertmanager refused the configuration that it was given last, and keeps the previous one.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: the last reload of Alertmanager was at [[ $value ]] (refused), expected 1. Its log names
    the mistake.
AlertmanagerFailedToSendAlerts:
  expr: release:alertmanager_notifications_failed:ratio{{ $own }} > {{ $a.AlertmanagerFailedToSendAlerts.threshold }}
  summary: Notifications do not reach their receiver.
  description: >-
    Integration [[ $labels.integration ]]: [[ $value | humanizePercentage ]] of its notifications failed within {{ $a.AlertmanagerFailedToSendAlerts.window }}, above
    {{ mulf $a.AlertmanagerFailedToSendAlerts.threshold 100 }} %.
{{- if include "vllm-monitoring.severalAlertmanagers" . }}
AlertmanagerMembersInconsistent:
  # One that is down is AlertmanagerDown's.
  expr: |-
    release:alertmanager_cluster_members:min{{ $own }} < {{ .Values.alertmanager.replicas | int }}
    unless on (vllm_monitoring) release:alertmanager_replicas:up{{ $own }} < {{ .Values.alertmanager.replicas | int }}
  summary: The Alertmanagers do not find each other, so that each notification is sent several times.
  description: >-
    Release [[ $labels.vllm_monitoring ]]: an Alertmanager knows [[ $value ]] members, itself among them, expected {{ .Values.alertmanager.replicas | int }}, which
    are all up.
{{- end }}
{{- end }}
{{- end -}}
