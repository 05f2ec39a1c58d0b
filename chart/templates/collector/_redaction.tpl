{{/*
What is taken out of kept traces before they leave: attributes of resource, span and event whose
whole key is one of the expressions. Takes the root.
*/}}
{{- define "vllm-monitoring.redaction" -}}
{{- $pattern := printf "^(%s)$" (join "|" .Values.tracing.redaction.attributes) -}}
{{- /* A string of OTTL, and `$` is the collector's own. */}}
{{- $quoted := $pattern | replace "\\" "\\\\" | replace "\"" "\\\"" | replace "$" "$$" }}
transform/redact:
  # Nothing goes on unredacted.
  error_mode: propagate
  trace_statements:
    {{- range list "resource.attributes" "span.attributes" "spanevent.attributes" }}
    - {{ printf "delete_matching_keys(%s, \"%s\")" . $quoted | toYaml }}
    {{- end }}
{{- end -}}
