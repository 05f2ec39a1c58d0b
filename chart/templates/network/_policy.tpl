{{/*
A NetworkPolicy that lets connections in to one component. Takes (dict "root" "component" "rules"),
a rule being {ports, peers, own}: `own` are the components of this release that are let in beside
peers; without peers everybody is.
*/}}
{{- define "vllm-monitoring.networkPolicy" -}}
{{- $root := .root -}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "vllm-monitoring.fullname" $root }}-{{ .component }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "vllm-monitoring.labels" (list $root .component) | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "vllm-monitoring.selectorLabels" (list $root .component) | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    {{- range .rules }}
    - ports:
        {{- range .ports }}
        - {port: {{ . }}, protocol: TCP}
        {{- end }}
      {{- if .peers }}
      from:
        {{- toYaml .peers | nindent 8 }}
        {{- range .own }}
        - podSelector:
            matchLabels: {{- include "vllm-monitoring.selectorLabels" (list $root .) | nindent 14 }}
        {{- end }}
      {{- end }}
    {{- end }}
{{ end -}}
