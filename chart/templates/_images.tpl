{{/*
An image reference: the registry of `global.imageRegistry`, else of the image itself, in place of the one
that `repository` begins with, which is its first part with a dot or a colon, or `localhost`. Takes (dict
"root" "image" {registry, repository, tag, digest} "default" the tag where none is given).
*/}}
{{- define "vllm-monitoring.image" -}}
{{- $repository := .image.repository -}}
{{- $registry := (.root.Values.global).imageRegistry | default .image.registry | default "" | trimSuffix "/" -}}
{{- if and $registry (not (hasPrefix (printf "%s/" $registry) $repository)) -}}
{{- $repository = printf "%s/%s" $registry (regexReplaceAll "^([^/]*[.:][^/]*|localhost)/" $repository "") -}}
{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .default .image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The pull secrets of a pod: `imagePullSecrets` and those of `global`, each once. Takes the root. */}}
{{- define "vllm-monitoring.imagePullSecrets" -}}
{{- $names := list -}}
{{- range concat ((.Values.global).imagePullSecrets | default list) (.Values.imagePullSecrets | default list) -}}
{{- if kindIs "string" . }}{{ $names = append $names . }}{{ else }}{{ $names = append $names .name }}{{ end -}}
{{- end -}}
{{- with $names | uniq }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end -}}
