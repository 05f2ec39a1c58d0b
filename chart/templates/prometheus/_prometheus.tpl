{{/* Where standalone mode's Prometheus is asked, inside the cluster. Takes the root. */}}
{{- define "vllm-monitoring.prometheusURL" -}}
{{- printf "http://%s-prometheus.%s.svc:%s" (include "vllm-monitoring.fullname" .) .Release.Namespace (include "vllm-monitoring.port" "prometheus") -}}
{{- end -}}

{{/* How much disk samples may take: prometheus.retentionSize, else 80 % of the volume. Takes the root. */}}
{{- define "vllm-monitoring.retentionSize" -}}
{{- with .Values.prometheus.retentionSize -}}
{{- . -}}
{{- else -}}
{{- /* Prometheus' MB are MiB. */ -}}
{{- printf "%dMB" (div (mul (include "vllm-monitoring.mebibytes" .Values.prometheus.storage.size) 80) 100) -}}
{{- end -}}
{{- end -}}

{{/* The folder with the Secrets of remote_write. */}}
{{- define "vllm-monitoring.remoteWritePath" -}}/etc/prometheus/remote-write{{- end -}}

{{/* remote_write of Prometheus, as JSON: the values, with files in place of references. Takes the root. */}}
{{- define "vllm-monitoring.remoteWrite" -}}
{{- $all := list -}}
{{- range .Values.prometheus.remoteWrite -}}
{{- $all = append $all (include "vllm-monitoring.secretFiles" (list . (include "vllm-monitoring.remoteWritePath" $)) | fromJson) -}}
{{- end -}}
{{- $all | toJson -}}
{{- end -}}

{{/* The Secrets that it reads, each once, as JSON. Takes the root. */}}
{{- define "vllm-monitoring.remoteWriteSecrets" -}}
{{- $names := list -}}
{{- $path := include "vllm-monitoring.remoteWritePath" . -}}
{{- range regexFindAll (printf "\"%s/[^/\"]+/" $path) (include "vllm-monitoring.remoteWrite" .) -1 -}}
{{- $names = append $names (base .) -}}
{{- end -}}
{{- $names | uniq | sortAlpha | toJson -}}
{{- end -}}

{{/*
A map with each `key: {secretName, secretKey}` as `key_file`, a file below a folder; as JSON. Takes
(list map folder).
*/}}
{{- define "vllm-monitoring.secretFiles" -}}
{{- $out := dict -}}
{{- $folder := index . 1 -}}
{{- range $key, $value := index . 0 -}}
{{- if not (kindIs "map" $value) -}}
{{- $_ := set $out $key $value -}}
{{- else if hasKey $value "secretName" -}}
{{- $_ := set $out (printf "%s_file" $key) (printf "%s/%s/%s" $folder $value.secretName $value.secretKey) -}}
{{- else -}}
{{- $_ := set $out $key (include "vllm-monitoring.secretFiles" (list $value $folder) | fromJson) -}}
{{- end -}}
{{- end -}}
{{- $out | toJson -}}
{{- end -}}

{{/* What its own pod needs, as YAML. Takes the root. */}}
{{- define "vllm-monitoring.prometheusPod" -}}
{{- $p := .Values.prometheus -}}
{{- $name := printf "%s-prometheus" (include "vllm-monitoring.fullname" .) -}}
containers:
  - name: prometheus
    args:
      - --config.file=/etc/prometheus/config/prometheus.yml
      - --storage.tsdb.path=/prometheus
      - --storage.tsdb.retention.time={{ $p.retention }}
      - --storage.tsdb.retention.size={{ include "vllm-monitoring.retentionSize" . }}
      # By default IPv4 alone.
      - --web.listen-address=:{{ include "vllm-monitoring.port" "prometheus" }}
      # Looked at every 30 s, by content; one that is wrong changes nothing.
      - --config.auto-reload
      # After a restart an alert that waits as long or longer goes on waiting where it was; by default
      # those below 10m begin again.
      - --rules.alert.for-grace-period=1m
      {{- with include "vllm-monitoring.externalURL" $p }}
      - {{ printf "--web.external-url=%s" . | quote }}
      {{- end }}
    ports:
      - {name: http, containerPort: {{ include "vllm-monitoring.port" "prometheus" }}}
    startupProbe:
      httpGet: {path: /-/ready, port: http}
      periodSeconds: 10
      failureThreshold: 90 # replaying a large write-ahead log takes minutes
    readinessProbe:
      httpGet: {path: /-/ready, port: http}
    livenessProbe:
      httpGet: {path: /-/healthy, port: http}
    volumeMounts:
      - {name: config, mountPath: /etc/prometheus/config, readOnly: true}
      {{- if .Values.rules.enabled }}
      - {name: rules, mountPath: /etc/prometheus/rules, readOnly: true}
      {{- end }}
      - {name: data, mountPath: /prometheus}
      {{- range $i, $name := include "vllm-monitoring.scrapeSecrets" . | fromJsonArray }}
      - {name: scrape-{{ $i }}, mountPath: {{ printf "%s/%s" (include "vllm-monitoring.scrapeSecretsPath" $) $name | quote }}, readOnly: true}
      {{- end }}
      {{- range $i, $name := include "vllm-monitoring.remoteWriteSecrets" . | fromJsonArray }}
      - {name: remote-write-{{ $i }}, mountPath: {{ printf "%s/%s" (include "vllm-monitoring.remoteWritePath" $) $name | quote }}, readOnly: true}
      {{- end }}
volumes:
  {{- range $i, $name := include "vllm-monitoring.remoteWriteSecrets" . | fromJsonArray }}
  - name: remote-write-{{ $i }}
    secret: {secretName: {{ $name | quote }}}
  {{- end }}
  {{- range $i, $name := include "vllm-monitoring.scrapeSecrets" . | fromJsonArray }}
  - name: scrape-{{ $i }}
    secret: {secretName: {{ $name | quote }}}
  {{- end }}
  - name: config
    configMap: {name: {{ $name }}}
  {{- if .Values.rules.enabled }}
  - name: rules
    configMap: {name: {{ include "vllm-monitoring.fullname" . }}-rules}
  {{- end }}
  {{- include "vllm-monitoring.scratch" (list "data" $p.storage) | nindent 2 }}
{{- end -}}
