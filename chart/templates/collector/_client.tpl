{{/*
What this release's own callers (deployed vLLM, balancers, `helm test`) show to a receiver that asks
for TLS, a certificate or a token.
*/}}

{{/* Where the authority and, for mTLS, a caller's certificate and key are mounted. */}}
{{- define "vllm-monitoring.callerFolder" -}}/etc/vllm-monitoring/receiver-client{{- end -}}

{{/*
Its files by their use: JSON {ca, cert, key}, empty without TLS; cert and key where the receiver asks
for them. Takes the root.
*/}}
{{- define "vllm-monitoring.callerFiles" -}}
{{- $r := .Values.tracing.receiver -}}
{{- $folder := include "vllm-monitoring.callerFolder" . -}}
{{- $files := dict -}}
{{- if $r.tls.secretName -}}
{{- $_ := set $files "ca" (printf "%s/ca.crt" $folder) -}}
{{- if $r.tls.clientCA -}}
{{- $_ := set $files "cert" (printf "%s/tls.crt" $folder) -}}
{{- $_ := set $files "key" (printf "%s/tls.key" $folder) -}}
{{- end -}}
{{- end -}}
{{- toJson $files -}}
{{- end -}}

{{/*
Their volume, as JSON; only these files, for the receiver's Secret also has its private key. Empty
without TLS. Takes the root.
*/}}
{{- define "vllm-monitoring.callerVolume" -}}
{{- $r := .Values.tracing.receiver -}}
{{- if $r.tls.secretName -}}
{{- $ca := list (dict "key" $r.client.ca "path" "ca.crt") -}}
{{- $sources := list -}}
{{- if $r.client.caConfigMap -}}
{{- $sources = append $sources (dict "configMap" (dict "name" $r.client.caConfigMap "items" $ca)) -}}
{{- else -}}
{{- $sources = append $sources (dict "secret" (dict "name" ($r.client.secretName | default $r.tls.secretName) "items" $ca)) -}}
{{- end -}}
{{- if $r.tls.clientCA -}}
{{- $items := list (dict "key" $r.client.cert "path" "tls.crt") (dict "key" $r.client.key "path" "tls.key") -}}
{{- $sources = append $sources (dict "secret" (dict "name" $r.client.secretName "items" $items)) -}}
{{- end -}}
{{- dict "name" "receiver-client" "projected" (dict "sources" $sources) | toJson -}}
{{- end -}}
{{- end -}}

{{/* Its mount, as JSON. Takes the root. */}}
{{- define "vllm-monitoring.callerMount" -}}
{{- dict "name" "receiver-client" "mountPath" (include "vllm-monitoring.callerFolder" .) "readOnly" true | toJson -}}
{{- end -}}

{{/* The key of the token that they send. Takes the root. */}}
{{- define "vllm-monitoring.ownTokenKey" -}}
{{- $b := .Values.tracing.receiver.bearerToken -}}
{{- $b.clientKey | default $b.key -}}
{{- end -}}

{{/* Where a collector has it. Takes the root. */}}
{{- define "vllm-monitoring.ownTokenFile" -}}
/etc/vllm-monitoring/receiver-token/{{ include "vllm-monitoring.ownTokenKey" . }}
{{- end -}}

{{/* The variable with it, as a list of JSON; empty without a token. Takes the root. */}}
{{- define "vllm-monitoring.ownTokenEnv" -}}
{{- $env := list -}}
{{- with .Values.tracing.receiver.bearerToken.secretName -}}
{{- $ref := dict "name" . "key" (include "vllm-monitoring.ownTokenKey" $) -}}
{{- $env = append $env (dict "name" "RECEIVER_TOKEN" "valueFrom" (dict "secretKeyRef" $ref)) -}}
{{- end -}}
{{- toJson $env -}}
{{- end -}}

{{/*
The environment of an OpenTelemetry SDK that sends here; a list in JSON. For all signals: vLLM passes
insecure=True, upon which its exporter reads none of the variables for traces alone, while the
https:// of the endpoint has it read these. Header values are percent-encoded by OpenTelemetry's
specification; no character of a bearer token needs it but the blank before. Takes the root.
*/}}
{{- define "vllm-monitoring.callerEnv" -}}
{{- $env := list -}}
{{- $files := include "vllm-monitoring.callerFiles" . | fromJson -}}
{{- range $file, $variable := dict "ca" "CERTIFICATE" "cert" "CLIENT_CERTIFICATE" "key" "CLIENT_KEY" -}}
{{- with get $files $file -}}
{{- $env = append $env (dict "name" (printf "OTEL_EXPORTER_OTLP_%s" $variable) "value" .) -}}
{{- end -}}
{{- end -}}
{{- with include "vllm-monitoring.ownTokenEnv" . | fromJsonArray -}}
{{- $env = append (concat $env .) (dict "name" "OTEL_EXPORTER_OTLP_HEADERS" "value" "authorization=Bearer%20$(RECEIVER_TOKEN)") -}}
{{- end -}}
{{- toJson $env -}}
{{- end -}}

{{/*
How a balancer reaches samplers. By address, so the certificate is held to the callers' name; the
collector sends a token of its own accord over TLS alone, and as a header otherwise. Takes the root.
*/}}
{{- define "vllm-monitoring.toSamplers" -}}
{{- $files := include "vllm-monitoring.callerFiles" . | fromJson -}}
{{- $token := .Values.tracing.receiver.bearerToken.secretName -}}
{{- if $files -}}
tls:
  {{- range $file, $path := $files }}
  {{ $file }}_file: {{ $path }}
  {{- end }}
  reload_interval: 1m
  server_name_override: {{ include "vllm-monitoring.otlpHost" . }}
{{- if $token }}
auth: {authenticator: bearertokenauth/samplers}
{{- end }}
{{- else -}}
tls: {insecure: true}
{{- if $token }}
headers: {authorization: "Bearer ${env:RECEIVER_TOKEN}"}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Those callers, as a list of JSON. Takes the root. */}}
{{- define "vllm-monitoring.ownCallers" -}}
{{- $callers := list -}}
{{- if .Values.helmTest.enabled }}{{ $callers = append $callers "helm test" }}{{ end -}}
{{- if include "vllm-monitoring.balanced" . }}{{ $callers = append $callers "balancers" }}{{ end -}}
{{- range (include "vllm-monitoring.entries" . | fromJson).entries -}}
{{- if and (dig "deploy" "enabled" false .) (include "vllm-monitoring.vllmTraces" (list $ .)) }}{{ $callers = append $callers (printf "vLLM %s" .name) }}{{ end -}}
{{- end -}}
{{- toJson $callers -}}
{{- end -}}
