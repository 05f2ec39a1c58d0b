{{/* An image reference. Takes (dict "image" {repository, tag, digest} "default" the tag where none is given). */}}
{{- define "vllm-monitoring.image" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (default .default .image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The pull secrets of a pod. Takes the root. */}}
{{- define "vllm-monitoring.imagePullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}
