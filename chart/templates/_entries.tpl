{{/*
The model entries with every default filled in: JSON {"entries": [{name, slug, selector,
selectorExpressions,
monitor, serviceSelector, namespaces, port, ports, scrape, workload?, replicas?, deploy?, autoscaling?}, …]}, for
fromJson. `port` is the first of `ports`.
What an autoscaler scales is expected as it is wanted (`auto`). Takes the root.
*/}}
{{- define "vllm-monitoring.entries" -}}
{{- $entries := list -}}
{{- range .Values.models | default (list (dict "name" "any")) -}}
{{- $slug := include "vllm-monitoring.slug" .name -}}
{{- $deployed := dig "deploy" "enabled" false . -}}
{{- $own := include "vllm-monitoring.modelSelector" (list $ $slug) | fromYaml -}}
{{- $target := dig "autoscaling" "scaleTargetRef" "name" "" . -}}
{{- $workload := .workload | default (ternary (include "vllm-monitoring.modelName" (list $ $slug)) $target $deployed) -}}
{{- $expected := ternary (dict "replicas" "auto") dict (dig "autoscaling" "enabled" false .) -}}
{{- $ports := list -}}
{{- range .ports | default (list (.port | default 8000)) }}{{ $ports = append $ports (toString .) }}{{ end -}}
{{- $global := $.Values.metrics.scrape -}}
{{- $entries = append $entries (merge (dict
      "slug" $slug
      "workload" $workload
      "selector" (.selector | default (ternary $own (dict "app" "vllm") $deployed))
      "selectorExpressions" (.selectorExpressions | default list)
      "monitor" (.monitor | default "PodMonitor")
      "serviceSelector" (.serviceSelector | default (ternary (omit $own "app") dict $deployed))
      "namespaces" (.namespaces | default (list $.Release.Namespace))
      "port" (first $ports)
      "ports" ($ports | uniq)
      "scrape" (dict
        "path" (dig "scrape" "path" "" . | default $global.path)
        "scheme" (dig "scrape" "scheme" "" . | default $global.scheme))
    ) . $expected) -}}
{{- end -}}
{{- dict "entries" $entries | toJson -}}
{{- end -}}

{{/* A model's name as part of an object's name: "Qwen/Qwen3" is qwen-qwen3. Takes the name. */}}
{{- define "vllm-monitoring.slug" -}}
{{- regexReplaceAll "[^a-z0-9]" (lower .) "-" | trunc 40 | trimAll "-" | default (sha256sum . | trunc 8) -}}
{{- end -}}

{{/*
What scrapes and evaluates rules, by API group; YAML, in the order in which `auto` looks for them. GKE serves
Google's in every cluster, so whatever somebody installed goes before it.
*/}}
{{- define "vllm-monitoring.groups" -}}
- {mode: operator, api: monitoring.coreos.com/v1, kind: PodMonitor}
- {mode: victoriametrics, api: operator.victoriametrics.com/v1beta1, kind: VMPodScrape}
- {mode: azure, api: azmonitoring.coreos.com/v1, kind: PodMonitor}
- {mode: google, api: monitoring.googleapis.com/v1, kind: PodMonitoring}
{{- end -}}

{{/* metrics.mode, with auto resolved: operator, victoriametrics, azure, google or standalone. Takes the root. */}}
{{- define "vllm-monitoring.mode" -}}
{{- if ne .Values.metrics.mode "auto" -}}
{{- .Values.metrics.mode -}}
{{- else -}}
{{- $served := list -}}
{{- range include "vllm-monitoring.groups" . | fromYamlArray -}}
{{- /* A cluster names both; `helm template --api-versions` may be given either. */ -}}
{{- if or ($.Capabilities.APIVersions.Has .api) ($.Capabilities.APIVersions.Has (printf "%s/%s" .api .kind)) }}{{ $served = append $served .mode }}{{ end -}}
{{- end -}}
{{- append $served "standalone" | first -}}
{{- end -}}
{{- end -}}

{{/* The API version of that mode's objects; empty in standalone mode. Takes the root. */}}
{{- define "vllm-monitoring.monitoringAPI" -}}
{{- $mode := include "vllm-monitoring.mode" . -}}
{{- range include "vllm-monitoring.groups" . | fromYamlArray -}}
{{- if eq .mode $mode }}{{ .api }}{{ end -}}
{{- end -}}
{{- end -}}

{{/*
Whether the VictoriaMetrics operator copies this release's monitors and PrometheusRule into objects of its own: "true"
or "". It does so with all of them, wherever a cluster has both operators. Takes the root.
*/}}
{{- define "vllm-monitoring.copied" -}}
{{- if eq (include "vllm-monitoring.mode" .) "operator" -}}
{{- $served := .Capabilities.APIVersions -}}
{{- range include "vllm-monitoring.groups" . | fromYamlArray -}}
{{- if and (eq .mode "victoriametrics") (or ($served.Has .api) ($served.Has (printf "%s/%s" .api .kind))) }}true{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether another's Prometheus reads what this chart writes for it: "true" or "". Takes the root. */}}
{{- define "vllm-monitoring.operatorMode" -}}
{{- ternary "" "true" (eq (include "vllm-monitoring.mode" .) "standalone") -}}
{{- end -}}

{{/*
Where the Prometheus that evaluates this release's rules is asked, or nothing where that is not known. Takes
(list root deprecated), the second being a value that this one replaces.
*/}}
{{- define "vllm-monitoring.queryURL" -}}
{{- $root := index . 0 -}}
{{- $own := "" -}}
{{- if not (include "vllm-monitoring.operatorMode" $root) }}{{ $own = include "vllm-monitoring.prometheusURL" $root }}{{ end -}}
{{- index . 1 | default $root.Values.metrics.operator.prometheusURL | default $own -}}
{{- end -}}
