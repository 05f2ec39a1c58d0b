{{/* Where standalone mode's Prometheus is asked, inside the cluster. Takes the root. */}}
{{- define "vllm-monitoring.prometheusURL" -}}
{{- printf "http://%s-prometheus.%s.svc:9090" (include "vllm-monitoring.fullname" .) .Release.Namespace -}}
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
