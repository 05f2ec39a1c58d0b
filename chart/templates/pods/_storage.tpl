{{/* Disks of this chart's pods. */}}

{{/*
`storageClassName` of a claim, or nothing for the cluster's default class. As in other charts,
`global.storageClass` wins, and `-` is the class "". Takes (list root storageClassName).
*/}}
{{- define "vllm-monitoring.storageClass" -}}
{{- $global := (index . 0).Values.global | default dict -}}
{{- with $global.storageClass | default (index . 1) | default $global.defaultStorageClass -}}
storageClassName: {{ ternary "" . (eq . "-") | quote }}
{{- end -}}
{{- end -}}

{{/*
The claim of a part's disk where it is to outlive the pod, as a StatefulSet's volumeClaimTemplates, or
nothing. Takes (list root name storage).
*/}}
{{- define "vllm-monitoring.claim" -}}
{{- $storage := index . 2 -}}
{{- if $storage.persistent -}}
volumeClaimTemplates:
  - metadata:
      name: {{ index . 1 }}
    spec:
      accessModes: [ReadWriteOnce]
      {{- include "vllm-monitoring.storageClass" (list (index . 0) $storage.storageClassName) | nindent 6 }}
      resources:
        requests: {storage: {{ $storage.size }}}
{{- end -}}
{{- end -}}

{{/* The volume of a part's disk where it ends with the pod, as an entry of `volumes`, or nothing. Takes (list name storage). */}}
{{- define "vllm-monitoring.scratch" -}}
{{- $storage := index . 1 -}}
{{- if not $storage.persistent -}}
- name: {{ index . 0 }}
  emptyDir: {sizeLimit: {{ $storage.size }}}
{{- end -}}
{{- end -}}
