{{/* A deployed model's image, {repository, tag, digest, pullPolicy} with defaults, as JSON. Takes (list root deploy). */}}
{{- define "vllm-monitoring.vllmImage" -}}
{{- $catalog := (index . 0).Files.Get "files/catalog.yaml" | fromYaml -}}
{{- $default := dict "repository" "vllm/vllm-openai" "tag" $catalog.image.tag "digest" "" "pullPolicy" "IfNotPresent" -}}
{{- merge (dict) ((index . 1).image | default dict) $default | toJson -}}
{{- end -}}

{{/*
The release of vLLM that an image is, 0.33.0, or nothing where that cannot be known: an own
repository numbers as it likes, and `latest` and `nightly` are no numbers. Takes (list root deploy).
*/}}
{{- define "vllm-monitoring.vllmRelease" -}}
{{- $image := include "vllm-monitoring.vllmImage" . | fromJson -}}
{{- if and (regexMatch "(^|/)vllm/vllm-openai$" $image.repository) (regexMatch "^v?[0-9]+\\.[0-9]+\\.[0-9]+" $image.tag) -}}
{{- $image.tag | trimPrefix "v" | regexFind "^[0-9]+\\.[0-9]+\\.[0-9]+" -}}
{{- end -}}
{{- end -}}
