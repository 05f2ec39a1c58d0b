{{/*
The objects with rules: JSON list of {kind, name, namespace, models, about}. One with all of them; or, with
metrics.operator.namespaced, one for each namespace: an operator that enforces a namespace label has the rules of
an object see the series of its namespace alone. `about` is models, release (what is not about one model) or both;
`models` are the entries of that namespace. Takes the root.
*/}}
{{- define "vllm-monitoring.ruleObjects" -}}
{{- $mode := include "vllm-monitoring.mode" . -}}
{{- $name := printf "%s-rules" (include "vllm-monitoring.fullname" .) -}}
{{- $namespace := .Release.Namespace -}}
{{- $entries := (include "vllm-monitoring.entries" . | fromJson).entries -}}
{{- $elsewhere := without (include "vllm-monitoring.watchedNamespaces" . | fromJsonArray) $namespace -}}
{{- $objects := list -}}
{{- if eq $mode "google" -}}
{{- /* Rules see the series of their own namespace alone. */ -}}
{{- $object := dict "kind" "Rules" "name" $name "namespace" $namespace -}}
{{- if $elsewhere }}{{ $object = dict "kind" "ClusterRules" "name" (printf "%s-%s" $namespace $name) "namespace" "" }}{{ end -}}
{{- $objects = append $objects (merge (dict "models" .Values.models "about" "both") $object) -}}
{{- else -}}
{{- $object := dict "kind" (ternary "VMRule" "PrometheusRule" (eq $mode "victoriametrics")) "name" $name -}}
{{- if and .Values.metrics.operator.namespaced $elsewhere -}}
{{- range prepend $elsewhere $namespace | uniq -}}
{{- $here := . -}}
{{- $models := list -}}
{{- range $entries }}{{ if has $here .namespaces }}{{ $models = append $models (merge (dict "namespaces" (list $here)) (omit . "slug" "namespaces")) }}{{ end }}{{ end -}}
{{- $about := ternary (ternary "both" "release" (not (empty $models))) "models" (eq . $namespace) -}}
{{- $objects = append $objects (merge (dict "namespace" . "models" $models "about" $about) $object) -}}
{{- end -}}
{{- else -}}
{{- $objects = append $objects (merge (dict "namespace" $namespace "models" .Values.models "about" "both") $object) -}}
{{- end -}}
{{- end -}}
{{- toJson $objects -}}
{{- end -}}
