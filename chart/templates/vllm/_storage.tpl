{{/* Where a deployed model's weights are. */}}

{{/* The keys of storage that name a source, of which one may be given; JSON list. Takes deploy. */}}
{{- define "vllm-monitoring.storageSources" -}}
{{- $sources := list -}}
{{- range $key := list "existingClaim" "size" "image" "hostPath" -}}
{{- if get ($.storage | default dict) $key }}{{ $sources = append $sources $key }}{{ end -}}
{{- end -}}
{{- toJson $sources -}}
{{- end -}}

{{/* Where they are mounted. Takes deploy. */}}
{{- define "vllm-monitoring.storagePath" -}}
{{- dig "storage" "mountPath" "/models" . -}}
{{- end -}}

{{/* Whether vLLM may write there, and so downloads into it: "true" or "". Takes deploy. */}}
{{- define "vllm-monitoring.storageWritable" -}}
{{- $s := .storage | default dict -}}
{{- if and (include "vllm-monitoring.storageSources" . | fromJsonArray) (not $s.image) (not $s.readOnly) -}}
true
{{- end -}}
{{- end -}}

{{/* The volume `models`, or nothing. Takes (list name deploy), the name being that of the model's objects. */}}
{{- define "vllm-monitoring.storageVolume" -}}
{{- with (index . 1).storage -}}
{{- if .existingClaim -}}
- name: models
  persistentVolumeClaim: {claimName: {{ .existingClaim | quote }}}
{{- else if .size -}}
- name: models
  persistentVolumeClaim: {claimName: {{ index $ 0 }}-models}
{{- else if .image -}}
- name: models
  image: {reference: {{ .image | quote }}, pullPolicy: IfNotPresent}
{{- else if .hostPath -}}
- name: models
  hostPath: {path: {{ .hostPath | quote }}, type: Directory}
{{- end -}}
{{- end -}}
{{- end -}}
