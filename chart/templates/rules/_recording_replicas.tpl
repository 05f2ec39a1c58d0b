{{/*
Replicas: which are up, how many are expected, and what other exporters say of them; where those
do not exist there are no series. `up` knows no model_name. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.replicas" }}
{{- $id := include "vllm-monitoring.id" . -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $namespaces := include "vllm-monitoring.inNamespaces" . -}}
{{- $crash := .Values.rules.alerts.VllmCrashLooping -}}
{{- range (include "vllm-monitoring.entries" . | fromJson).entries }}
{{- $entry := . }}
{{- $labels := dict "vllm_monitoring" $id "model" .name | toYaml }}
# 0 also when no target is left in discovery.
- record: entry:vllm_replicas:up
  expr: sum(up{ {{- $scraped }}{{ if $.Values.metrics.scrape.enabled }}, model={{ .name | quote }}{{ end -}} }) or vector(0)
  labels: {{- $labels | nindent 4 }}
{{- if hasKey . "replicas" }}
{{- if dig "autoscaling" "enabled" false . }}
# What was wanted all the time: a replica that was added loads its weights first.
{{- end }}
- record: entry:vllm_replicas:expected
  {{- if eq (toString .replicas) "auto" }}
  expr: |-
    {{- $scaled := dig "autoscaling" "enabled" false . }}
    {{- $after := dig "autoscaling" "expectAfter" "15m" . }}
    {{- $in := ternary "" (printf ", namespace=~%q" (join "|" .namespaces)) (has "*" .namespaces) }}
    {{- range $i, $metric := list "kube_deployment_spec_replicas{deployment" "kube_statefulset_replicas{statefulset" }}
    {{- $wanted := printf "%s=%q%s}" $metric $entry.workload $in }}
    {{ if $i }}or {{ end }}sum(max by (namespace) ({{ if $scaled }}min_over_time({{ $wanted }}[{{ $after }}]){{ else }}{{ $wanted }}{{ end }}))
    {{- end }}
  {{- else }}
  expr: vector({{ .replicas | int }})
  {{- end }}
  labels: {{- $labels | nindent 4 }}
{{- end }}
{{- end }}
- record: pod:vllm_target:up
  expr: max by (vllm_monitoring, model, namespace, pod) (up{ {{- $scraped }}{{ if .Values.metrics.scrape.enabled }}, model!=""{{ end -}} })
# kube-state-metrics, possibly several of them. Counted by changes: increase() would extrapolate.
- record: pod:vllm_container_restarts:changes
  expr: |-
    sum by (namespace, pod) (max by (namespace, pod, container) (
      changes(kube_pod_container_status_restarts_total{ {{- $namespaces -}} }[{{ $crash.window }}])
      - resets(kube_pod_container_status_restarts_total{ {{- $namespaces -}} }[{{ $crash.window }}])
    ))
    * on (namespace, pod) group_right () (pod:vllm_target:up{{ $own }} >= bool 0)
# The DCGM exporter. Without honorLabels the pod that uses the GPU is in exported_pod. A pod of two
# entries counts for one of them.
- record: gpu:dcgm_xid_errors:last
  expr: |-
    max by (namespace, pod, Hostname, gpu, UUID) (
      DCGM_FI_DEV_XID_ERRORS{exported_pod="", pod!=""}
      or label_replace(label_replace(DCGM_FI_DEV_XID_ERRORS{exported_pod!=""}, "pod", "$1", "exported_pod", "(.+)"), "namespace", "$1", "exported_namespace", "(.+)")
    )
    * on (namespace, pod) group_left (vllm_monitoring, model) (bottomk by (namespace, pod) (1, pod:vllm_target:up{{ $own }}) >= bool 0)
{{- end -}}
