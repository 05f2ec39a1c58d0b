{{/* Where standalone mode's Prometheus is asked, inside the cluster. Takes the root. */}}
{{- define "vllm-monitoring.prometheusURL" -}}
{{- printf "http://%s-prometheus.%s.svc:9090" (include "vllm-monitoring.fullname" .) .Release.Namespace -}}
{{- end -}}
