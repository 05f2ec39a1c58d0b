{{/*
How vLLM's /metrics is reached: scheme, TLS and token of metrics.scrape, in the words of the
operator's monitors and of Prometheus's own configuration.
*/}}

{{/* Fields of a monitor's endpoint. Takes the root. */}}
{{- define "vllm-monitoring.monitorAccess" -}}
{{- $s := .Values.metrics.scrape -}}
{{- if eq $s.scheme "https" }}
scheme: https
tlsConfig:
  insecureSkipVerify: {{ $s.tls.insecureSkipVerify }}
  {{- with $s.tls.serverName }}
  serverName: {{ . }}
  {{- end }}
  {{- with $s.tls.ca.secretName }}
  ca:
    secret: {name: {{ . }}, key: {{ $s.tls.ca.secretKey }}}
  {{- end }}
  {{- with $s.tls.clientSecretName }}
  cert:
    secret: {name: {{ . }}, key: tls.crt}
  keySecret: {name: {{ . }}, key: tls.key}
  {{- end }}
{{- end }}
{{- with $s.bearer.secretName }}
authorization:
  credentials: {name: {{ . }}, key: {{ $s.bearer.secretKey }}}
{{- end }}
{{- end -}}

{{/* The folder that Prometheus finds a scrape's Secrets in. */}}
{{- define "vllm-monitoring.scrapeSecretsPath" -}}/etc/prometheus/scrape{{- end -}}

{{/* Fields of a job of Prometheus. Takes the root. */}}
{{- define "vllm-monitoring.jobAccess" -}}
{{- $s := .Values.metrics.scrape -}}
{{- $path := include "vllm-monitoring.scrapeSecretsPath" . -}}
{{- if eq $s.scheme "https" }}
scheme: https
tls_config:
  insecure_skip_verify: {{ $s.tls.insecureSkipVerify }}
  {{- with $s.tls.serverName }}
  server_name: {{ . }}
  {{- end }}
  {{- with $s.tls.ca.secretName }}
  ca_file: {{ $path }}/{{ . }}/{{ $s.tls.ca.secretKey }}
  {{- end }}
  {{- with $s.tls.clientSecretName }}
  cert_file: {{ $path }}/{{ . }}/tls.crt
  key_file: {{ $path }}/{{ . }}/tls.key
  {{- end }}
{{- end }}
{{- with $s.bearer.secretName }}
authorization:
  credentials_file: {{ $path }}/{{ . }}/{{ $s.bearer.secretKey }}
{{- end }}
{{- end -}}

{{/* The Secrets that a scrape reads, each once; JSON list. Takes the root. */}}
{{- define "vllm-monitoring.scrapeSecrets" -}}
{{- $s := .Values.metrics.scrape -}}
{{- $names := list $s.bearer.secretName -}}
{{- if eq $s.scheme "https" }}{{ $names = append (append $names $s.tls.ca.secretName) $s.tls.clientSecretName }}{{ end -}}
{{- ternary $names list $s.enabled | compact | uniq | toJson -}}
{{- end -}}
