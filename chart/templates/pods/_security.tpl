{{/*
Whether user ids are left to the platform: "true" or "". As in Bitnami's charts. Takes the root.
*/}}
{{- define "vllm-monitoring.adaptSecurityContext" -}}
{{- $adapt := (((.Values.global).compatibility).openshift).adaptSecurityContext | default "auto" -}}
{{- if or (eq $adapt "force") (and (eq $adapt "auto") (or (.Capabilities.APIVersions.Has "security.openshift.io/v1") (.Capabilities.APIVersions.Has "security.openshift.io/v1/SecurityContextConstraints"))) -}}
true
{{- end -}}
{{- end -}}

{{/*
A security context of a pod or container, as JSON: without what is null, and without ids where they are
left to the platform. Takes (list root context).
*/}}
{{- define "vllm-monitoring.securityContext" -}}
{{- $context := dict -}}
{{- range $key, $value := index . 1 -}}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $context $key $value }}{{ end -}}
{{- end -}}
{{- if include "vllm-monitoring.adaptSecurityContext" (index . 0) -}}
{{- $context = omit $context "runAsUser" "runAsGroup" "fsGroup" -}}
{{- end -}}
{{- toJson $context -}}
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
priorityClassName: {{ . | quote }}
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
