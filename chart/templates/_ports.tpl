{{/* The ports that this chart's parts listen on. Takes the port's name. */}}
{{- define "vllm-monitoring.port" -}}
{{- get (dict
      "prometheus" 9090
      "alertmanager" 9093
      "gossip" 9094
      "grafana" 3000
      "jaeger" 16686
      "otlp" 4317
      "otlpHTTP" 4318
      "metrics" 8888
      "spanMetrics" 8889
      "probe" 9115
      "health" 13133) . -}}
{{- end -}}
