{{/*
A NetworkPolicy that lets connections in to one component. Takes (dict "root" "component" "rules"),
a rule being {ports, udp, peers, own, open}: `own` are the components of this release that are let in beside
peers; without either nobody is, unless `open` says everybody is.
*/}}
{{- define "vllm-monitoring.networkPolicy" -}}
{{- $root := .root -}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "vllm-monitoring.fullname" $root }}-{{ .component }}
  namespace: {{ $root.Release.Namespace | quote }}
  labels: {{- include "vllm-monitoring.labels" (list $root .component) | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "vllm-monitoring.selectorLabels" (list $root .component) | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    {{- range .rules }}
    {{- /* An empty `from` is from anywhere, so a rule for nobody is left out. */}}
    {{- if or .open .peers .own }}
    - ports:
        {{- range .ports }}
        - {port: {{ . }}, protocol: TCP}
        {{- end }}
        {{- range .udp }}
        - {port: {{ . }}, protocol: UDP}
        {{- end }}
      {{- if not .open }}
      from:
        {{- with .peers }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- range .own }}
        - podSelector:
            matchLabels: {{- include "vllm-monitoring.selectorLabels" (list $root .) | nindent 14 }}
        {{- end }}
      {{- end }}
    {{- end }}
    {{- end }}
{{ end -}}

{{/*
Who may send spans beside this release's own parts, as a list of JSON: whom `senders` names, and with
`auto` every pod of the release's namespace and of those that models are watched in. Takes the root.
*/}}
{{- define "vllm-monitoring.spanSenders" -}}
{{- $n := .Values.networkPolicies -}}
{{- $peers := $n.senders | default list -}}
{{- if eq (toString $n.enabled) "auto" -}}
{{- $namespaces := list .Release.Namespace -}}
{{- range (include "vllm-monitoring.entries" . | fromJson).entries }}{{ $namespaces = concat $namespaces .namespaces }}{{ end -}}
{{- if has "*" $namespaces -}}
{{- $peers = append $peers (dict "namespaceSelector" dict) -}}
{{- else -}}
{{- $in := dict "key" "kubernetes.io/metadata.name" "operator" "In" "values" ($namespaces | uniq | sortAlpha) -}}
{{- $peers = append $peers (dict "namespaceSelector" (dict "matchExpressions" (list $in))) -}}
{{- end -}}
{{- end -}}
{{- toJson $peers -}}
{{- end -}}
