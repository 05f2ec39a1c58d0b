{{/*
Histograms as they are stored: classic (_bucket, _sum, _count), or as one native histogram of the
family's own name, where Prometheus converts them at the scrape (convert_classic_histograms_to_nhcb) or
a client exports them so. Each vector below has one sample a series, the classic one where both are
stored. Takes (list root family window), the family without `vllm:`.
*/}}

{{/*
Whether rules have functions of native histograms: "true" or "". vmalert does not know them, and refuses every
rule of a file for one of them; VictoriaMetrics stores native histograms as classic ones with `vmrange`.
A PrometheusRule that vmalert may get as well has none where no series needs them. Takes the root.
*/}}
{{- define "vllm-monitoring.nativeHistograms" -}}
{{- $engine := get . "Engine" | default (include "vllm-monitoring.mode" .) -}}
{{- $common := and (not (get . "Engine")) (include "vllm-monitoring.copied" .) (include "vllm-monitoring.classicAlone" .) -}}
{{- if not (or $common (has $engine (list "vmalert" "victoriametrics"))) }}true{{ end -}}
{{- end -}}

{{/*
Whether the monitors of this release keep classic histograms as they are, whatever the Prometheus does elsewhere:
"true" or "". vLLM exports no others. Takes the root.
*/}}
{{- define "vllm-monitoring.classicAlone" -}}
{{- if and .Values.metrics.scrape.enabled (semverCompare ">=0.82.0-0" (.Values.metrics.operator.version | default "999.0.0")) }}true{{ end -}}
{{- end -}}

{{/* Observations a second. */}}
{{- define "vllm-monitoring.countRate" -}}
{{- include "vllm-monitoring.ofHistogram" (append . "count") -}}
{{- end -}}

{{/* The sum of what was observed, a second. */}}
{{- define "vllm-monitoring.sumRate" -}}
{{- include "vllm-monitoring.ofHistogram" (append . "sum") -}}
{{- end -}}

{{- define "vllm-monitoring.ofHistogram" -}}
{{- $selected := printf "{%s}[%s]" (include "vllm-monitoring.scraped" (index . 0)) (index . 2) -}}
{{- printf "rate(vllm:%s_%s%s)" (index . 1) (index . 3) $selected -}}
{{- if include "vllm-monitoring.nativeHistograms" (index . 0) -}}
{{- printf " or histogram_%s(rate(vllm:%s%s))" (index . 3) (index . 1) $selected -}}
{{- end -}}
{{- end -}}

{{/* The mean over the labels. Takes (list root family window labels). */}}
{{- define "vllm-monitoring.histogramMean" -}}
{{- $of := list (index . 0) (index . 1) (index . 2) -}}
sum by ({{ index . 3 }}) ({{ include "vllm-monitoring.sumRate" $of }})
/ sum by ({{ index . 3 }}) ({{ include "vllm-monitoring.countRate" $of }}) >= 0
{{- end -}}

{{/*
All observations of those series that know a bound, and those up to it. Takes (dict root family window
le bound function): the bound as a regular expression for `le` and in seconds; rate or increase.
*/}}
{{- define "vllm-monitoring.allObserved" -}}
{{- $scraped := include "vllm-monitoring.scraped" .root -}}
(
  sum without (le) ({{ .function }}({{ .family }}_bucket{ {{- $scraped }}, le="+Inf"}[{{ .window }}]))
  and sum without (le) ({{ .function }}({{ .family }}_bucket{ {{- $scraped }}, le=~"{{ .le }}"}[{{ .window }}]))
)
{{- if include "vllm-monitoring.nativeHistograms" .root }}
or histogram_count({{ .function }}({{ .family }}{ {{- $scraped -}} }[{{ .window }}]))
{{- end -}}
{{- end -}}

{{- define "vllm-monitoring.observedWithin" -}}
{{- $scraped := include "vllm-monitoring.scraped" .root -}}
{{- $native := printf "%s(%s{%s}[%s])" .function .family $scraped .window -}}
sum without (le) ({{ .function }}({{ .family }}_bucket{ {{- $scraped }}, le=~"{{ .le }}"}[{{ .window }}]))
{{- if include "vllm-monitoring.nativeHistograms" .root }}
or histogram_count({{ $native }}) * histogram_fraction(-Inf, {{ .bound }}, {{ $native }}) >= 0
or histogram_count({{ $native }}) * 0
{{- end -}}
{{- end -}}

{{/*
The rate of a native histogram, of those series that are not stored as a classic one too. Takes (list root
family window).
*/}}
{{- define "vllm-monitoring.nativeRate" -}}
{{- $selected := printf "{%s}[%s]" (include "vllm-monitoring.scraped" (index . 0)) (index . 2) -}}
{{- printf "(rate(vllm:%[1]s%[2]s) unless rate(vllm:%[1]s_count%[2]s))" (index . 1) $selected -}}
{{- end -}}

{{/*
A quantile of recorded rates, classic or native; where some servers' are stored so and others' so, the higher
of the two, which no quantile of all of them exceeds. Takes (list root level family q); `level` as `model`.
*/}}
{{- define "vllm-monitoring.recordedQuantile" -}}
{{- $own := include "vllm-monitoring.own" (index . 0) -}}
{{- $name := printf "%s:vllm_%s" (index . 1) (index . 2) -}}
max without (stored) (
  histogram_quantile({{ index . 3 }}, {{ $name }}_bucket:rate{{ $own }}) >= 0
  or label_replace(histogram_quantile({{ index . 3 }}, {{ $name }}:rate{{ $own }}) >= 0, "stored", "native", "", "")
)
{{- end -}}
