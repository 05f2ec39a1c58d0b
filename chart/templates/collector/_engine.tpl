{{/*
What decides which traces are kept, wasm or ottl: tracing.policy.engine, with auto resolved. Takes
the root.
*/}}
{{- define "vllm-monitoring.engine" -}}
{{- $engine := .Values.tracing.policy.engine -}}
{{- if ne $engine "auto" -}}{{ $engine }}
{{- else if .Values.tracing.collector.image.repository -}}wasm
{{- else -}}ottl
{{- end -}}
{{- end -}}

{{/* The ConfigMap of a policy of somebody else's, where one decides; else empty. Takes the root. */}}
{{- define "vllm-monitoring.foreignPolicy" -}}
{{- if eq (include "vllm-monitoring.engine" .) "wasm" -}}{{ (.Values.tracing.policy.module | default dict).configMap }}{{- end -}}
{{- end -}}

{{/* SHA-256 of the policy that decides. Takes the root. */}}
{{- define "vllm-monitoring.policyHash" -}}
{{- if include "vllm-monitoring.foreignPolicy" . -}}{{ .Values.tracing.policy.module.sha256 }}
{{- else -}}{{ .Files.Get "files/sampling-policy.sha256" | trim }}
{{- end -}}
{{- end -}}

{{/* The collector's image entry: ours where one is named, else the stock one. Takes the root. */}}
{{- define "vllm-monitoring.collectorImage" -}}
{{- $c := .Values.tracing.collector -}}
{{- if $c.image.repository -}}{{ toJson $c.image }}{{- else -}}{{ toJson $c.stockImage }}{{- end -}}
{{- end -}}

{{/* The policy's rules by settings key, with the latency of `thresholds` each reads; JSON. */}}
{{- define "vllm-monitoring.policyLatencies" -}}
{{- dict "e2e_latency" "e2eLatency" "time_to_first_token" "timeToFirstToken" "decode_time" "decodeTime" | toJson -}}
{{- end -}}

{{/*
The sampling policy's rules as one OTTL condition on a span: vLLM's request spans, by name and
scope, above a keepTrace threshold. Names come from the catalogue, limits from the same helper as
the plugin's settings. Takes the root.
*/}}
{{- define "vllm-monitoring.ottlCondition" -}}
{{- $catalog := .Files.Get "files/catalog.yaml" | fromYaml -}}
{{- $settings := include "vllm-monitoring.policySettings" . | fromJson -}}
{{- $limits := list -}}
{{- range $rule, $latency := include "vllm-monitoring.policyLatencies" . | fromJson -}}
{{- $limit := get $settings $rule -}}
{{- if ne $limit "off" -}}
{{- $attribute := (get $catalog.latencies $latency).spanAttribute -}}
{{- $seconds := include "vllm-monitoring.seconds" $limit -}}
{{- /* As the plugin: some senders and proxies write every number as a text. Double fails on any other text. */}}
{{- $limits = append $limits (printf `attributes["%[1]s"] > %[2]s or IsString(attributes["%[1]s"]) and IsMatch(attributes["%[1]s"], "^([0-9]{1,15}[.]?[0-9]{0,16}|[.][0-9]{1,16})$") and Double(attributes["%[1]s"]) > %[2]s` $attribute $seconds) -}}
{{- end -}}
{{- end -}}
{{- $scopes := list -}}
{{- range $catalog.spans.request.scopes -}}
{{- $scopes = append $scopes (printf `instrumentation_scope.name == "%s"` .) -}}
{{- end -}}
{{- if $limits -}}
{{- printf `name == "%s" and (%s) and (%s)` $catalog.spans.request.name (join " or " $scopes) (join " or " $limits) -}}
{{- else -}}
false
{{- end -}}
{{- end -}}

{{/*
The policy of tail_sampling that decides on the traces of `helm test`, without its name: by the limits
alone, because from these traces nothing is to be learnt, and no budget is to be spent on them. What a
policy of somebody else's keeps is not known here. Takes the root.
*/}}
{{- define "vllm-monitoring.syntheticDecision" -}}
{{- if include "vllm-monitoring.foreignPolicy" . -}}
{{- include "vllm-monitoring.conditionPolicy" . -}}
{{- else if eq (include "vllm-monitoring.engine" .) "wasm" -}}
type: wasm_sampling_policy
wasm_sampling_policy: {errors: false, slowest: false, baseline: false, budget: false, models: {}}
{{- else -}}
{{- include "vllm-monitoring.conditionPolicy" . -}}
{{- end -}}
{{- end -}}

{{/* The policy of the stock collector that decides by the limits, without its name. Takes the root. */}}
{{- define "vllm-monitoring.conditionPolicy" -}}
type: ottl_condition
ottl_condition:
  error_mode: ignore
  span: [{{ include "vllm-monitoring.ottlCondition" . | replace "$" "$$" | quote }}]
{{- end -}}

{{/*
The policy of tail_sampling that decides, without its name. The stock collector has no budget over a minute;
what it keeps in a second is bounded by `composite`: rate_limiting and bytes_limiting are refused with
span-ingest. Takes the root.
*/}}
{{- define "vllm-monitoring.decidingPolicy" -}}
{{- $budget := .Values.tracing.policy.budget -}}
{{- if eq (include "vllm-monitoring.engine" .) "wasm" -}}
type: wasm_sampling_policy
wasm_sampling_policy: {}
{{- else if $budget.enabled -}}
type: composite
composite:
  max_total_spans_per_second: {{ $budget.spansPerSecond | int }}
  policy_order: [slow]
  composite_sub_policy:
    - name: slow
      {{- include "vllm-monitoring.conditionPolicy" . | nindent 6 }}
{{- else -}}
{{- include "vllm-monitoring.conditionPolicy" . -}}
{{- end -}}
{{- end -}}
