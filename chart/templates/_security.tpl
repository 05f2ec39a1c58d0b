{{/* Pod Security `restricted`. The pod's part; takes the numeric user. */}}
{{- define "vllm-monitoring.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* The container's part; what must be written lies on a volume. */}}
{{- define "vllm-monitoring.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/*
Where a pod may run, and before whom. Takes a part of the values with nodeSelector, tolerations,
affinity, topologySpreadConstraints and priorityClassName, whichever it has.
*/}}
{{- define "vllm-monitoring.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .topologySpreadConstraints }}
topologySpreadConstraints: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/*
A placement in which replicas go to different nodes where they can, unless it says how they are spread;
JSON. Takes (list root placement component).
*/}}
{{- define "vllm-monitoring.spread" -}}
{{- $root := index . 0 -}}
{{- $placement := deepCopy (index . 1) -}}
{{- $component := index . 2 -}}
{{- if and (gt (int $placement.replicas) 1) (not $placement.topologySpreadConstraints) (not $placement.affinity) -}}
{{- $own := include "vllm-monitoring.selectorLabels" (list $root $component) | fromYaml -}}
{{- $_ := set $placement "topologySpreadConstraints" (list (dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway" "labelSelector" (dict "matchLabels" $own))) -}}
{{- end -}}
{{- pick $placement "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" "priorityClassName" | toJson -}}
{{- end -}}
