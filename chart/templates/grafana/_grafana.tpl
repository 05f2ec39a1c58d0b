{{/* Where things lie in Grafana's pod: its database, and what this chart mounts. */}}
{{- define "vllm-monitoring.grafanaData" -}}/var/lib/grafana{{- end -}}
{{- define "vllm-monitoring.grafanaConfig" -}}/etc/vllm-monitoring/grafana{{- end -}}
{{- define "vllm-monitoring.grafanaDashboards" -}}/etc/vllm-monitoring/dashboards{{- end -}}
{{- define "vllm-monitoring.grafanaAdmin" -}}/etc/vllm-monitoring/admin{{- end -}}

{{/*
Its data sources, as JSON: those of this chart, then the user's. The first Prometheus is the default
unless the user has one: Grafana refuses two. The dashboards choose by kind, not by uid. Takes the root.
*/}}
{{- define "vllm-monitoring.grafanaDatasources" -}}
{{- $g := .Values.grafana -}}
{{- $all := list -}}
{{- $default := true -}}
{{- range $g.datasources }}{{ if .isDefault }}{{ $default = false }}{{ end }}{{ end -}}
{{- $alertmanager := include "vllm-monitoring.ownAlertmanager" . -}}
{{- $url := include "vllm-monitoring.grafanaPrometheusURL" . -}}
{{- if $url -}}
{{- $json := dict "httpMethod" "POST" "prometheusType" "Prometheus" "timeInterval" .Values.metrics.scrape.interval -}}
{{- if $alertmanager }}{{ $_ := set $json "alertmanagerUid" "vllm-monitoring-alertmanager" }}{{ end -}}
{{- $all = append $all (dict "name" "Prometheus" "uid" "vllm-monitoring-prometheus" "type" "prometheus" "access" "proxy" "url" ($url | replace "$" "$$") "isDefault" $default "jsonData" $json) -}}
{{- end -}}
{{- if $alertmanager -}}
{{- $all = append $all (dict "name" "Alertmanager" "uid" "vllm-monitoring-alertmanager" "type" "alertmanager" "access" "proxy" "url" (include "vllm-monitoring.alertmanagerURL" .) "jsonData" (dict "implementation" "prometheus")) -}}
{{- end -}}
{{- if include "vllm-monitoring.ownJaeger" . -}}
{{- $all = append $all (dict "name" "Jaeger" "uid" "vllm-monitoring-jaeger" "type" "jaeger" "access" "proxy" "url" (printf "http://%s:%s" (include "vllm-monitoring.jaegerHost" .) (include "vllm-monitoring.port" "jaeger"))) -}}
{{- end -}}
{{- concat $all ($g.datasources | default list) | toJson -}}
{{- end -}}

{{/* The Prometheus that it reads, as a URL; empty where nothing says which. Takes the root. */}}
{{- define "vllm-monitoring.grafanaPrometheusURL" -}}
{{- include "vllm-monitoring.queryURL" (list . .Values.grafana.prometheusURL) -}}
{{- end -}}

{{/* Whether it has a data source of a kind: "true" or "". Takes (list root kind). */}}
{{- define "vllm-monitoring.grafanaHas" -}}
{{- range include "vllm-monitoring.grafanaDatasources" (index . 0) | fromJsonArray -}}
{{- if eq .type (index $ 1) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Data sources as Grafana provisions them, read when it starts. Takes the root. */}}
{{- define "vllm-monitoring.grafanaProvisioning" -}}
apiVersion: 1
# What an upgrade leaves out is taken away.
prune: true
datasources:
  {{- include "vllm-monitoring.grafanaDatasources" . | fromJsonArray | toYaml | nindent 2 }}
{{- end -}}

{{/* The provider of dashboards; files that change are read again. Takes the root. */}}
{{- define "vllm-monitoring.grafanaProvider" -}}
apiVersion: 1
providers:
  - name: vllm-monitoring
    orgId: 1
    folder: {{ include "vllm-monitoring.dashboardFolder" . | quote }}
    type: file
    disableDeletion: false
    allowUiUpdates: false
    updateIntervalSeconds: 30
    options:
      path: {{ include "vllm-monitoring.grafanaDashboards" . }}
{{- end -}}

{{/* grafana.ini: what this chart sets, and over it the user's. Takes the root. */}}
{{- define "vllm-monitoring.grafanaIni" -}}
{{- $g := .Values.grafana -}}
{{- $password := printf "%s/admin-password" (include "vllm-monitoring.grafanaData" .) -}}
{{- /* Avatars would be asked of gravatar.com; the default key, which is public, encrypts what data sources keep secret. */}}
{{- $security := dict "admin_user" "admin" "disable_gravatar" true "secret_key" (printf "$__file{%s/secret-key}" (include "vllm-monitoring.grafanaData" .)) -}}
{{- with $g.admin.existingSecret -}}
{{- $password = printf "%s/password" (include "vllm-monitoring.grafanaAdmin" $) -}}
{{- $_ := set $security "admin_user" (printf "$__file{%s/user}" (include "vllm-monitoring.grafanaAdmin" $)) -}}
{{- end -}}
{{- $_ := set $security "admin_password" (printf "$__file{%s}" $password) -}}
{{- $own := dict
      "analytics" (dict "reporting_enabled" false "check_for_updates" false "check_for_plugin_updates" false "feedback_links_enabled" false)
      "auth.anonymous" (dict "enabled" false)
      "news" (dict "news_feed_enabled" false)
      "plugins" (dict "preinstall_disabled" true "public_key_retrieval_disabled" true)
      "security" $security
      "users" (dict "allow_sign_up" false) -}}
{{- with $g.rootURL | default (include "vllm-monitoring.externalURL" $g) }}{{ $_ := set $own "server" (dict "root_url" .) }}{{ end -}}
{{- if .Values.dashboards.enabled -}}
{{- $_ := set $own "dashboards" (dict "default_home_dashboard_path" (printf "%s/fleet.json" (include "vllm-monitoring.grafanaDashboards" .))) -}}
{{- end -}}
{{- range $section, $keys := merge (deepCopy ($g.ini | default dict)) $own }}
[{{ $section }}]
{{- range $key, $value := $keys }}
{{- /* Large numbers are written out; a comment would begin at # and ; without quotes. */}}
{{- $text := ternary $value (toJson $value) (kindIs "string" $value) }}
{{ $key }} = {{ if regexMatch "[#;]" $text }}"""{{ $text }}"""{{ else }}{{ $text }}{{ end }}
{{- end }}
{{ end -}}
{{- end -}}

{{/* What its own pod needs, as YAML. Takes the root. */}}
{{- define "vllm-monitoring.grafanaPod" -}}
{{- $name := printf "%s-grafana" (include "vllm-monitoring.fullname" .) -}}
{{- $g := .Values.grafana -}}
initContainers:
  # The password and the key lie beside the database that takes them over, and in nobody's values,
  # manifests or ConfigMaps.
  - name: secrets
    command:
      - sh
      - -ec
      - |
        umask 077
        cd "$0"
        for secret in {{ if not $g.admin.existingSecret }}admin-password {{ end }}secret-key; do
          [ -s "$secret" ] || head -c 24 /dev/urandom | base64 | tr -d '\n' >new-secret
          [ ! -s new-secret ] || mv new-secret "$secret"
        done
      - {{ include "vllm-monitoring.grafanaData" . }}
    volumeMounts:
      - {name: data, mountPath: {{ include "vllm-monitoring.grafanaData" . }}}
containers:
  - name: grafana
    env:
      - name: GF_PATHS_CONFIG
        value: {{ include "vllm-monitoring.grafanaConfig" . }}/grafana.ini
      {{- with include "vllm-monitoring.goMemoryLimit" $g.resources }}
      {{- . | nindent 6 }}
      {{- end }}
    ports:
      - {name: http, containerPort: {{ include "vllm-monitoring.port" "grafana" }}}
    startupProbe:
      httpGet: {path: /api/health, port: http}
      periodSeconds: 5
      failureThreshold: 60 # a new release first changes the database
    readinessProbe:
      httpGet: {path: /api/health, port: http}
    livenessProbe:
      httpGet: {path: /api/health, port: http}
      timeoutSeconds: 10
    volumeMounts:
      - {name: config, mountPath: {{ include "vllm-monitoring.grafanaConfig" . }}, readOnly: true}
      - {name: datasources, mountPath: /etc/grafana/provisioning/datasources, readOnly: true}
      {{- if .Values.dashboards.enabled }}
      - {name: providers, mountPath: /etc/grafana/provisioning/dashboards, readOnly: true}
      - {name: dashboards, mountPath: {{ include "vllm-monitoring.grafanaDashboards" . }}, readOnly: true}
      {{- end }}
      {{- if $g.admin.existingSecret }}
      - {name: admin, mountPath: {{ include "vllm-monitoring.grafanaAdmin" . }}, readOnly: true}
      {{- end }}
      - {name: data, mountPath: {{ include "vllm-monitoring.grafanaData" . }}}
      - {name: tmp, mountPath: /tmp}
volumes:
  - name: config
    configMap: {name: {{ $name }}, items: [{key: grafana.ini, path: grafana.ini}]}
  - name: datasources
    configMap: {name: {{ $name }}, items: [{key: datasources.yaml, path: datasources.yaml}]}
  {{- if .Values.dashboards.enabled }}
  - name: providers
    configMap: {name: {{ $name }}, items: [{key: providers.yaml, path: providers.yaml}]}
  # The ConfigMaps that a sidecar would read.
  - name: dashboards
    projected:
      sources:
        {{- range include "vllm-monitoring.dashboards" . | fromJsonArray }}
        - configMap: {name: {{ .name }}}
        {{- end }}
  {{- end }}
  {{- with $g.admin.existingSecret }}
  - name: admin
    secret:
      secretName: {{ . | quote }}
      items: [{key: {{ $g.admin.userKey | quote }}, path: user}, {key: {{ $g.admin.passwordKey | quote }}, path: password}]
  {{- end }}
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
  {{- include "vllm-monitoring.scratch" (list "data" $g.storage) | nindent 2 }}
{{- end -}}
