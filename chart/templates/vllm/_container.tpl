{{/* Arguments of `vllm serve`, with `$` doubled where Kubernetes would fill in `$(NAME)`. Takes (list root entry). */}}
{{- define "vllm-monitoring.vllmArgs" -}}
{{- $root := index . 0 -}}
{{- $entry := index . 1 -}}
{{- $d := $entry.deploy -}}
- {{ printf "--model=%s" ($d.model | default $entry.name | replace "$" "$$") | quote }}
# The first name is the label model_name; clients may ask for any of them.
- --served-model-name
- {{ $entry.name | replace "$" "$$" | quote }}
{{- range $d.servedNames }}
- {{ . | replace "$" "$$" | quote }}
{{- end }}
- --port={{ $entry.port }}
- --tensor-parallel-size={{ $d.tensorParallelSize | default 1 }}
{{- with $d.pipelineParallelSize }}
- --pipeline-parallel-size={{ . }}
{{- end }}
{{- with $d.dataParallelSize }}
- --data-parallel-size={{ . }}
{{- end }}
{{- if include "vllm-monitoring.vllmTraces" . }}
- --otlp-traces-endpoint={{ include "vllm-monitoring.otlpEndpoint" $root }}
{{- end }}
{{- with $d.args }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Whether a deployed model sends spans: "true" or "". Takes (list root entry). */}}
{{- define "vllm-monitoring.vllmTraces" -}}
{{- if and (index . 0).Values.tracing.enabled (dig "tracing" true (index . 1).deploy) -}}
true
{{- end -}}
{{- end -}}

{{/* Its environment. Takes (list root entry). */}}
{{- define "vllm-monitoring.vllmEnv" -}}
{{- $root := index . 0 -}}
{{- $entry := index . 1 -}}
{{- $d := $entry.deploy -}}
{{- $name := include "vllm-monitoring.modelName" (list $root $entry.slug) -}}
# Caches of vLLM, PyTorch and Triton lie under HOME, a volume that any user may write; USER is asked
# for where the image does not know the user.
- {name: HOME, value: /home/vllm}
- {name: USER, value: vllm}
{{- if include "vllm-monitoring.storageWritable" $d }}
# What is downloaded is there at the next start.
- {name: HF_HOME, value: {{ include "vllm-monitoring.storagePath" $d | replace "$" "$$" | quote }}}
{{- end }}
{{- with $d.huggingFaceToken }}
- name: HF_TOKEN
  valueFrom: {secretKeyRef: {name: {{ .secretName | quote }}, key: {{ .secretKey | default "token" | quote }}}}
{{- end }}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: NODE_NAME
  valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
- {name: OTEL_SERVICE_NAME, value: {{ $name }}}
- name: OTEL_RESOURCE_ATTRIBUTES
  {{- $model := printf "%s=%s" ($root.Files.Get "files/catalog.yaml" | fromYaml).spans.modelResource ($entry.name | urlquery | replace "+" "%20") }}
  value: {{ printf "%s,k8s.namespace.name=%s,k8s.deployment.name=%s,k8s.pod.name=$(POD_NAME),k8s.node.name=$(NODE_NAME)" $model $root.Release.Namespace $name | quote }}
{{- if include "vllm-monitoring.vllmTraces" . }}
# Slow requests are chosen when they have ended: a caller or a mesh that samples at the head must not decide
# before, as the SDK's default (parentbased_always_on) lets it.
- {name: OTEL_TRACES_SAMPLER, value: always_on}
{{- with include "vllm-monitoring.callerEnv" $root | fromJsonArray }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end -}}
