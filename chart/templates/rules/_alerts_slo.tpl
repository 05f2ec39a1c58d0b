{{/*
Burn rates of error budgets over two windows: the long one says that it matters, the short one that
it goes on. Below slos.minimumEvents in the long window nothing is said. Takes the root.
*/}}
{{- define "vllm-monitoring.alerts.slo" -}}
{{- $s := .Values.slos -}}
{{- include "vllm-monitoring.burn" (dict "root" . "alert" "VllmAvailabilityBudgetBurning" "slo" "availability" "objective" $s.availability.objective
      "summary" "So many requests fail that the error budget of availability will not last."
      "bad" "of the requests fail") }}
{{- range $key, $slo := include "vllm-monitoring.latencySlos" . | fromYaml }}
{{- $what := index (dict "timeToFirstToken" "first tokens" "interTokenLatency" "tokens" "e2eLatency" "requests") $key }}
{{ include "vllm-monitoring.burn" (dict "root" $ "alert" $slo.alert "slo" $slo.name "objective" (index $s $key).objective
      "summary" (printf "So many %s are late that the error budget of their objective will not last." $what)
      "bad" (printf "of the %s take longer than %s" $what $slo.limit)) }}
{{- end }}
{{- end -}}

{{/* One alert with a variant for each pair of windows. */}}
{{- define "vllm-monitoring.burn" -}}
{{- $id := include "vllm-monitoring.id" .root -}}
{{- $s := .root.Values.slos -}}
{{- $budget := include "vllm-monitoring.budget" .objective | float64 -}}
{{ .alert }}:
  summary: {{ .summary }}
  each:
    {{- range $w := $s.windows }}
    {{- $limit := printf "%.6g" (mulf $w.burn $budget) }}
    - severity: {{ $w.severity }}
      labels: {window: {{ $w.long }}}
      expr: |-
        {{- range $window := list $w.long $w.short }}
        {{ if ne $window $w.long }}and ignoring (window) {{ end }}model:vllm_slo:error_ratio{vllm_monitoring={{ $id | quote }}, slo={{ $.slo | quote }}, window={{ $window | quote }}} > {{ $limit }}
        {{- end }}
        and model:vllm_slo:events{vllm_monitoring={{ $id | quote }}, slo={{ $.slo | quote }}, window={{ $w.long | quote }}} >= {{ $s.minimumEvents }}
      description: >-
        {{ include "vllm-monitoring.theModel" $ }}: [[ $value | humanizePercentage ]] {{ $.bad }} in the last {{ $w.long }}; above
        {{ printf "%.4g" (mulf $limit 100) }} % ({{ $w.burn }} times what the objective of {{ $.objective }} % allows), in the last {{ $w.short }} too.
    {{- end }}
{{- end -}}
