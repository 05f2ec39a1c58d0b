{{/*
How vLLM's /metrics is reached: scheme, TLS and token of metrics.scrape, in the words of each operator's
objects and of Prometheus's own configuration.
*/}}

{{/* Fields of an object's endpoint, JSON map. Takes (list root scheme). */}}
{{- define "vllm-monitoring.monitorAccess" -}}
{{- $root := index . 0 -}}
{{- $s := $root.Values.metrics.scrape -}}
{{- $google := eq (include "vllm-monitoring.mode" $root) "google" -}}
{{- $access := dict -}}
{{- if eq (index . 1) "https" -}}
{{- $tls := dict "insecureSkipVerify" $s.tls.insecureSkipVerify -}}
{{- with $s.tls.serverName }}{{ $_ := set $tls "serverName" . }}{{ end -}}
{{- with $s.tls.ca.secretName }}{{ $_ := set $tls "ca" (dict "secret" (dict "name" . "key" $s.tls.ca.secretKey)) }}{{ end -}}
{{- with $s.tls.clientSecretName -}}
{{- $key := dict "name" . "key" "tls.key" -}}
{{- $_ := set $tls "cert" (dict "secret" (dict "name" . "key" "tls.crt")) -}}
{{- $_ := set $tls (ternary "key" "keySecret" $google) (ternary (dict "secret" $key) $key $google) -}}
{{- end -}}
{{- $_ := set $access "scheme" "https" -}}
{{- $_ := set $access (ternary "tls" "tlsConfig" $google) $tls -}}
{{- end -}}
{{- with $s.bearer.secretName -}}
{{- $token := dict "name" . "key" $s.bearer.secretKey -}}
{{- $_ := set $access "authorization" (dict "credentials" (ternary (dict "secret" $token) $token $google)) -}}
{{- end -}}
{{- toJson $access -}}
{{- end -}}

{{/* The folder that Prometheus finds a scrape's Secrets in. */}}
{{- define "vllm-monitoring.scrapeSecretsPath" -}}/etc/prometheus/scrape{{- end -}}

{{/* Fields of a job of Prometheus, JSON map. Takes (list root scheme). */}}
{{- define "vllm-monitoring.jobAccess" -}}
{{- $root := index . 0 -}}
{{- $s := $root.Values.metrics.scrape -}}
{{- $path := include "vllm-monitoring.scrapeSecretsPath" $root -}}
{{- $access := dict -}}
{{- if eq (index . 1) "https" -}}
{{- $tls := dict "insecure_skip_verify" $s.tls.insecureSkipVerify -}}
{{- with $s.tls.serverName }}{{ $_ := set $tls "server_name" . }}{{ end -}}
{{- with $s.tls.ca.secretName }}{{ $_ := set $tls "ca_file" (printf "%s/%s/%s" $path . $s.tls.ca.secretKey) }}{{ end -}}
{{- with $s.tls.clientSecretName -}}
{{- $_ := set $tls "cert_file" (printf "%s/%s/tls.crt" $path .) -}}
{{- $_ := set $tls "key_file" (printf "%s/%s/tls.key" $path .) -}}
{{- end -}}
{{- $_ := set $access "scheme" "https" -}}
{{- $_ := set $access "tls_config" $tls -}}
{{- end -}}
{{- with $s.bearer.secretName -}}
{{- $_ := set $access "authorization" (dict "credentials_file" (printf "%s/%s/%s" $path . $s.bearer.secretKey)) -}}
{{- end -}}
{{- toJson $access -}}
{{- end -}}

{{/* The Secrets that a scrape reads, each once; JSON list. Takes the root. */}}
{{- define "vllm-monitoring.scrapeSecrets" -}}
{{- $s := .Values.metrics.scrape -}}
{{- $names := list $s.bearer.secretName -}}
{{- range (include "vllm-monitoring.entries" . | fromJson).entries -}}
{{- if eq .scrape.scheme "https" }}{{ $names = append (append $names $s.tls.ca.secretName) $s.tls.clientSecretName }}{{ end -}}
{{- end -}}
{{- ternary $names list $s.enabled | compact | uniq | toJson -}}
{{- end -}}

{{/*
metrics.scrape.limits by the names of each reader, JSON map without those that are off. Takes (list root reader),
the reader being prometheus, operator, google or victoriametrics.
*/}}
{{- define "vllm-monitoring.scrapeLimits" -}}
{{- $limits := (index . 0).Values.metrics.scrape.limits -}}
{{- $names := get (dict
      "prometheus" (dict "samples" "sample_limit" "labels" "label_limit" "labelNameLength" "label_name_length_limit" "labelValueLength" "label_value_length_limit" "bodySize" "body_size_limit")
      "operator" (dict "samples" "sampleLimit" "labels" "labelLimit" "labelNameLength" "labelNameLengthLimit" "labelValueLength" "labelValueLengthLimit" "bodySize" "bodySizeLimit")
      "google" (dict "samples" "samples" "labels" "labels" "labelNameLength" "labelNameLength" "labelValueLength" "labelValueLength")
      "victoriametrics" (dict "samples" "sampleLimit")) (index . 1) -}}
{{- $out := dict -}}
{{- range $limit, $name := $names -}}
{{- with get $limits $limit -}}
{{- $_ := set $out $name (ternary . (. | int64) (kindIs "string" .)) -}}
{{- end -}}
{{- end -}}
{{- toJson $out -}}
{{- end -}}
