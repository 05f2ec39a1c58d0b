{{/*
One object by which pods are scraped, in the words of the operator that reads it (vllm-monitoring.mode).
*/}}

{{/*
Takes a dict: root, name, namespace, kind (PodMonitor or ServiceMonitor), selector (labels), expressions,
namespaces and endpoints, each {port, path, scheme, steps, series, params?, interval?, timeout?}: `steps` write target labels, `series` relabel
what is stored. The scheme is empty for parts of this release, which are reached without TLS.
*/}}
{{- define "vllm-monitoring.monitor" -}}
{{- $mode := include "vllm-monitoring.mode" .root -}}
{{- $operator := .root.Values.metrics.operator -}}
{{- /* Without one the newest. */ -}}
{{- $version := $operator.version | default "999.0.0" -}}
{{- $all := has "*" .namespaces -}}
{{- $kind := .kind -}}
{{- $selector := dict "matchLabels" .selector -}}
{{- with .expressions }}{{ $_ := set $selector "matchExpressions" . }}{{ end -}}
{{- $labels := include "vllm-monitoring.labelsWith" (list .root "scraping" $operator.labels) | fromYaml -}}
{{- $metadata := dict "name" .name "namespace" .namespace "labels" $labels -}}
{{- $spec := dict "selector" $selector -}}
{{- $endpoints := list -}}
{{- $root := .root -}}
{{- $watched := false -}}
{{- range .endpoints -}}
{{- $endpoint := dict "path" .path "interval" (.interval | default $root.Values.metrics.scrape.interval) -}}
{{- with .params }}{{ $_ := set $endpoint "params" . }}{{ end -}}
{{- if .scheme -}}
{{- $watched = true -}}
{{- $endpoint = merge $endpoint (include "vllm-monitoring.monitorAccess" (list $root .scheme) | fromJson) -}}
{{- end -}}
{{- $number := regexMatch "^[0-9]+$" .port -}}
{{- $port := ternary (.port | int) .port $number -}}
{{- if eq $mode "google" -}}
{{- /* Targets take no label of ours; `up` is known by its job. */ -}}
{{- $_ := set $endpoint "port" $port -}}
{{- $_ := set $endpoint "timeout" $root.Values.metrics.scrape.timeout -}}
{{- with concat .steps .series }}{{ $_ := set $endpoint "metricRelabeling" (include "vllm-monitoring.relabel" (list "camel" .) | fromJsonArray) }}{{ end -}}
{{- else -}}
{{- $_ := set $endpoint "scrapeTimeout" (.timeout | default $root.Values.metrics.scrape.timeout) -}}
{{- if eq $kind "ServiceMonitor" -}}
{{- $_ := set $endpoint "targetPort" $port -}}
{{- else if not $number -}}
{{- $_ := set $endpoint "port" $port -}}
{{- else if and (eq $mode "operator") (semverCompare ">=0.79.0-0" $version) (not (include "vllm-monitoring.copied" $root)) -}}
{{- /* The VictoriaMetrics operator copies no portNumber: it would scrape every port of the pods. */ -}}
{{- $_ := set $endpoint "portNumber" $port -}}
{{- else -}}
{{- $_ := set $endpoint "targetPort" $port -}}
{{- end -}}
{{- $victoria := eq $mode "victoriametrics" -}}
{{- with .steps }}{{ $_ := set $endpoint (ternary "relabelConfigs" "relabelings" $victoria) (include "vllm-monitoring.relabel" (list "camel" .) | fromJsonArray) }}{{ end -}}
{{- with .series }}{{ $_ := set $endpoint (ternary "metricRelabelConfigs" "metricRelabelings" $victoria) (include "vllm-monitoring.relabel" (list "camel" .) | fromJsonArray) }}{{ end -}}
{{- if and $victoria .scheme $root.Values.metrics.scrape.limits.bodySize -}}
{{- $_ := set $endpoint "max_scrape_size" $root.Values.metrics.scrape.limits.bodySize -}}
{{- end -}}
{{- end -}}
{{- $endpoints = append $endpoints $endpoint -}}
{{- end -}}
{{- if eq $mode "google" -}}
{{- $_ := set $spec "endpoints" $endpoints -}}
{{- $_ := set $spec "targetLabels" (dict "metadata" (ternary (list "pod" "container" "namespace") (list "pod" "container") $all)) -}}
{{- if $watched }}{{ with include "vllm-monitoring.scrapeLimits" (list .root "google") | fromJson }}{{ $_ := set $spec "limits" . }}{{ end }}{{ end -}}
{{- $kind = ternary "ClusterPodMonitoring" "PodMonitoring" $all -}}
{{- if $all }}{{ $metadata = omit $metadata "namespace" }}{{ end -}}
{{- else -}}
{{- $_ := set $spec (ternary "endpoints" "podMetricsEndpoints" (eq .kind "ServiceMonitor")) $endpoints -}}
{{- if ne (join "," .namespaces) .namespace -}}
{{- $_ := set $spec "namespaceSelector" (ternary (dict "any" true) (dict "matchNames" .namespaces) $all) -}}
{{- end -}}
{{- if $watched -}}
{{- $limits := include "vllm-monitoring.scrapeLimits" (list .root (ternary "victoriametrics" "operator" (eq $mode "victoriametrics"))) | fromJson -}}
{{- if or (ne $mode "operator") (semverCompare "<0.73.0-0" $version) }}{{ $limits = omit $limits "bodySizeLimit" }}{{ end -}}
{{- $spec = merge $spec $limits -}}
{{- if and (eq $mode "operator") (include "vllm-monitoring.classicAlone" .root) -}}
{{- /* Whatever the Prometheus says of all its scrapes: buckets stay series of their own. */ -}}
{{- $_ := set $spec "convertClassicHistogramsToNHCB" false -}}
{{- end -}}
{{- end -}}
{{- if eq $mode "victoriametrics" }}{{ $kind = ternary "VMServiceScrape" "VMPodScrape" (eq .kind "ServiceMonitor") }}{{ end -}}
{{- end -}}
{{- dict "apiVersion" (include "vllm-monitoring.monitoringAPI" .root) "kind" $kind "metadata" $metadata "spec" $spec | toYaml -}}
{{- end -}}

{{/*
An entry's objects: JSON list of the dicts that vllm-monitoring.monitor takes, without root. One; or one for each
namespace, where they must be beside the pods. Takes (list root entry).
*/}}
{{- define "vllm-monitoring.entryMonitors" -}}
{{- $entry := index . 1 -}}
{{- $endpoints := list -}}
{{- range $entry.ports -}}
{{- $endpoints = append $endpoints (dict "port" . "path" $entry.scrape.path "scheme" $entry.scrape.scheme
      "steps" (include "vllm-monitoring.modelSteps" $ | fromJsonArray)
      "series" (include "vllm-monitoring.seriesSteps" (list (index $ 0) (index $ 1) .) | fromJsonArray)) -}}
{{- end -}}
{{- include "vllm-monitoring.podsMonitors" (list (index . 0) $entry "" $endpoints) -}}
{{- end -}}

{{/* The same of a probed entry (vllm-monitoring.probed): the probe is asked about each pod. Takes (list root entry). */}}
{{- define "vllm-monitoring.probeMonitors" -}}
{{- $probe := (index . 0).Values.probe -}}
{{- $entry := index . 1 -}}
{{- $endpoints := list -}}
{{- range $entry.ports -}}
{{- $endpoints = append $endpoints (dict "port" . "path" "/probe" "scheme" ""
      "params" (dict "module" (list (include "vllm-monitoring.probeModule" $entry)))
      "interval" $probe.interval "timeout" $probe.timeout
      "steps" (include "vllm-monitoring.probeSteps" $ | fromJsonArray)
      "series" (include "vllm-monitoring.probeSeries" (index $ 0) | fromJsonArray)) -}}
{{- end -}}
{{- include "vllm-monitoring.podsMonitors" (list (index . 0) $entry "-probe" $endpoints) -}}
{{- end -}}

{{/* Objects that find an entry's pods. Takes (list root entry suffix endpoints), the suffix of their names. */}}
{{- define "vllm-monitoring.podsMonitors" -}}
{{- $root := index . 0 -}}
{{- $entry := index . 1 -}}
{{- $byService := and (eq $entry.monitor "ServiceMonitor") (ne (include "vllm-monitoring.mode" $root) "google") -}}
{{- $monitor := dict
      "name" (printf "%s%s" (include "vllm-monitoring.modelName" (list $root $entry.slug)) (index . 2))
      "kind" (ternary "ServiceMonitor" "PodMonitor" $byService)
      "selector" (ternary $entry.serviceSelector $entry.selector $byService)
      "expressions" (ternary list $entry.selectorExpressions $byService)
      "endpoints" (index . 3) -}}
{{- $monitors := list -}}
{{- if and (include "vllm-monitoring.monitorsBesidePods" $root) (not (has "*" $entry.namespaces)) -}}
{{- range $entry.namespaces -}}
{{- $monitors = append $monitors (merge (dict "namespace" . "namespaces" (list .)) $monitor) -}}
{{- end -}}
{{- else -}}
{{- $name := $monitor.name -}}
{{- if and (has "*" $entry.namespaces) (eq (include "vllm-monitoring.mode" $root) "google") }}{{ $name = printf "%s-%s" $root.Release.Namespace $name }}{{ end -}}
{{- $monitors = append $monitors (merge (dict "name" $name "namespace" $root.Release.Namespace "namespaces" $entry.namespaces) $monitor) -}}
{{- end -}}
{{- toJson $monitors -}}
{{- end -}}

{{/* Whether each namespace has its own: "true" or "". Google's PodMonitoring sees its own alone. Takes the root. */}}
{{- define "vllm-monitoring.monitorsBesidePods" -}}
{{- if or .Values.metrics.operator.namespaced (eq (include "vllm-monitoring.mode" .) "google") }}true{{ end -}}
{{- end -}}

{{/*
Objects for this release's own parts: JSON list as above. What balancers received is received again by samplers, so
their targets have another label; so have the targets with span metrics, whose `up` counts no replica.
Takes the root.
*/}}
{{- define "vllm-monitoring.ownMonitors" -}}
{{- $parts := list -}}
{{- if .Values.tracing.enabled }}{{ $parts = append $parts (dict "component" "collector" "ports" (dict "metrics" "vllm_monitoring" "span-metrics" "spans_of")) }}{{ end -}}
{{- if include "vllm-monitoring.balanced" . }}{{ $parts = append $parts (dict "component" "balancer" "ports" (dict "metrics" "balancer_of")) }}{{ end -}}
{{- $monitors := list -}}
{{- range $parts -}}
{{- $endpoints := list -}}
{{- range $port, $label := .ports -}}
{{- $endpoints = append $endpoints (dict "port" $port "path" "/metrics" "scheme" "" "series" list
      "steps" (list (dict "target" $label "replacement" (include "vllm-monitoring.id" $)))) -}}
{{- end -}}
{{- $monitors = append $monitors (dict
      "name" (printf "%s-%s" (include "vllm-monitoring.fullname" $) .component)
      "namespace" $.Release.Namespace
      "namespaces" (list $.Release.Namespace)
      "kind" "PodMonitor"
      "selector" (include "vllm-monitoring.selectorLabels" (list $ .component) | fromYaml)
      "expressions" list
      "endpoints" $endpoints) -}}
{{- end -}}
{{- toJson $monitors -}}
{{- end -}}
