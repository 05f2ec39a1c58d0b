{{/*
Where values of a dashboard turn amber and red, as JSON {name: [amber, red]}: at the objective's limit and at
the alert's threshold, near a threshold that has no objective. Of good events (`good …`) what is below. Takes
the root.
*/}}
{{- define "vllm-monitoring.dashboardLimits" -}}
{{- $limits := dict -}}
{{- range $key := list "e2eLatency" "timeToFirstToken" "interTokenLatency" -}}
{{- $red := include "vllm-monitoring.seconds" (index $.Values.thresholds $key).alert | float64 -}}
{{- $amber := include "vllm-monitoring.seconds" (index $.Values.slos $key).limit | float64 -}}
{{- $_ := set $limits $key (list (minf $amber $red) $red) -}}
{{- end -}}
{{- range $alert := list "VllmQueueTooLong" "VllmKVCacheNearlyFull" -}}
{{- $red := (index $.Values.rules.alerts $alert).threshold -}}
{{- $_ := set $limits $alert (list (mulf $red 0.8) $red) -}}
{{- end -}}
{{- $_ := set $limits "VllmCrashLooping" (list 1.0 (addf (floor .Values.rules.alerts.VllmCrashLooping.threshold) 1.0)) -}}
{{- $burn := 1.0 -}}
{{- range .Values.slos.windows }}{{ $burn = maxf $burn .burn }}{{ end -}}
{{- $_ := set $limits "burn" (list 1.0 $burn) -}}
{{- range $key := list "availability" "timeToFirstToken" "interTokenLatency" "e2eLatency" -}}
{{- $budget := include "vllm-monitoring.budget" (index $.Values.slos $key).objective | float64 -}}
{{- if eq $key "availability" }}{{ $_ := set $limits $key (list $budget (mulf $budget $burn)) }}{{ end -}}
{{- $_ := set $limits (printf "good %s" $key) (list (round (subf 1.0 $budget) 8) (round (subf 1.0 (mulf $budget $burn)) 8)) -}}
{{- end -}}
{{- $limits | toJson -}}
{{- end -}}

{{/*
A dashboard with this release's thresholds and runbooks in place of the defaults' that its file has.
`"of": "NAME amber"` stands beside each such number. Takes (list root text).
*/}}
{{- define "vllm-monitoring.dashboardText" -}}
{{- $root := index . 0 -}}
{{- $text := index . 1 -}}
{{- range $name, $pair := include "vllm-monitoring.dashboardLimits" $root | fromJson -}}
{{- range $i, $colour := list "amber" "red" -}}
{{- $text = regexReplaceAll (printf `("of": "%s %s",\s+"value": )[0-9.e-]+` $name $colour) $text (printf "${1}%s" (index $pair $i | toJson)) -}}
{{- end -}}
{{- end -}}
{{- $runbook := printf "%s/${__value.text}.md" (trimSuffix "/" $root.Values.rules.runbookBaseUrl) | toRawJson -}}
{{- if contains "/${__value.text}.md" $text }}{{ $text = regexReplaceAllLiteral `"[^"]*/\$\{__value\.text\}\.md"` $text $runbook }}{{ end -}}
{{- /* The drop-down Cluster, which is hidden in the file. */ -}}
{{- if $root.Values.dashboards.multiCluster -}}
{{- $text = regexReplaceAll `"hide": 2(,\s+"includeAll": true,\s+"label": "Cluster")` $text `"hide": 0${1}` -}}
{{- end -}}
{{- /* Without indentation: `kubectl apply` takes no object above 256 KiB. */ -}}
{{- /* Up to 31 spaces: an expression takes a fifth of the time of `helm template`. */ -}}
{{- range list 16 8 4 2 1 }}{{ $text = replace (printf "\n%s" (repeat . " ")) "\n" $text }}{{ end -}}
{{- $text -}}
{{- end -}}
