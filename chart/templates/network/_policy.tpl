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
A NetworkPolicy for the connections that one component opens. Takes (dict "root" "component" "own" "peers" "api"
"rules"): `own` is a map from this release's components to the ports at which they are reached, `peers` are
reached at any port, `api` says whether the component asks the API server, `rules` are further ones.
*/}}
{{- define "vllm-monitoring.egressPolicy" -}}
{{- $root := .root -}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "vllm-monitoring.fullname" $root }}-{{ .component }}-egress
  namespace: {{ $root.Release.Namespace | quote }}
  labels: {{- include "vllm-monitoring.labels" (list $root .component) | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "vllm-monitoring.selectorLabels" (list $root .component) | nindent 6 }}
  policyTypes: [Egress]
  egress:
    {{- /* A policy sees the port of the pod, and OpenShift's DNS pods listen at 5353; a cache on the node has no pod. */}}
    - ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}, {port: 5353, protocol: UDP}, {port: 5353, protocol: TCP}]
    {{- if .api }}
    {{- with $root.Values.networkPolicies.egress.kubernetesAPI }}
    - to: {{- toYaml . | nindent 8 }}
    {{- else }}
    - ports: [{port: 443, protocol: TCP}, {port: 6443, protocol: TCP}]
    {{- end }}
    {{- end }}
    {{- range $component, $ports := .own }}
    - to:
        - podSelector:
            matchLabels: {{- include "vllm-monitoring.selectorLabels" (list $root $component) | nindent 14 }}
      {{- with $ports }}
      ports:
        {{- range . }}
        - {port: {{ . }}, protocol: TCP}
        {{- end }}
      {{- end }}
    {{- end }}
    {{- with .rules }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .peers }}
    - to: {{- toYaml . | nindent 8 }}
    {{- end }}
{{ end -}}

{{/* The pods of all entries at their ports, as rules of an egress policy, a JSON list. Takes the root. */}}
{{- define "vllm-monitoring.toTargets" -}}
{{- $rules := list -}}
{{- range ternary (include "vllm-monitoring.entries" . | fromJson).entries list .Values.metrics.scrape.enabled -}}
{{- $pods := dict "matchLabels" .selector -}}
{{- with .selectorExpressions }}{{ $_ := set $pods "matchExpressions" . }}{{ end -}}
{{- $in := dict "key" "kubernetes.io/metadata.name" "operator" "In" "values" .namespaces -}}
{{- $namespaces := ternary dict (dict "matchExpressions" (list $in)) (has "*" .namespaces) -}}
{{- $ports := list -}}
{{- range .ports -}}
{{- $ports = append $ports (dict "protocol" "TCP" "port" (ternary (int .) . (regexMatch "^[0-9]+$" .))) -}}
{{- end -}}
{{- $rules = append $rules (dict "to" (list (dict "podSelector" $pods "namespaceSelector" $namespaces)) "ports" $ports) -}}
{{- end -}}
{{- toJson $rules -}}
{{- end -}}

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
