{{/* What the collector takes, from whom, and what it learns of the sender. */}}

{{/*
Whether a tier listens for OTLP over HTTP, "true" or "": for callers that ask for it, and on samplers
for `helm test`, which sends by it. Takes (list root tier).
*/}}
{{- define "vllm-monitoring.receivesHTTP" -}}
{{- $root := first . -}}
{{- if or $root.Values.tracing.receiver.http.enabled (and $root.Values.helmTest.enabled (eq (last .) "collector")) }}true{{ end -}}
{{- end -}}

{{/*
The OTLP receiver of a tier, "collector" or "balancer": what callers are asked for is asked for between
the tiers, too. What one request may cost is bounded before it is decoded. Takes (list root tier).
*/}}
{{- define "vllm-monitoring.otlpReceiver" -}}
{{- $root := first . -}}
{{- $r := $root.Values.tracing.receiver -}}
{{- /* A balancer sends a trace at a time, each with a copy of its resource: a request grows. */}}
{{- $mib := int $r.maxRequestMib }}
{{- if and (eq (last .) "collector") (include "vllm-monitoring.balanced" $root) }}{{ $mib = mul 4 $mib }}{{ end -}}
{{- $protocols := dict "grpc" 4317 -}}
{{- if include "vllm-monitoring.receivesHTTP" . }}{{ $_ := set $protocols "http" 4318 }}{{ end -}}
otlp:
  protocols:
    {{- range $protocol, $port := $protocols }}
    {{ $protocol }}:
      endpoint: ":{{ $port }}"
      {{- if eq $protocol "grpc" }}
      max_recv_msg_size_mib: {{ $mib }}
      # A connection cannot hold more than so many half-sent requests.
      max_concurrent_streams: 100
      # Senders connect anew now and then: else all stay where they went when the others restarted.
      keepalive: {server_parameters: {max_connection_age: 2m, max_connection_age_grace: 30s}}
      {{- else }}
      max_request_body_size: {{ mul $mib 1048576 }}
      {{- end }}
      {{- if include "vllm-monitoring.guarded" $root }}
      middlewares: [{id: otlp_guard}]
      {{- end }}
      {{- if $r.tls.secretName }}
      tls:
        cert_file: {{ printf "/etc/vllm-monitoring/receiver-tls/%s" $r.tls.cert | quote }}
        key_file: {{ printf "/etc/vllm-monitoring/receiver-tls/%s" $r.tls.key | quote }}
        # A renewed certificate is read without a restart.
        reload_interval: 1m
        {{- with $r.tls.clientCA }}
        client_ca_file: {{ printf "/etc/vllm-monitoring/receiver-tls/%s" . | quote }}
        client_ca_file_reload: true
        {{- end }}
      {{- end }}
      {{- if $r.bearerToken.secretName }}
      auth: {authenticator: bearertokenauth}
      {{- end }}
    {{- end }}
{{- end -}}

{{/* Whether the collectors have the extension otlp_guard: those of this project's image. Takes the root. */}}
{{- define "vllm-monitoring.guarded" -}}
{{- if eq (include "vllm-monitoring.engine" .) "wasm" }}true{{ end -}}
{{- end -}}

{{/*
It refuses a request that would decode to far more than its bytes: an empty span is 2 bytes and 420 in
memory. Takes (list root tier).
*/}}
{{- define "vllm-monitoring.otlpGuard" -}}
{{- $root := first . -}}
{{- $spans := int $root.Values.tracing.receiver.maxRequestSpans -}}
{{- $items := mul 20 $spans -}}
{{- if and (eq (last .) "collector") (include "vllm-monitoring.balanced" $root) }}{{ $items = mul 4 $items }}{{ end -}}
otlp_guard: {max_spans: {{ $spans }}, max_items: {{ $items }}}
{{- end -}}

{{/* Who may send: those who know a line of the mounted file, which is read anew as it changes. */}}
{{- define "vllm-monitoring.bearerToken" -}}
bearertokenauth: {filename: {{ printf "/etc/vllm-monitoring/receiver-token/%s" .Values.tracing.receiver.bearerToken.key | quote }}}
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

{{/*
What a sender says of its own place, taken out before the tier that callers reach finds it: k8s_attributes
leaves alone what is there already. Takes the root.
*/}}
{{- define "vllm-monitoring.senderPlace" -}}
{{- $keys := list "k8s[.](namespace|pod|node|deployment|replicaset|statefulset|daemonset|job|cronjob)[.].+" -}}
{{- if .Values.tracing.k8sAttributes.modelLabel -}}
{{- $keys = append $keys ((.Files.Get "files/catalog.yaml" | fromYaml).spans.modelResource | replace "." "[.]") -}}
{{- end -}}
transform/sender:
  error_mode: propagate
  trace_statements:
    - context: resource
      statements: [{{ printf "delete_matching_keys(resource.attributes, \"^(%s)$$\")" (join "|" $keys) | squote }}]
{{- end -}}

{{/*
What a sender says of why a trace is kept, deleted before the policy writes that: policies are not shown
what follows in a kept trace, nor what waited with it. A map of that name, too: redaction flattens maps.
*/}}
{{- define "vllm-monitoring.forgedReasons" -}}
transform/forged:
  error_mode: propagate
  trace_statements:
    {{- range list "resource" "scope" "span" "spanevent" }}
    - context: {{ . }}
      statements: ['delete_matching_keys({{ . }}.attributes, "^vllm([.]sampling([.].*)?)?$$")']
    {{- end }}
{{- end -}}

{{/* Where a span comes from, by the address of the connection: on the tier that callers reach. */}}
{{- define "vllm-monitoring.k8sAttributes" -}}
k8s_attributes:
  extract:
    metadata: [k8s.namespace.name, k8s.pod.name, k8s.node.name, k8s.deployment.name]
    {{- with .Values.tracing.k8sAttributes.modelLabel }}
    labels:
      - {tag_name: {{ ($.Files.Get "files/catalog.yaml" | fromYaml).spans.modelResource }}, key: {{ . | quote }}, from: pod}
    {{- end }}
  pod_association:
    - sources: [{from: connection}]
{{- end -}}
