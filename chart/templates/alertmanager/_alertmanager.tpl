{{/* Whether this chart runs an Alertmanager: "true" or "". Takes the root. */}}
{{- define "vllm-monitoring.ownAlertmanager" -}}
{{- if and .Values.alertmanager.enabled .Values.rules.enabled (not (include "vllm-monitoring.operatorMode" .)) -}}
true
{{- end -}}
{{- end -}}

{{/*
The name of its StatefulSet. Pods have it as a label with a hash behind it, within 63 characters: longer than 52, it
may have no pods. Takes the root.
*/}}
{{- define "vllm-monitoring.alertmanagerSet" -}}
{{- printf "%s-alertmanager" (include "vllm-monitoring.fullname" .) | trunc 52 -}}
{{- end -}}

{{/* Where it is asked, inside the cluster. Takes the root. */}}
{{- define "vllm-monitoring.alertmanagerURL" -}}
{{- printf "http://%s-alertmanager.%s.svc:%s" (include "vllm-monitoring.fullname" .) .Release.Namespace (include "vllm-monitoring.port" "alertmanager") -}}
{{- end -}}

{{/* Whether there are several that gossip: "true" or "". Takes the root. */}}
{{- define "vllm-monitoring.severalAlertmanagers" -}}
{{- if and (include "vllm-monitoring.ownAlertmanager" .) (gt (int .Values.alertmanager.replicas) 1) -}}
true
{{- end -}}
{{- end -}}

{{/*
Its configuration. Watchdog is always firing: unless the routes name it, it goes to a receiver that tells
nobody. Takes the root.
*/}}
{{- define "vllm-monitoring.alertmanagerConfig" -}}
{{- $config := deepCopy .Values.alertmanager.config -}}
{{- if and $config.route .Values.rules.alerts.Watchdog.enabled (not (contains "Watchdog" (toJson $config.route))) -}}
{{- $nobody := "vllm-monitoring-watchdog" -}}
{{- $route := dict "receiver" $nobody "matchers" (list "alertname = \"Watchdog\"") -}}
{{- $_ := set $config.route "routes" (prepend ($config.route.routes | default list) $route) -}}
{{- $_ := set $config "receivers" (append ($config.receivers | default list) (dict "name" $nobody)) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/*
The Alertmanagers at fixed addresses that the Prometheus of standalone mode sends to, as JSON; several
of this chart's are discovered by their pods. Takes the root.
*/}}
{{- define "vllm-monitoring.alertmanagers" -}}
{{- $all := .Values.prometheus.alertmanagers | default list -}}
{{- if and (include "vllm-monitoring.ownAlertmanager" .) (not (include "vllm-monitoring.severalAlertmanagers" .)) -}}
{{- $all = append $all (include "vllm-monitoring.alertmanagerURL" . | trimPrefix "http://") -}}
{{- end -}}
{{- $all | toJson -}}
{{- end -}}

{{/* Whether the bundled Alertmanager would tell nobody: "true" or "". Takes the root. */}}
{{- define "vllm-monitoring.alertmanagerIsMute" -}}
{{- if and (include "vllm-monitoring.ownAlertmanager" .) (not .Values.alertmanager.existingSecret) -}}
{{- $told := false -}}
{{- range dig "receivers" list .Values.alertmanager.config -}}
{{- if gt (len .) 1 }}{{ $told = true }}{{ end -}}
{{- end -}}
{{- ternary "" "true" $told -}}
{{- end -}}
{{- end -}}

{{/* What its own pod needs, as YAML. Takes the root. */}}
{{- define "vllm-monitoring.alertmanagerPod" -}}
{{- $a := .Values.alertmanager -}}
{{- $several := include "vllm-monitoring.severalAlertmanagers" . -}}
containers:
  - name: alertmanager
    args:
      - --config.file=/etc/alertmanager/config/alertmanager.yml
      - --storage.path=/alertmanager
      {{- with include "vllm-monitoring.externalURL" $a }}
      - {{ printf "--web.external-url=%s" . | quote }}
      {{- end }}
      {{- if $several }}
      - --cluster.listen-address=[$(POD_IP)]:{{ include "vllm-monitoring.port" "gossip" }}
      # All of them, looked up again and again.
      - --cluster.peer={{ include "vllm-monitoring.fullname" . }}-alertmanagers.{{ .Release.Namespace }}.svc:{{ include "vllm-monitoring.port" "gossip" }}
    env:
      - name: POD_IP
        valueFrom: {fieldRef: {fieldPath: status.podIP}}
      {{- else }}
      - --cluster.listen-address= # one replica: no gossip, no port for it
      {{- end }}
    ports:
      - {name: http, containerPort: {{ include "vllm-monitoring.port" "alertmanager" }}}
      {{- if $several }}
      - {name: gossip, containerPort: {{ include "vllm-monitoring.port" "gossip" }}}
      - {name: gossip-udp, containerPort: {{ include "vllm-monitoring.port" "gossip" }}, protocol: UDP}
      {{- end }}
    readinessProbe:
      httpGet: {path: /-/ready, port: http}
    livenessProbe:
      httpGet: {path: /-/healthy, port: http}
    volumeMounts:
      - {name: config, mountPath: /etc/alertmanager/config, readOnly: true}
      - {name: data, mountPath: /alertmanager}
volumes:
  - name: config
    secret: {secretName: {{ $a.existingSecret | default (printf "%s-alertmanager" (include "vllm-monitoring.fullname" .)) | quote }}}
  {{- include "vllm-monitoring.scratch" (list "data" $a.storage) | nindent 2 }}
{{- end -}}
