{{/*
Where kept traces go. Secrets stay out of the configuration: headers come by environment variables,
certificates by mounted files.
*/}}

{{/* Every exporter of kept traces. Takes the root. */}}
{{- define "vllm-monitoring.exporters" -}}
{{- $e := .Values.tracing.exporters -}}
{{- if $e.debug.enabled }}
debug: {verbosity: {{ include "vllm-monitoring.debugVerbosity" . }}}
{{- end }}
{{- range $kind, $all := include "vllm-monitoring.sending" . | fromJson }}
{{- range $name, $x := $all }}
{{ $kind }}/{{ $name }}:
  {{- include "vllm-monitoring.exporterSettings" (dict "exporter" $x "kind" $kind "id" (printf "%s-%s" $kind $name) "queue" (include "vllm-monitoring.exporterQueue" $) "env" $.Values.tracing.collector.extraEnv) | nindent 2 }}
{{- end }}
{{- end }}
{{- if $e.file.enabled }}
file:
  path: {{ include "vllm-monitoring.collectorText" (list $e.file.path list) | quote }}
  rotation: {max_megabytes: {{ $e.file.maxMegabytes | int }}, max_backups: {{ $e.file.maxBackups | int }}}
{{- end }}
{{- end -}}

{{/*
How much the debug exporter writes: whole spans into a log only where they go nowhere else. Takes the
root.
*/}}
{{- define "vllm-monitoring.debugVerbosity" -}}
{{- $verbosity := .Values.tracing.exporters.debug.verbosity -}}
{{- $sending := include "vllm-monitoring.sending" . | fromJson -}}
{{- if ne $verbosity "auto" }}{{ $verbosity }}{{ else if or $sending.otlp_grpc $sending.otlp_http }}basic{{ else }}detailed{{ end -}}
{{- end -}}

{{/*
What is sent over the network: exporters.otlp and exporters.otlphttp by the collector's name of
their kind, and `bundled-jaeger` where this chart runs one; JSON. Takes the root.
*/}}
{{- define "vllm-monitoring.sending" -}}
{{- $grpc := deepCopy (.Values.tracing.exporters.otlp | default dict) -}}
{{- if include "vllm-monitoring.ownJaeger" . -}}
{{- $_ := set $grpc "bundled-jaeger" (dict "endpoint" (printf "http://%s:4317" (include "vllm-monitoring.jaegerHost" .))) -}}
{{- end -}}
{{- dict "otlp_grpc" $grpc "otlp_http" .Values.tracing.exporters.otlphttp | toJson -}}
{{- end -}}

{{/*
The scheme of an exporter's endpoint, in small letters: `http`, `https`; empty without one. Takes the
exporter.
*/}}
{{- define "vllm-monitoring.exporterScheme" -}}
{{- if contains "://" .endpoint }}{{ lower (splitn "://" 2 .endpoint)._0 }}{{ end -}}
{{- end -}}

{{/*
Its endpoint as the collector reads it: the scheme in small letters, which is how the collector
compares it, and for gRPC nothing behind the port. Takes (list kind exporter).
*/}}
{{- define "vllm-monitoring.exporterEndpoint" -}}
{{- $exporter := last . -}}
{{- $endpoint := $exporter.endpoint -}}
{{- with include "vllm-monitoring.exporterScheme" $exporter -}}
{{- $endpoint = printf "%s://%s" . (splitn "://" 2 $endpoint)._1 -}}
{{- end -}}
{{- if eq (first .) "otlp_grpc" }}{{ trimSuffix "/" $endpoint }}{{ else }}{{ $endpoint }}{{ end -}}
{{- end -}}

{{/*
One of them. What the receiver cannot take now is tried again for as long as there is room in the
queue; what it refuses for good is lost. Takes (dict exporter kind id queue env).
*/}}
{{- define "vllm-monitoring.exporterSettings" -}}
{{- $id := .id -}}
{{- $queue := .queue -}}
{{- $env := .env -}}
{{- $endpoint := include "vllm-monitoring.exporterEndpoint" (list .kind .exporter) -}}
{{- with .exporter -}}
{{- $tls := .tlsSecret | default dict -}}
{{- $insecure := or .insecure (eq (include "vllm-monitoring.exporterScheme" .) "http") -}}
endpoint: {{ include "vllm-monitoring.collectorText" (list $endpoint $env) | quote }}
{{- if or $insecure .insecureSkipVerify $tls }}
tls:
  {{- if $insecure }}
  insecure: true
  {{- end }}
  {{- if .insecureSkipVerify }}
  insecure_skip_verify: true
  {{- end }}
  {{- range $setting, $field := dict "ca_file" "ca" "cert_file" "cert" "key_file" "key" }}
  {{- with get $tls $field }}
  {{ $setting }}: {{ printf "/etc/vllm-monitoring/exporters/%s/%s" ($id | replace "_" "-") . | quote }}
  {{- end }}
  {{- end }}
{{- end }}
{{- if or .headers .headersFrom }}
headers:
  {{- range $header, $text := .headers }}
  {{ $header | quote }}: {{ include "vllm-monitoring.collectorText" (list $text $env) | quote }}
  {{- end }}
  {{- range $header, $_ := .headersFrom }}
  {{ $header | quote }}: ${env:{{ include "vllm-monitoring.headerVariable" (list $id $header) }}}
  {{- end }}
{{- end }}
retry_on_failure:
  max_elapsed_time: 0s # no end: the queue is the limit
  initial_interval: 1s
  max_interval: 10s
sending_queue:
  {{- $queue | trim | nindent 2 }}
{{- end -}}
{{- end -}}

{{/*
A text in the collector's configuration, where `$` and `${NAME}` would be filled in: only a variable that extraEnv
names is. Takes (list text extraEnv).
*/}}
{{- define "vllm-monitoring.collectorText" -}}
{{- $text := index . 0 | replace "$" "$$" -}}
{{- range index . 1 -}}
{{- $text = regexReplaceAll (printf `\$\$\{((env:)?%s(:-[^}]*)?)\}` (regexQuoteMeta .name)) $text "$${$1}" -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{/* How many exporters send over the network. Takes the root. */}}
{{- define "vllm-monitoring.sendingCount" -}}
{{- $count := 0 -}}
{{- range $_, $all := include "vllm-monitoring.sending" . | fromJson -}}{{- $count = add $count (len ($all | default dict)) -}}{{- end -}}
{{- $count -}}
{{- end -}}

{{/*
The queue of each of them, in bytes. On a disk of its own the queue outlives the pod; without one it is
in memory and emptied before the collector ends, for what is left on an emptyDir would end with the
pod. By default all of them share a sixteenth of the memory limit, of which they take some five times
as much, or half of the disk: bbolt's file is up to twice its content.

A full queue makes senders wait, who keep some themselves. Where traces go to several places, one that
is away must not keep them from the others: there, what finds no room is dropped, and counted.
Takes the root.
*/}}
{{- define "vllm-monitoring.exporterQueue" -}}
{{- $t := .Values.tracing -}}
{{- $count := include "vllm-monitoring.sendingCount" . | int -}}
{{- $share := 128 -}}
{{- if $t.storage.persistent -}}
{{- $share = div (include "vllm-monitoring.mebibytes" $t.storage.size | int) 2 -}}
{{- else -}}
{{- with dig "limits" "memory" "" ($t.collector.resources | default dict) -}}
{{- $share = div (include "vllm-monitoring.mebibytes" (toString .) | int) 16 -}}
{{- end -}}
{{- end -}}
{{- $size := div (mul $share 1048576) (max $count 1) -}}
{{- with $t.queue.size -}}
{{- $size = mul (include "vllm-monitoring.mebibytes" .) 1048576 -}}
{{- end -}}
{{- if $t.storage.persistent }}
storage: file_storage
{{- end }}
sizer: bytes
queue_size: {{ max $size 1048576 }}
block_on_overflow: {{ and (eq $count 1) (not $t.exporters.file.enabled) }}
batch:
  # Stores read 4 MiB over gRPC by default. A span above max_size would be dropped with those behind it.
  sizer: bytes
  flush_timeout: 1s
  min_size: 524288
  max_size: {{ mul (max 3 (add 1 (int $t.receiver.maxRequestMib))) 1048576 }}
{{- end -}}

{{/*
Seconds for which a pod that is to end goes on trying to send, before SIGTERM: after that each batch of
a queue in memory is tried once. 0 without such a queue. Takes the root.
*/}}
{{- define "vllm-monitoring.drainSeconds" -}}
{{- $needed := and (gt (include "vllm-monitoring.sendingCount" . | int) 0) (not .Values.tracing.storage.persistent) -}}
{{- ternary (.Values.tracing.queue.drainSeconds | int) 0 (and $needed (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version)) -}}
{{- end -}}

{{/*
The environment variable of a header. Different exporters and headers have different ones: a hash follows
what is readable, for `tempo` with `x-scope-orgid` and `tempo-x` with `scope-orgid` read alike. Takes (list
id header).
*/}}
{{- define "vllm-monitoring.headerVariable" -}}
{{- $readable := printf "HEADER_%s_%s" (index . 0) (index . 1) | upper -}}
{{- printf "%s_%s" (regexReplaceAll "[^A-Z0-9]" $readable "_") (printf "%s/%s" (index . 0) (index . 1) | sha256sum | trunc 8 | upper) -}}
{{- end -}}

{{/* Environment for the headers that come from Secrets; a list in JSON. Takes the root. */}}
{{- define "vllm-monitoring.exporterEnv" -}}
{{- $env := list -}}
{{- range $kind, $all := include "vllm-monitoring.sending" . | fromJson -}}
{{- range $name, $x := $all -}}
{{- range $header, $ref := $x.headersFrom -}}
{{- $variable := include "vllm-monitoring.headerVariable" (list (printf "%s-%s" $kind $name) $header) -}}
{{- $env = append $env (dict "name" $variable "valueFrom" (dict "secretKeyRef" (dict "name" $ref.name "key" $ref.key))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $env | toJson -}}
{{- end -}}

{{/* Secrets with certificates of exporters: JSON {mounted folder: Secret}. Takes the root. */}}
{{- define "vllm-monitoring.exporterSecrets" -}}
{{- $mounts := dict -}}
{{- range $kind, $all := include "vllm-monitoring.sending" . | fromJson -}}
{{- range $name, $x := $all -}}
{{- with $x.tlsSecret -}}
{{- $_ := set $mounts (printf "%s-%s" $kind $name | replace "_" "-") .name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $mounts | toJson -}}
{{- end -}}

{{/* The exporters of the pipeline, joined by commas; empty if there is none. Takes the root. */}}
{{- define "vllm-monitoring.exporterNames" -}}
{{- $e := .Values.tracing.exporters -}}
{{- $names := list -}}
{{- if $e.debug.enabled }}{{ $names = append $names "debug" }}{{ end -}}
{{- range $kind, $all := include "vllm-monitoring.sending" . | fromJson }}{{ range $name, $_ := $all }}{{ $names = append $names (printf "%s/%s" $kind $name) }}{{ end }}{{ end -}}
{{- if $e.file.enabled }}{{ $names = append $names "file" }}{{ end -}}
{{- join ", " $names -}}
{{- end -}}

