{{/*
The user that a deployed model runs as: a number, 0 for root, or nothing where the platform chooses.
Takes (list root deploy).
*/}}
{{- define "vllm-monitoring.vllmUser" -}}
{{- $user := dig "runAsUser" ((index . 0).Files.Get "files/catalog.yaml" | fromYaml).image.user (index . 1) -}}
{{- if not (kindIs "invalid" $user) }}{{ int $user }}{{ end -}}
{{- end -}}

{{/*
The pod's security, `restricted` unless the values say root: an image from before
catalog.image.nonRootSince runs as nobody else. Takes (list root deploy).
*/}}
{{- define "vllm-monitoring.vllmPodSecurity" -}}
{{- $user := include "vllm-monitoring.vllmUser" . -}}
{{- if ne $user "0" -}}
{{- include "vllm-monitoring.podSecurity" (list (index . 0) $user) -}}
{{- else -}}
runAsUser: 0
seccompProfile: {type: RuntimeDefault}
{{- end -}}
{{- end -}}

{{/* How Kubernetes asks /health. Takes the root. */}}
{{- define "vllm-monitoring.vllmHealth" -}}
httpGet: {path: /health, port: http{{ if eq .Values.metrics.scrape.scheme "https" }}, scheme: HTTPS{{ end }}}
{{- end -}}

{{/*
A pause between leaving the Service and SIGTERM, for clients that still know the address. Kubernetes
sleeps by itself from 1.30 on; before, no pause. Takes (list root deploy).
*/}}
{{- define "vllm-monitoring.vllmDrain" -}}
{{- $seconds := dig "drainSeconds" 5 (index . 1) | int -}}
{{- if and $seconds (semverCompare ">=1.30.0-0" (index . 0).Capabilities.KubeVersion.Version) -}}
lifecycle:
  preStop: {sleep: {seconds: {{ $seconds }}}}
{{- end -}}
{{- end -}}

{{/* Its placement, with the model's own pods where a spread constraint names none; JSON. Takes (list root entry). */}}
{{- define "vllm-monitoring.vllmPlacement" -}}
{{- $d := (index . 1).deploy -}}
{{- $own := dict "labelSelector" (dict "matchLabels" (include "vllm-monitoring.modelSelector" (list (index . 0) (index . 1).slug) | fromYaml)) -}}
{{- $spread := list -}}
{{- range $d.topologySpreadConstraints -}}
{{- $spread = append $spread (merge (dict) . $own) -}}
{{- end -}}
{{- merge (dict "topologySpreadConstraints" $spread) (pick $d "nodeSelector" "tolerations" "affinity" "priorityClassName") | toJson -}}
{{- end -}}
