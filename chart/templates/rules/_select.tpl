{{/*
Which raw series are read, and by what they are added up.

What this chart scrapes carries the target labels vllm_monitoring and model, so that neither a
foreign scrape of the same pods nor a second release doubles a sum. Where something else scrapes
(metrics.scrape.enabled: false), metrics.matchers selects instead, and the recording rules write
the two labels on what they record: whatever reads recorded series is the same in both cases.
A release watches one such fleet: one entry, or none.
*/}}

{{/* Matchers of a raw series of vLLM. Takes the root. */}}
{{- define "vllm-monitoring.scraped" -}}
{{- if .Values.metrics.scrape.enabled -}}
{{- printf "vllm_monitoring=%q" (include "vllm-monitoring.id" .) -}}
{{- else -}}
{{- include "vllm-monitoring.promText" (join ", " .Values.metrics.matchers) -}}
{{- end -}}
{{- end -}}

{{/*
The labels of the level `model`; `pod` and `engine` add theirs. `cluster` is there where relabelling or a
central store puts it: without it the clusters' series would be added up.
*/}}
{{- define "vllm-monitoring.byModel" -}}
vllm_monitoring, cluster, model, namespace, model_name
{{- end -}}

{{/* The labels of a target, which knows no model_name. */}}
{{- define "vllm-monitoring.byTarget" -}}
vllm_monitoring, cluster, model, namespace, pod
{{- end -}}

{{/* Leaves out the prefill half of a model that is served in halves; after a vector by pod. Takes the root. */}}
{{- define "vllm-monitoring.notPrefill" -}}
unless on (cluster, namespace, model_name, pod) pod:vllm_prefill:info{{ include "vllm-monitoring.own" . }}
{{- end -}}

{{/*
Recording rules, with the target labels where the scrape does not give them. The collector is
scraped by this chart in any case. Takes (list root rules), the rules as YAML.
*/}}
{{- define "vllm-monitoring.labelled" -}}
{{- $root := index . 0 -}}
{{- if $root.Values.metrics.scrape.enabled -}}
{{- index . 1 -}}
{{- else -}}
{{- $target := dict "vllm_monitoring" (include "vllm-monitoring.id" $root) -}}
{{- $entry := merge (dict "model" ((include "vllm-monitoring.entries" $root | fromJson).entries | first).name) $target -}}
{{- range $rule := index . 1 | fromYamlArray }}
{{- $labels := ternary $target $entry (has (splitList ":" $rule.record | first) (list "release" "collector")) }}
{{- $_ := set $rule "labels" (merge ($rule.labels | default dict) $labels) }}
- {{ toYaml $rule | nindent 2 | trim }}
{{- end }}
{{- end -}}
{{- end -}}
