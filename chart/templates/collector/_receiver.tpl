{{/* What the collector takes, from whom, and what it learns of the sender. */}}

{{/*
The OTLP receiver, of samplers as of balancers: what callers are asked for is asked for between the
tiers, too. Takes the root.
*/}}
{{- define "vllm-monitoring.otlpReceiver" -}}
{{- $r := .Values.tracing.receiver -}}
otlp:
  protocols:
    {{- range $protocol, $port := dict "grpc" 4317 "http" 4318 }}
    {{ $protocol }}:
      endpoint: "0.0.0.0:{{ $port }}"
      {{- if $r.tls.secretName }}
      tls:
        cert_file: /etc/vllm-monitoring/receiver-tls/{{ $r.tls.cert }}
        key_file: /etc/vllm-monitoring/receiver-tls/{{ $r.tls.key }}
        # A renewed certificate is read without a restart.
        reload_interval: 1m
        {{- with $r.tls.clientCA }}
        client_ca_file: /etc/vllm-monitoring/receiver-tls/{{ . }}
        client_ca_file_reload: true
        {{- end }}
      {{- end }}
      {{- if $r.bearerToken.secretName }}
      auth: {authenticator: bearertokenauth}
      {{- end }}
    {{- end }}
{{- end -}}

{{/* Who may send: those who know a line of the mounted file, which is read anew as it changes. */}}
{{- define "vllm-monitoring.bearerToken" -}}
bearertokenauth: {filename: /etc/vllm-monitoring/receiver-token/{{ .Values.tracing.receiver.bearerToken.key }}}
{{- end -}}

{{/* Volumes and mounts of the receiver's Secrets: YAML {volumes, mounts}. Takes the root. */}}
{{- define "vllm-monitoring.receiverSecrets" -}}
{{- $r := .Values.tracing.receiver -}}
{{- $volumes := list -}}
{{- $mounts := list -}}
{{- range $name, $secret := dict "receiver-tls" $r.tls.secretName "receiver-token" $r.bearerToken.secretName -}}
{{- if $secret -}}
{{- $volumes = append $volumes (dict "name" $name "secret" (dict "secretName" $secret)) -}}
{{- $mounts = append $mounts (dict "name" $name "mountPath" (printf "/etc/vllm-monitoring/%s" $name) "readOnly" true) -}}
{{- end -}}
{{- end -}}
{{- dict "volumes" $volumes "mounts" $mounts | toJson -}}
{{- end -}}

{{/* Where a span comes from, by the address of the connection: on the tier that callers reach. */}}
{{- define "vllm-monitoring.k8sAttributes" -}}
k8sattributes:
  extract:
    metadata: [k8s.namespace.name, k8s.pod.name, k8s.node.name, k8s.deployment.name]
    {{- with .Values.tracing.k8sAttributes.modelLabel }}
    labels:
      - {tag_name: {{ ($.Files.Get "files/catalog.yaml" | fromYaml).spans.modelResource }}, key: {{ . | quote }}, from: pod}
    {{- end }}
  pod_association:
    - sources: [{from: connection}]
{{- end -}}
