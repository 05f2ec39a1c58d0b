{{/*
Whether the operator's Prometheus reads what this chart writes for it: metrics.operator.prometheus is
looked up, and its selectors are compared with our labels. Where the cluster is not seen (`helm
template`, Argo CD) there is nothing to compare.
*/}}

{{/* The labels of matchLabels that ours lack, as YAML; takes (list selector labels). */}}
{{- define "vllm-monitoring.lacking" -}}
{{- $lacking := dict -}}
{{- range $key, $value := (index . 0).matchLabels -}}
{{- if ne (get (index $ 1) $key | toString) $value -}}{{- $_ := set $lacking $key $value -}}{{- end -}}
{{- end -}}
{{- if $lacking }}{{ toYaml $lacking }}{{ end -}}
{{- end -}}

{{/* Warnings, a line each; takes (list root prometheus), the object. */}}
{{- define "vllm-monitoring.selectionWarnings" -}}
{{- $root := index . 0 -}}
{{- $prometheus := index . 1 -}}
{{- $name := printf "%s/%s" $prometheus.metadata.namespace $prometheus.metadata.name -}}
{{- $ours := include "vllm-monitoring.labelsWith" (list $root "scraping" $root.Values.metrics.operator.labels) | fromYaml -}}
{{- $kinds := dict "podMonitorSelector" "PodMonitor" "ruleSelector" "PrometheusRule" -}}
{{- range (include "vllm-monitoring.entries" $root | fromJson).entries -}}
{{- if eq .monitor "ServiceMonitor" }}{{ $_ := set $kinds "serviceMonitorSelector" "ServiceMonitor" }}{{ end -}}
{{- end -}}
{{- range $field, $kind := $kinds -}}
{{- if not (hasKey $prometheus.spec $field) }}
WARNING: {{ $name }} has no {{ $field }}, and so reads no {{ $kind }} at all; give it an empty one:  {{ $field }}: {}
{{- else }}
{{- with include "vllm-monitoring.lacking" (list (get $prometheus.spec $field) $ours) | fromYaml }}
{{- $pairs := list }}{{ range $k, $v := . }}{{ $pairs = append $pairs (printf "%s=%s" $k $v) }}{{ end }}
{{- $set := list }}{{ range $k, $v := . }}{{ $set = append $set (printf "%s: %s" $k $v) }}{{ end }}
WARNING: {{ $name }} selects {{ join ", " $pairs }}, your {{ $kind }} lacks it; set  metrics: {operator: {labels: { {{- join ", " $set -}} }}}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* The same for the Prometheus that the values name, or nothing. Takes the root. */}}
{{- define "vllm-monitoring.selectionNotes" -}}
{{- with .Values.metrics.operator.prometheus -}}
{{- $found := lookup "monitoring.coreos.com/v1" "Prometheus" (splitList "/" . | first) (splitList "/" . | last) -}}
{{- if $found -}}
{{- include "vllm-monitoring.selectionWarnings" (list $ $found) -}}
{{- end -}}
{{- end -}}
{{- end -}}
