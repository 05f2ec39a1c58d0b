{{/*
Metrics of spans: of vLLM's requests alone, whatever sampling keeps, without those of `helm test`.
*/}}

{{/* Series of a model that asks no more are forgotten. */}}
{{- define "vllm-monitoring.spanMetricsExpiration" -}}1h{{- end -}}

{{/*
A span of `helm test`, as a condition on spans: by its marker and the service that it says it is of. The
marker alone would let a sender hide a model's requests. Takes the root.
*/}}
{{- define "vllm-monitoring.syntheticSpan" -}}
{{- printf `attributes["%s"] == true and resource.attributes["service.name"] == "install-check"` (include "vllm-monitoring.syntheticMarker" .) -}}
{{- end -}}

{{/* Takes the root. */}}
{{- define "vllm-monitoring.spanMetricsFilter" -}}
{{- $request := (.Files.Get "files/catalog.yaml" | fromYaml).spans.request }}
{{- /* A caller may have spans of the same name. */}}
{{- $scopes := list }}
{{- range $request.scopes }}{{ $scopes = append $scopes (printf `instrumentation_scope.name != "%s"` .) }}{{ end }}
filter/requests:
  error_mode: ignore
  traces:
    span:
      {{- $other := printf `name != "%s" or (%s)` $request.name (join " and " $scopes) }}
      - {{ ternary (printf "%s or (%s)" $other (include "vllm-monitoring.syntheticSpan" .)) $other .Values.helmTest.enabled | squote }}
{{- end -}}

{{/*
The address that a span came from, on its resource: spans of vLLM name no pod. On the tier that callers
reach, over whatever the sender wrote there; without the port.
*/}}
{{- define "vllm-monitoring.senderAttribute" -}}vllm_monitoring.sender{{- end -}}
{{- define "vllm-monitoring.senderAddress" -}}
{{- $sender := printf "resource.attributes[%q]" (include "vllm-monitoring.senderAttribute" .) }}
transform/address:
  error_mode: ignore
  trace_statements:
    - context: resource
      statements:
        - set({{ $sender }}, otelcol.client.addr)
        - 'replace_pattern({{ $sender }}, "^(?:\\[([^\\]]+)\\]|([0-9.]+)):[0-9]+$$", "$$1$$2")'
{{- end -}}

{{/*
What may become a label: of a resource all would, in target_info, and one text that is no UTF-8 costs the whole
page of metrics. Takes the root.
*/}}
{{- define "vllm-monitoring.metricLabels" -}}
{{- $s := .Values.tracing.spanMetrics -}}
{{- $dimensions := ternary $s.dimensions list $s.enabled | default list -}}
{{- $keys := concat (list "service.name" (include "vllm-monitoring.senderAttribute" .)) $dimensions | uniq -}}
{{- $service := `resource.attributes["service.name"]` -}}
{{- /* Without this one span_metrics does not count a span. */}}
{{- $statements := list (printf "keep_keys(resource.attributes, %s)" (toRawJson $keys)) (printf `set(%s, "unknown_service") where not IsString(%s)` $service $service) -}}
transform/labels:
  error_mode: ignore
  trace_statements:
    - context: resource
      statements: {{ concat $statements (include "vllm-monitoring.validTexts" (list "resource.attributes" false) | fromJsonArray) | toRawJson | replace "$" "$$" }}
    {{- if $dimensions }}
    - context: span
      statements: {{ include "vllm-monitoring.validTexts" (list "span.attributes" false) }}
    {{- end }}
{{- end -}}

{{/*
How many request spans came from where, for VllmTracingSilent: a series for each sender. Whatever
tracing.spanMetrics says, and apart from it, so that its dimensions do not crowd senders out.
Takes the root.
*/}}
{{- define "vllm-monitoring.requestCounter" -}}
{{- $sender := include "vllm-monitoring.senderAttribute" . }}
span_metrics/requests:
  namespace: vllm_request_spans
  histogram: {disable: true}
  dimensions: [{name: {{ $sender }}}]
  exclude_dimensions: [service.name, span.name, span.kind, status.code]
  resource_metrics_key_attributes: [{{ $sender }}]
  metrics_flush_interval: 15s
  metrics_expiration: {{ include "vllm-monitoring.spanMetricsExpiration" . }}
  # Senders beyond it are one series; a fleet has fewer.
  aggregation_cardinality_limit: 2000
{{- end -}}

{{/* Takes the root. */}}
{{- define "vllm-monitoring.spanMetricsConnector" -}}
{{- $s := .Values.tracing.spanMetrics -}}
span_metrics:
  namespace: vllm_spans
  metrics_flush_interval: 15s
  metrics_expiration: {{ include "vllm-monitoring.spanMetricsExpiration" . }}
  histogram:
    unit: s
    explicit:
      # The bounds of vLLM's own histogram of whole requests.
      buckets:
        {{- range (.Files.Get "files/catalog.yaml" | fromYaml).latencies.e2eLatency.bounds }}
        - {{ mulf . 1000 | int }}ms
        {{- end }}
  {{- with $s.dimensions }}
  dimensions:
    {{- range . }}
    - name: {{ . | replace "$" "$$" | quote }}
    {{- end }}
  {{- end }}
  # Replicas and restarts of one service are one series; what is beyond the limit is one more.
  resource_metrics_key_attributes: [service.name]
  aggregation_cardinality_limit: {{ $s.cardinalityLimit | int }}
{{- end -}}
