{{/*
Replicas: which are up, how many are expected, and what other exporters say of them; where those
do not exist there are no series. `up` knows no model_name. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.entries" }}
{{- $id := include "vllm-monitoring.id" . -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- range (include "vllm-monitoring.entries" . | fromJson).entries }}
{{- $entry := . }}
{{- $labels := dict "vllm_monitoring" $id "model" .name | toYaml }}
# Pods, not targets: of one with several ports (a server for each data-parallel rank) the part that is up.
# 0 also when no target is left in discovery.
{{- if not $.Values.metrics.scrape.enabled }}
# What others scrape may name no pod: each of its targets is a replica then.
{{- end }}
- record: entry:vllm_replicas:up
  {{- $of := printf "avg by (cluster, namespace, pod) (up{%s, model=%s})" $scraped (.name | quote | include "vllm-monitoring.promText") }}
  {{- if not $.Values.metrics.scrape.enabled }}
  {{- $of = printf "avg by (cluster, namespace, pod) (up{%[1]s, pod!=\"\"}) or avg by (cluster, instance) (up{%[1]s, pod=\"\"})" $scraped }}
  {{- end }}
  expr: sum by (cluster) ({{ $of }}) or {{ include "vllm-monitoring.noneOf" $ }}
  labels: {{- $labels | nindent 4 }}
{{- $up := printf "entry:vllm_replicas:up{vllm_monitoring=%q, model=%s}" $id (.name | quote | include "vllm-monitoring.promText") }}
{{- if hasKey . "replicas" }}
{{- if eq (toString .replicas) "auto" }}
{{- $scaled := dig "autoscaling" "enabled" false . }}
{{- $after := dig "autoscaling" "expectAfter" "15m" . }}
# By the workload's namespace; under the operator's enforcedNamespaceLabel that is the release's.
{{- if $scaled }}
# What was wanted all the time: a replica that was added loads its weights first.
{{- end }}
- record: entry:kube_workload_replicas:sum
  {{- $in := list "" }}
  {{- if not (has "*" .namespaces) }}
  {{- $in = list (printf ", namespace=~%q, exported_namespace=\"\"" (join "|" .namespaces)) (printf ", exported_namespace=~%q" (join "|" .namespaces)) }}
  {{- end }}
  {{- $wanted := list $in }}
  {{- if not (or (has "*" .namespaces) (has $.Release.Namespace .namespaces)) }}{{ $wanted = append $wanted (list (printf ", namespace=%q, exported_namespace=\"\"" $.Release.Namespace)) }}{{ end }}
  expr: |-
  {{- range $i, $in := $wanted }}
    {{ if $i }}or {{ end }}sum by (cluster) (max by (cluster, namespace) (label_replace(
      {{- range $j, $where := $in }}
      {{- range $k, $metric := list "kube_deployment_spec_replicas{deployment" "kube_statefulset_replicas{statefulset" }}
      {{- $selector := printf "%s=%q%s}" $metric $entry.workload $where }}
      {{ if or $j $k }}or {{ end }}{{ ternary (printf "min_over_time(%s[%s])" $selector $after) $selector $scaled }}
      {{- end }}
      {{- end }},
      "namespace", "$1", "exported_namespace", "(.+)")))
  {{- end }}
  labels: {{- $labels | nindent 4 }}
- record: entry:vllm_replicas:expected
  {{- $workload := printf "entry:kube_workload_replicas:sum{vllm_monitoring=%q, model=%s}" $id (.name | quote | include "vllm-monitoring.promText") }}
  {{- $none := `, cluster=""}` }}
  # With `cluster` on one side only: what is said of the others is not of this one.
  expr: |-
    group by (cluster) ({{ $up }}) * on (cluster) {{ $workload }}
    or (group by (cluster) ({{ $up }}) unless on (cluster) {{ $workload }}) * on () group_left () sum({{ trimSuffix "}" $workload }}{{ $none }})
    or group by (cluster) ({{ trimSuffix "}" $up }}{{ $none }}) * on () group_left () sum({{ $workload }})
{{- else }}
# In each cluster that the entry is in.
- record: entry:vllm_replicas:expected
  expr: group by (cluster) ({{ $up }}) * {{ .replicas | int }}
{{- end }}
  labels: {{- $labels | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What is known of each target, and what other exporters say of its pod. */}}
{{- define "vllm-monitoring.recording.replicas" }}
{{- $id := include "vllm-monitoring.id" . -}}
{{- $own := include "vllm-monitoring.own" . -}}
{{- $scraped := include "vllm-monitoring.scraped" . -}}
{{- $target := include "vllm-monitoring.byTarget" . -}}
{{- $crash := .Values.rules.alerts.VllmCrashLooping -}}
- record: pod:vllm_target:up
  expr: max by ({{ $target }}) (up{ {{- $scraped }}{{ if .Values.metrics.scrape.enabled }}, model!=""{{ end -}} })
# The same with the value 1, to join others' series by.
- record: pod:vllm_target:info
  expr: group by ({{ $target }}) (pod:vllm_target:up{{ $own }})
# Targets that answer their scrape with other things than vLLM's series, which name a model: a router
# that exports names of vLLM for the servers behind it does not. Relabelling of what was scraped may add
# `cluster`, which `up` then lacks, and drop `instance`.
- record: entry:vllm_targets:foreign
  {{- $up := printf "up{%s%s" $scraped (ternary ", model!=\"\"" "" .Values.metrics.scrape.enabled) }}
  {{- $served := printf "{__name__=~\"vllm:request_success_total|vllm:generation_tokens_total|vllm:num_requests_running|vllm:num_requests_waiting|vllm:kv_cache_usage_perc|vllm:time_to_first_token_seconds_count|vllm:e2e_request_latency_seconds_count\", model_name!=\"\", %s" $scraped }}
  expr: |-
    count by (vllm_monitoring, cluster, model, namespace) (
      {{ $up }}} == 1
      unless on (cluster, namespace, pod, instance) {{ $served }}}
      unless on (cluster, namespace, pod) {{ $served }}, instance=""}
      unless on (cluster, namespace, pod, instance) ({{ $up }}, cluster=""} and on (namespace, pod, instance) {{ $served }}, cluster!=""})
    )
# kube-state-metrics, possibly several of them. Counted by changes: increase() would extrapolate.
- record: pod:kube_container_restarts:changes
  expr: |-
    sum by (cluster, kube_namespace, pod) (max by (cluster, kube_namespace, pod, container) (
      {{- $changes := list }}
      {{- range include "vllm-monitoring.foreignSelectors" (list . "kube_pod_container_status_restarts_total") | fromJsonArray }}
      {{- $changes = append $changes (printf "changes(%[1]s[%[2]s]) - resets(%[1]s[%[2]s])" . $crash.window) }}
      {{- end }}
      {{ include "vllm-monitoring.foreignPods" (join " or " $changes) }}
    ))
    and on (pod) pod:vllm_target:info{{ $own }}
  labels: {vllm_monitoring: {{ $id }}}
- record: pod:vllm_container_restarts:changes
  expr: |-
    {{- include "vllm-monitoring.foreignJoin" (list . "pod:kube_container_restarts:changes" "pod:vllm_target:info") | nindent 4 }}
# The DCGM exporter. A pod of two entries counts for one of them.
- record: gpu:dcgm_xid_errors_of_pods:last
  expr: |-
    max by (cluster, kube_namespace, pod, Hostname, gpu, UUID) (
      {{ include "vllm-monitoring.foreignPods" "DCGM_FI_DEV_XID_ERRORS" }}
    )
    and on (pod) pod:vllm_target:info{{ $own }}
  labels: {vllm_monitoring: {{ $id }}}
- record: gpu:dcgm_xid_errors:last
  {{- $name := "gpu:dcgm_xid_errors_of_pods:last" }}
  {{- $none := `, cluster=""` }}
  {{- $theirs := include "vllm-monitoring.foreignRecorded" (list . $name) }}
  {{- $ours := printf "pod:vllm_target:info%s" $own }}
  expr: |-
    max by (vllm_monitoring, cluster, model, namespace, pod, Hostname, gpu, UUID) (
      {{ $theirs }} * on (cluster, namespace, pod) group_left (model) bottomk by (cluster, namespace, pod) (1, {{ $ours }})
      or {{ include "vllm-monitoring.foreignRecorded" (list . $name $none) }} * on (namespace, pod) group_left (model) bottomk by (namespace, pod) (1, {{ $ours }})
      or {{ $theirs }} * on (namespace, pod) group_left (model) bottomk by (namespace, pod) (1, pod:vllm_target:info{vllm_monitoring={{ $id | quote }}{{ $none }}})
      {{- range $pair := list (list "cluster, pod" "" "") (list "pod" $none "") (list "pod" "" $none) }}
      {{- with include "vllm-monitoring.foreignEnforced" (concat (list $ $name "pod:vllm_target:info") (rest $pair)) | fromJson }}
      or (label_replace({{ .theirs }}, "namespace", "$1", "kube_namespace", "(.+)") unless on (cluster, namespace, pod) {{ $ours }}) * on ({{ first $pair }}) group_left (model) bottomk by ({{ first $pair }}) (1, {{ .ours }})
      {{- end }}
      {{- end }}
    )
{{- end -}}

{{/*
0 for what is not there at all; after `or`. In exported rules for each of rules.export.clusters that has no
series: a store of several clusters shows nothing where one of them stops writing. Takes the root.
*/}}
{{- define "vllm-monitoring.noneOf" -}}
{{- $clusters := ternary .Values.rules.export.clusters list (not (empty (get . "Export"))) -}}
{{- range $i, $cluster := $clusters -}}
{{ if $i }} or {{ end }}on (cluster) label_replace(vector(0), "cluster", {{ $cluster | quote | include "vllm-monitoring.promText" }}, "", "")
{{- else -}}
on () vector(0)
{{- end -}}
{{- end -}}
