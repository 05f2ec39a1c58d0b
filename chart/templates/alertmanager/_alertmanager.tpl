{{/* Whether this chart runs an Alertmanager: "true" or "". Takes the root. */}}
{{- define "vllm-monitoring.ownAlertmanager" -}}
{{- if and .Values.alertmanager.enabled .Values.rules.enabled (not (include "vllm-monitoring.operatorMode" .)) -}}
true
{{- end -}}
{{- end -}}

{{/* Where it is asked, inside the cluster. Takes the root. */}}
{{- define "vllm-monitoring.alertmanagerURL" -}}
{{- printf "http://%s-alertmanager.%s.svc:9093" (include "vllm-monitoring.fullname" .) .Release.Namespace -}}
{{- end -}}

{{/* Every Alertmanager that the Prometheus of standalone mode sends to, as JSON. Takes the root. */}}
{{- define "vllm-monitoring.alertmanagers" -}}
{{- $all := .Values.prometheus.alertmanagers | default list -}}
{{- if include "vllm-monitoring.ownAlertmanager" . -}}
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
