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

{{/* The pull secrets of a pod, those of `global` first, each once; JSON. Takes the root. */}}
{{- define "vllm-monitoring.imagePullSecrets" -}}
{{- $secrets := list -}}
{{- range concat ((.Values.global).imagePullSecrets | default list) (.Values.imagePullSecrets | default list) -}}
{{- if kindIs "string" . }}{{ $secrets = append $secrets (dict "name" .) }}{{ else }}{{ $secrets = append $secrets (dict "name" .name) }}{{ end -}}
{{- end -}}
{{- $secrets | uniq | toJson -}}
{{- end -}}
