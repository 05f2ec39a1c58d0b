{{/*
The probe: a blackbox exporter that sends a request for one token to whatever target Prometheus names. Prometheus
finds the pods as for their metrics, and asks the exporter about each.
*/}}

{{/* Requests by models[].probe.request: the path, and a body that leaves the model to the server. YAML. */}}
{{- define "vllm-monitoring.probeRequests" -}}
completions: {path: /v1/completions, body: {prompt: a, max_tokens: 1}}
embeddings: {path: /v1/embeddings, body: {input: a}}
pooling: {path: /pooling, body: {input: a}}
score: {path: /score, body: {text_1: a, text_2: a}}
classify: {path: /classify, body: {input: a}}
{{- end -}}

{{/*
The entries that are probed, as vllm-monitoring.entries gives them, with `asked`: {request, path, body,
scheme}, and `ports` those of the API. JSON list. Takes the root.
*/}}
{{- define "vllm-monitoring.probed" -}}
{{- $requests := include "vllm-monitoring.probeRequests" . | fromYaml -}}
{{- $probed := list -}}
{{- if .Values.probe.enabled -}}
{{- range (include "vllm-monitoring.entries" . | fromJson).entries -}}
{{- $own := .probe | default dict -}}
{{- $request := $own.request | default $.Values.probe.request -}}
{{- if ne $request "none" -}}
{{- $asked := merge (dict "request" $request "scheme" ($own.scheme | default .scrape.scheme)) (get $requests $request) -}}
{{- $ports := ternary (list (toString $own.port)) .ports (not (not $own.port)) -}}
{{- $probed = append $probed (merge (dict "asked" $asked "ports" $ports "port" (first $ports)) .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $probed -}}
{{- end -}}

{{/* The exporter's address. Takes the root. */}}
{{- define "vllm-monitoring.probeHost" -}}
{{- printf "%s-probe.%s.svc:%s" (include "vllm-monitoring.fullname" .) .Release.Namespace (include "vllm-monitoring.port" "probe") -}}
{{- end -}}

{{/* A module's name: a request and how it is sent. Takes a probed entry. */}}
{{- define "vllm-monitoring.probeModule" -}}
{{- printf "%s-%s" .asked.request .asked.scheme -}}
{{- end -}}

{{/*
From a discovered pod to a request about it: JSON list of steps. The label `probe_of` takes the place of
vllm_monitoring, as `up` of these targets counts no replica. Takes (list root entry).
*/}}
{{- define "vllm-monitoring.probeSteps" -}}
{{- $entry := index . 1 -}}
{{- list
      (dict "source" "__address__" "target" "instance")
      (dict "source" "__address__" "regex" "(.+)" "target" "__param_target" "replacement" (printf "%s://$1%s" $entry.asked.scheme $entry.asked.path))
      (dict "target" "__address__" "replacement" (include "vllm-monitoring.probeHost" (index . 0)))
      (dict "target" "model" "replacement" ($entry.name | replace "$" "$$"))
      (dict "target" "probe_of" "replacement" (include "vllm-monitoring.id" (index . 0))) | toJson -}}
{{- end -}}

{{/* What is stored of an answer: JSON list of steps. */}}
{{- define "vllm-monitoring.probeSeries" -}}
{{- list (dict "source" "__name__" "regex" "probe_(success|duration_seconds|http_status_code)" "action" "keep") | toJson -}}
{{- end -}}

{{/*
The exporter's configuration. Prometheus' own timeout is probe.timeout, of which the exporter leaves half a second
for its answer. Takes the root.
*/}}
{{- define "vllm-monitoring.probeConfig" -}}
{{- $modules := dict -}}
{{- range include "vllm-monitoring.probed" . | fromJsonArray -}}
{{- $http := dict
      "method" "POST"
      "headers" (dict "Content-Type" "application/json")
      "body" (toJson .asked.body)
      "valid_status_codes" (list 200)
      "follow_redirects" false -}}
{{- if eq .asked.scheme "https" -}}
{{- $_ := set $http "tls_config" (include "vllm-monitoring.jobAccess" (list $ "https") | fromJson).tls_config -}}
{{- end -}}
{{- if $.Values.probe.apiKey.secretName -}}
{{- $_ := set $http "authorization" (dict "credentials_file" (printf "%s/%s" (include "vllm-monitoring.probeKeyPath" $) $.Values.probe.apiKey.secretKey)) -}}
{{- end -}}
{{- $_ := set $modules (include "vllm-monitoring.probeModule" .) (dict "prober" "http" "timeout" $.Values.probe.timeout "http" $http) -}}
{{- end -}}
{{- dict "modules" $modules | toYaml -}}
{{- end -}}

{{- define "vllm-monitoring.probeKeyPath" -}}/etc/probe/api-key{{- end -}}

{{/* The Secrets of TLS that it reads, JSON list. Takes the root. */}}
{{- define "vllm-monitoring.probeTLS" -}}
{{- $names := list -}}
{{- range include "vllm-monitoring.probed" . | fromJsonArray -}}
{{- if eq .asked.scheme "https" }}{{ $names = list $.Values.metrics.scrape.tls.ca.secretName $.Values.metrics.scrape.tls.clientSecretName }}{{ end -}}
{{- end -}}
{{- $names | compact | uniq | toJson -}}
{{- end -}}

{{/* What its own pod needs, as YAML. Takes the root. */}}
{{- define "vllm-monitoring.probePod" -}}
{{- $key := .Values.probe.apiKey -}}
containers:
  - name: probe
    args:
      - --config.file=/etc/probe/config/probe.yaml
      - --web.listen-address=:{{ include "vllm-monitoring.port" "probe" }}
    ports:
      - {name: http, containerPort: {{ include "vllm-monitoring.port" "probe" }}}
    readinessProbe:
      httpGet: {path: /-/healthy, port: http}
    livenessProbe:
      httpGet: {path: /-/healthy, port: http}
    volumeMounts:
      - {name: config, mountPath: /etc/probe/config, readOnly: true}
      {{- if $key.secretName }}
      - {name: api-key, mountPath: {{ include "vllm-monitoring.probeKeyPath" . }}, readOnly: true}
      {{- end }}
      {{- range $i, $name := include "vllm-monitoring.probeTLS" . | fromJsonArray }}
      - {name: tls-{{ $i }}, mountPath: {{ printf "%s/%s" (include "vllm-monitoring.scrapeSecretsPath" $) $name | quote }}, readOnly: true}
      {{- end }}
volumes:
  - name: config
    configMap: {name: {{ include "vllm-monitoring.fullname" . }}-probe}
  {{- with $key.secretName }}
  - name: api-key
    secret: {secretName: {{ . | quote }}}
  {{- end }}
  {{- range $i, $name := include "vllm-monitoring.probeTLS" . | fromJsonArray }}
  - name: tls-{{ $i }}
    secret: {secretName: {{ $name | quote }}}
  {{- end }}
{{- end -}}
