{{/*
The model entries with every default filled in: JSON {"entries": [{name, slug, selector,
selectorExpressions,
monitor, serviceSelector, namespaces, port, workload?, replicas?, deploy?, autoscaling?}, …]}, for fromJson.
What an autoscaler scales is expected as it is wanted (`auto`). Takes the root.
*/}}
{{- define "vllm-monitoring.entries" -}}
{{- $entries := list -}}
{{- range .Values.models | default (list (dict "name" "any")) -}}
{{- $slug := include "vllm-monitoring.slug" .name -}}
{{- $deployed := dig "deploy" "enabled" false . -}}
{{- $own := dict "app" "vllm" "app.kubernetes.io/instance" $.Release.Name "vllm-monitoring/model" $slug -}}
{{- $target := dig "autoscaling" "scaleTargetRef" "name" "" . -}}
{{- $workload := .workload | default (ternary (include "vllm-monitoring.modelName" (list $ $slug)) $target $deployed) -}}
{{- $expected := ternary (dict "replicas" "auto") dict (dig "autoscaling" "enabled" false .) -}}
{{- $entries = append $entries (merge (dict
      "slug" $slug
      "workload" $workload
      "selector" (.selector | default (ternary $own (dict "app" "vllm") $deployed))
      "selectorExpressions" (.selectorExpressions | default list)
      "monitor" (.monitor | default "PodMonitor")
      "serviceSelector" (.serviceSelector | default (ternary (omit $own "app") dict $deployed))
      "namespaces" (.namespaces | default (list $.Release.Namespace))
      "port" (.port | default 8000 | toString)
    ) . $expected) -}}
{{- end -}}
{{- dict "entries" $entries | toJson -}}
{{- end -}}

{{/* A model's name as part of an object's name: "Qwen/Qwen3" is qwen-qwen3. Takes the name. */}}
{{- define "vllm-monitoring.slug" -}}
{{- regexReplaceAll "[^a-z0-9]" (lower .) "-" | trunc 40 | trimAll "-" -}}
{{- end -}}

{{/* Whether the operator's objects are written: "true" or "". Takes the root. */}}
{{- define "vllm-monitoring.operatorMode" -}}
{{- if eq .Values.metrics.mode "operator" -}}
true
{{- else if and (eq .Values.metrics.mode "auto") (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1") -}}
true
{{- end -}}
{{- end -}}
