{{/* The pods of collectors and balancers. */}}

{{/* What its own pod needs, as YAML. Takes the root. */}}
{{- define "vllm-monitoring.collectorPod" -}}
{{- $name := printf "%s-collector" (include "vllm-monitoring.fullname" .) -}}
{{- $c := .Values.tracing.collector -}}
{{- $wasm := eq (include "vllm-monitoring.engine" .) "wasm" -}}
{{- $secrets := include "vllm-monitoring.receiverSecrets" . | fromJson -}}
{{- $drain := include "vllm-monitoring.drainSeconds" . | int -}}
# The queue's flush has a minute.
terminationGracePeriodSeconds: {{ add 60 $drain }}
containers:
  - name: collector
    args: [--config=/etc/vllm-monitoring/collector/collector.yaml]
    env:
      {{- include "vllm-monitoring.goMemoryLimit" $c.resources | nindent 6 }}
      {{- with include "vllm-monitoring.exporterEnv" . | fromJsonArray }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    ports:
      - {name: otlp-grpc, containerPort: {{ include "vllm-monitoring.port" "otlp" }}}
      {{- if include "vllm-monitoring.receivesHTTP" (list . "collector") }}
      - {name: otlp-http, containerPort: {{ include "vllm-monitoring.port" "otlpHTTP" }}}
      {{- end }}
      - {name: metrics, containerPort: {{ include "vllm-monitoring.port" "metrics" }}}
      - {name: span-metrics, containerPort: {{ include "vllm-monitoring.port" "spanMetrics" }}}
      - {name: health, containerPort: {{ include "vllm-monitoring.port" "health" }}}
    # Why it ended, in the pod's status: a plugin with another hash is named there in one line.
    terminationMessagePolicy: FallbackToLogsOnError
    {{- if $drain }}
    # Its store may be moving as well.
    lifecycle: {preStop: {sleep: {seconds: {{ $drain }}}}}
    {{- end }}
    readinessProbe:
      httpGet: {path: /, port: health}
    livenessProbe:
      httpGet: {path: /, port: health}
      initialDelaySeconds: 10
    volumeMounts:
      - {name: config, mountPath: /etc/vllm-monitoring/collector, readOnly: true}
      {{- if $wasm }}
      - {name: policy, mountPath: /etc/vllm-monitoring/policy, readOnly: true}
      - {name: settings, mountPath: /etc/vllm-monitoring/settings, readOnly: true}
      {{- end }}
      {{- with $secrets.mounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- range $folder, $_ := include "vllm-monitoring.exporterSecrets" . | fromJson }}
      - {name: {{ $folder }}, mountPath: /etc/vllm-monitoring/exporters/{{ $folder }}, readOnly: true}
      {{- end }}
      - {name: queue, mountPath: /var/lib/otelcol/queue}
      {{- if .Values.tracing.exporters.file.enabled }}
      - {name: kept, mountPath: {{ dir .Values.tracing.exporters.file.path | quote }}}
      {{- end }}
volumes:
  - name: config
    configMap:
      name: {{ $name }}
      items: [{key: collector.yaml, path: collector.yaml}]
  {{- if $wasm }}
  - name: policy
    configMap:
      {{- if include "vllm-monitoring.foreignPolicy" . }}
      name: {{ .Values.tracing.policy.module.configMap | quote }}
      # Whether it is compressed is told by its first bytes.
      items: [{key: {{ .Values.tracing.policy.module.key | quote }}, path: sampling-policy.wasm.gz}]
      {{- else }}
      name: {{ $name }}
      items: [{key: sampling-policy.wasm.gz, path: sampling-policy.wasm.gz}]
      {{- end }}
  - name: settings
    configMap: {name: {{ include "vllm-monitoring.fullname" . }}-policy-settings}
  {{- end }}
  {{- with $secrets.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- range $folder, $secret := include "vllm-monitoring.exporterSecrets" . | fromJson }}
  - name: {{ $folder }}
    secret: {secretName: {{ $secret | quote }}}
  {{- end }}
  {{- with .Values.tracing.exporters.file }}
  {{- if .enabled }}
  - name: kept
    emptyDir: {sizeLimit: {{ mul (add .maxBackups 2) .maxMegabytes }}M}
  {{- end }}
  {{- end }}
  {{- include "vllm-monitoring.scratch" (list "queue" .Values.tracing.storage) | nindent 2 }}
{{- end -}}

{{/* What its own pod needs, as YAML. Takes the root. */}}
{{- define "vllm-monitoring.balancerPod" -}}
{{- $secrets := include "vllm-monitoring.receiverSecrets" . | fromJson -}}
{{- $tls := .Values.tracing.receiver.tls.secretName -}}
containers:
  - name: balancer
    args: [--config=/etc/vllm-monitoring/balancer/balancer.yaml]
    env:
      {{- include "vllm-monitoring.goMemoryLimit" .Values.tracing.balancer.resources | nindent 6 }}
      {{- if not $tls }}
      {{- with include "vllm-monitoring.ownTokenEnv" . | fromJsonArray }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- end }}
    ports:
      - {name: otlp-grpc, containerPort: {{ include "vllm-monitoring.port" "otlp" }}}
      {{- if include "vllm-monitoring.receivesHTTP" (list . "balancer") }}
      - {name: otlp-http, containerPort: {{ include "vllm-monitoring.port" "otlpHTTP" }}}
      {{- end }}
      - {name: metrics, containerPort: {{ include "vllm-monitoring.port" "metrics" }}}
      - {name: health, containerPort: {{ include "vllm-monitoring.port" "health" }}}
    readinessProbe:
      httpGet: {path: /, port: health}
    livenessProbe:
      httpGet: {path: /, port: health}
      initialDelaySeconds: 10
    volumeMounts:
      - {name: config, mountPath: /etc/vllm-monitoring/balancer, readOnly: true}
      {{- with $secrets.mounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- if $tls }}
      - {{ include "vllm-monitoring.callerMount" . }}
      {{- end }}
volumes:
  - name: config
    configMap: {name: {{ include "vllm-monitoring.fullname" . }}-balancer}
  {{- with $secrets.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with include "vllm-monitoring.callerVolume" . }}
  - {{ . }}
  {{- end }}
{{- end -}}
