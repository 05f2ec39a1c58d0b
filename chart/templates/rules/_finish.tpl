{{/*
What is done to every rule of this chart when all of it is known: texts of the values are put in, vLLM's names get
their prefixes, and `up` its other name.
*/}}

{{/*
A text of the values within an expression. Rules are YAML, in which ": " and " #" of a plain text mean
something, so a blank is another character until the rules are data; and a `vllm:` in it is no metric's name.
*/}}
{{- define "vllm-monitoring.promText" -}}
{{- . | replace " " "\uE000" | replace "vllm:" "vllm\uE001" -}}
{{- end -}}

{{/* The text again, outside rules. */}}
{{- define "vllm-monitoring.plainText" -}}
{{- . | replace "\uE000" " " | replace "\uE001" ":" -}}
{{- end -}}

{{/* Whether vLLM's series are stored under names with a prefix: "true" or "". Takes the root. */}}
{{- define "vllm-monitoring.prefixed" -}}
{{- if and (not .Values.metrics.scrape.enabled) (ne (.Values.metrics.namePrefixes | join ",") "vllm:") }}true{{ end -}}
{{- end -}}

{{/* Takes (list root rules), the rules as YAML; gives YAML, unchanged where nothing is to be done. */}}
{{- define "vllm-monitoring.finishedRules" -}}
{{- $root := index . 0 -}}
{{- $text := index . 1 -}}
{{- $prefixed := and (include "vllm-monitoring.prefixed" $root) (contains "vllm:" $text) -}}
{{- $google := and (eq (include "vllm-monitoring.mode" $root) "google") (contains "up{" $text) (not (contains "target:vllm_up:last\n" $text)) -}}
{{- if or $prefixed $google (contains "\uE000" $text) (contains "\uE001" $text) -}}
{{- $rules := list -}}
{{- range $rule := $text | fromYamlArray -}}
{{- $expr := $rule.expr -}}
{{- if $prefixed -}}
{{- $any := $root.Values.metrics.namePrefixes | join "|" | printf "(?:%s)" -}}
{{- $expr = regexReplaceAll "(vllm:[a-z0-9_]+)\\{" $expr "{__name__=~\"${1}\", " | replace "vllm:" $any -}}
{{- end -}}
{{- if $google }}{{ $expr = regexReplaceAll "(^|[^a-z_:])up\\{" $expr "${1}target:vllm_up:last{" }}{{ end -}}
{{- $rules = append $rules (merge (dict "expr" (include "vllm-monitoring.plainText" $expr)) $rule) -}}
{{- end -}}
{{- toYaml $rules -}}
{{- else -}}
{{- $text -}}
{{- end -}}
{{- end -}}

{{/*
Google Managed Prometheus writes no label of ours on targets, and so not on `up`: it is recorded once more, by the
job that each of our objects makes, under the labels that targets have elsewhere. Takes the root.
*/}}
{{- define "vllm-monitoring.recording.googleTargets" }}
{{- $id := include "vllm-monitoring.id" . -}}
{{- range $entry := ternary (include "vllm-monitoring.entries" . | fromJson).entries list .Values.metrics.scrape.enabled }}
{{- range include "vllm-monitoring.entryMonitors" (list $ .) | fromJsonArray }}
- record: target:vllm_up:last
  expr: {{ printf "up{job=%q%s}" .name (ternary "" (printf ", namespace=%q" .namespace) (has "*" .namespaces)) | quote }}
  labels: {{- dict "vllm_monitoring" $id "model" $entry.name | toYaml | nindent 4 }}
{{- end }}
{{- end }}
{{- range $monitor := include "vllm-monitoring.ownMonitors" . | fromJsonArray }}
{{- range .endpoints }}
- record: target:vllm_up:last
  expr: {{ printf "up{job=%q, namespace=%q, instance=~\".*:%s\"}" $monitor.name $monitor.namespace .port | quote }}
  labels: {{- dict (first .steps).target $id | toYaml | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}
