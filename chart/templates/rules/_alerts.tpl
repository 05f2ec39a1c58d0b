{{/*
The alerts of this release. What one says (expr, summary, description) stands by subject in
_alerts_*.tpl, a group of rules each; when it speaks and how loud is rules.alerts.<name>.

A definition is YAML: `<name>: {expr, summary, description}`, or with `each`, a map of variants
that differ by {expr, description, severity, labels}. Prometheus' own templates are written
[[ $labels.pod ]] there. An alert reads recorded series of its own release only.
Takes (list root definitions).
*/}}
{{- define "vllm-monitoring.alertRules" -}}
{{- $root := index . 0 -}}
{{- range $name, $alert := index . 1 }}
{{- $settings := index $root.Values.rules.alerts $name }}
{{- if not $settings }}
{{- fail (printf "rules.alerts.%s: the chart defines this alert and has no settings for it; add them to values.yaml and the schema, or give it settings in your values" $name) }}
{{- end }}
{{- if $settings.enabled }}
{{- range $variant := $alert.each | default (list (dict)) }}
{{- $rule := mergeOverwrite (dict "severity" $settings.severity) (omit $alert "each") $variant }}
- alert: {{ $name }}
  expr: |-
    {{- $rule.expr | trim | nindent 4 }}
  for: {{ $settings.for }}
  labels:
    {{- mergeOverwrite (dict "severity" $rule.severity) ($rule.labels | default dict) ($settings.labels | default dict) | toYaml | nindent 4 }}
  annotations:
    {{- $texts := dict "summary" $rule.summary "description" (include "vllm-monitoring.alertText" $rule.description) "runbook_url" (printf "%s/%s.md" (trimSuffix "/" $root.Values.rules.runbookBaseUrl) $name) }}
    {{- with include "vllm-monitoring.dashboardURL" (list $root $name) }}{{ $_ := set $texts "dashboard_url" . }}{{ end }}
    {{- mergeOverwrite $texts ($settings.annotations | default dict) | toYaml | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
An alert's link to the dashboard where one looks, with the choices that its labels say and the time from an
hour before it was evaluated; empty where no Grafana is named. Takes (list root alert).
*/}}
{{- define "vllm-monitoring.dashboardURL" -}}
{{- $root := index . 0 -}}
{{- $grafana := $root.Values.grafana -}}
{{- $base := trimSuffix "/" ($root.Values.rules.dashboardBaseUrl | default (ternary ($grafana.rootURL | default "") "" $grafana.enabled)) -}}
{{- if $root.Values.rules.dashboardUrl -}}
{{- $root.Values.rules.dashboardUrl -}}
{{- else if $base -}}
{{- $leads := index ($root.Files.Get "files/alert-dashboards.yaml" | fromYaml) (index . 1) -}}
{{- $choices := "" -}}
{{- range $pair := list (list "release" "vllm_monitoring") (list "cluster" "cluster") (list "namespace" "namespace") (list "model" "model_name") (list "pod" "pod") -}}
{{- $choices = printf "%s[[ with $labels.%s ]]&var-%s=[[ urlquery . ]][[ end ]]" $choices (last $pair) (first $pair) -}}
{{- end -}}
{{- $from := "[[ query \"time() - 3600\" | first | value | printf \"%.0f\" ]]000" -}}
{{- include "vllm-monitoring.alertText" (printf "%s/d/%s?from=%s&to=now%s%s" $base $leads.uid $from $choices $leads.choices) -}}
{{- end -}}
{{- end -}}

{{/* A description for Prometheus. Takes the text. */}}
{{- define "vllm-monitoring.alertText" -}}
{{- . | replace "[[" "{{" | replace "]]" "}}" | trim -}}
{{- end -}}

{{/* The selector of this release's recorded series. Takes the root. */}}
{{- define "vllm-monitoring.own" -}}
{{- printf "{vllm_monitoring=%q}" (include "vllm-monitoring.id" .) -}}
{{- end -}}

{{/* What an alert is about, as text: a model, a pod. */}}
{{- define "vllm-monitoring.theModel" -}}
[[ $labels.namespace ]]/[[ $labels.model_name ]] (entry [[ $labels.model ]])
{{- end -}}
{{- define "vllm-monitoring.thePod" -}}
Pod [[ $labels.namespace ]]/[[ $labels.pod ]] ([[ $labels.model_name ]])
{{- end -}}
