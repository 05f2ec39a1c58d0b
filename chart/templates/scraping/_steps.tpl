{{/*
Relabelling, for Prometheus' own configuration and for the objects of each operator: lists of steps
{source, regex, target, replacement, action}, whichever they have.
*/}}

{{/* Target labels of an entry: JSON list of steps. `$` would be filled in. Takes (list root entry). */}}
{{- define "vllm-monitoring.modelSteps" -}}
{{- list
      (dict "target" "model" "replacement" ((index . 1).name | replace "$" "$$"))
      (dict "target" "vllm_monitoring" "replacement" (include "vllm-monitoring.id" (index . 0))) | toJson -}}
{{- end -}}

{{/*
What is done to the series of an entry: JSON list of steps. Prefixes are taken off, which Ray Serve
(`ray_vllm:`, and `ray_vllm_` where its exporter knows no colons) and KServe (`kserve_vllm:`) put before vLLM's
names; the profile drops; the engines of a pod with several ports are told apart. Takes (list root entry port).
*/}}
{{- define "vllm-monitoring.seriesSteps" -}}
{{- $steps := list (dict "source" "__name__" "regex" "[a-zA-Z0-9_]*_vllm:(.+)|ray_vllm_(.+)" "target" "__name__" "replacement" "vllm:$1$2") -}}
{{- with include "vllm-monitoring.profile" (index . 0) | fromYaml -}}
{{- $steps = append $steps (merge (dict "source" "__name__") .) -}}
{{- end -}}
{{- if gt (len (index . 1).ports) 1 -}}
{{- $steps = append $steps (dict "source" "engine" "regex" "(.+)" "target" "engine" "replacement" (printf "%s/$1" (index . 2))) -}}
{{- end -}}
{{- toJson $steps -}}
{{- end -}}

{{/* Steps as Prometheus writes them (`snake`), or as operators do (`camel`): JSON list. Takes (list style steps). */}}
{{- define "vllm-monitoring.relabel" -}}
{{- $snake := eq (index . 0) "snake" -}}
{{- $out := list -}}
{{- range index . 1 -}}
{{- $step := pick . "regex" "replacement" "action" -}}
{{- with .source }}{{ $_ := set $step (ternary "source_labels" "sourceLabels" $snake) (list .) }}{{ end -}}
{{- with .target }}{{ $_ := set $step (ternary "target_label" "targetLabel" $snake) . }}{{ end -}}
{{- $out = append $out $step -}}
{{- end -}}
{{- toJson $out -}}
{{- end -}}

{{/* What a scrape of vLLM stores: {action, regex} on the name, or nothing for all. Takes the root. */}}
{{- define "vllm-monitoring.profile" -}}
{{- with get (.Files.Get "files/catalog.yaml" | fromYaml).profiles .Values.metrics.profile -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}
