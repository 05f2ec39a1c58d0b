{{/*
How people reach a part: its Service, and an Ingress and an HTTPRoute where they are asked for. The type is
Exposed in plugins/values-validator/schema/src/values/exposed.rs.
*/}}

{{/*
Takes a dict: root, component, values, port (the name of the Service's port that people open), ports (JSON
of all its ports, as in a Service).
*/}}
{{- define "vllm-monitoring.exposed" -}}
{{- $root := .root -}}
{{- $component := .component -}}
{{- $name := printf "%s-%s" (include "vllm-monitoring.fullname" $root) $component -}}
{{- $ports := .ports -}}
{{- $open := .port -}}
{{- with .values.service | default dict -}}
{{- $type := .type | default "ClusterIP" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace | quote }}
  labels: {{- include "vllm-monitoring.labelsWith" (list $root $component .labels) | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if ne $type "ClusterIP" }}
  type: {{ $type }}
  {{- end }}
  {{- with .loadBalancerClass }}
  loadBalancerClass: {{ . | quote }}
  {{- end }}
  {{- with .loadBalancerSourceRanges }}
  loadBalancerSourceRanges: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .externalTrafficPolicy }}
  externalTrafficPolicy: {{ . }}
  {{- end }}
  {{- with .ipFamilyPolicy }}
  ipFamilyPolicy: {{ . }}
  {{- end }}
  {{- with .ipFamilies }}
  ipFamilies: {{- toYaml . | nindent 4 }}
  {{- end }}
  selector: {{- include "vllm-monitoring.selectorLabels" (list $root $component) | nindent 4 }}
  ports:
    {{- $nodePort := .nodePort }}
    {{- range $port, $number := $ports }}
    - name: {{ $port }}
      port: {{ $number }}
      targetPort: {{ $port }}
      {{- if and $nodePort (eq $port $open) }}
      nodePort: {{ int $nodePort }}
      {{- end }}
    {{- end }}
{{- end }}
{{- with .values.ingress | default dict }}
{{- if .enabled }}
{{- $path := .path | default "/" }}
{{- $pathType := .pathType | default "Prefix" }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace | quote }}
  labels: {{- include "vllm-monitoring.labelsWith" (list $root $component .labels) | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .ingressClassName }}
  ingressClassName: {{ . | quote }}
  {{- end }}
  {{- with .tls }}
  tls: {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    {{- range .hosts | default (list "") }}
    - http:
        paths:
          - path: {{ $path | quote }}
            pathType: {{ $pathType }}
            backend: {service: {name: {{ $name }}, port: {name: {{ $open }}}}}
      {{- with . }}
      host: {{ . | quote }}
      {{- end }}
    {{- end }}
{{- end }}
{{- end }}
{{- with .values.httpRoute | default dict }}
{{- if .enabled }}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace | quote }}
  labels: {{- include "vllm-monitoring.labelsWith" (list $root $component .labels) | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .parentRefs }}
  parentRefs: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .hostnames }}
  hostnames: {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    - matches:
        - path: {type: PathPrefix, value: {{ .path | default "/" | quote }}}
      backendRefs:
        - {name: {{ $name }}, port: {{ get $ports $open }}}
{{- end }}
{{- end }}
{{- end -}}

{{/*
The URL by which people reach a part through its Ingress: of its first host, where it serves the root; or
nothing. Takes the part's values.
*/}}
{{- define "vllm-monitoring.externalURL" -}}
{{- $ingress := .ingress | default dict -}}
{{- $host := first ($ingress.hosts | default (list "")) -}}
{{- if and $ingress.enabled $host (not (hasPrefix "*" $host)) (eq ($ingress.path | default "/") "/") -}}
{{- ternary "https" "http" (not (empty $ingress.tls)) }}://{{ $host -}}
{{- end -}}
{{- end -}}
