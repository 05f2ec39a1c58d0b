{{/* What `helm test` knows: the input of cmd/install-check, as JSON. */}}

{{/* The policy of tail_sampling that counts the test's traces. */}}
{{- define "vllm-monitoring.syntheticPolicy" -}}synthetic{{- end -}}

{{/* The boolean span attribute that marks them. */}}
{{- define "vllm-monitoring.syntheticMarker" -}}vllm_monitoring.synthetic{{- end -}}

{{/* Seconds for all checks: helmTest.timeout, and never too few for one decision. Takes the root. */}}
{{- define "vllm-monitoring.installCheckTimeout" -}}
{{- $wait := 0.0 -}}
{{- if .Values.tracing.enabled -}}
{{- $wait = include "vllm-monitoring.decidedAfter" . | float64 -}}
{{- end -}}
{{- maxf (include "vllm-monitoring.seconds" .Values.helmTest.timeout | float64) (addf $wait 30.0) | ceil | int -}}
{{- end -}}

{{/* Seconds from the arrival of a trace's first span to its decision. Takes the root. */}}
{{- define "vllm-monitoring.decidedAfter" -}}
{{- if eq .Values.tracing.sampling.mode "whole" -}}
{{- include "vllm-monitoring.seconds" .Values.tracing.sampling.decisionWait -}}
{{- else -}}
0
{{- end -}}
{{- end -}}

{{/* Takes the root. */}}
{{- define "vllm-monitoring.installCheckInput" -}}
{{- $catalog := .Files.Get "files/catalog.yaml" | fromYaml -}}
{{- $operator := not (not (include "vllm-monitoring.operatorMode" .)) -}}
{{- /* The test speaks no TLS. */ -}}
{{- $url := include "vllm-monitoring.queryURL" (list . .Values.helmTest.prometheusURL) -}}
{{- if not (hasPrefix "http://" $url) }}{{ $url = "" }}{{ end -}}
{{- $entries := list -}}
{{- range (include "vllm-monitoring.entries" . | fromJson).entries -}}
{{- $entries = append $entries (pick . "name" "selector" "namespaces" "port") -}}
{{- end -}}
{{- $groups := list -}}
{{- if .Values.rules.enabled -}}
{{- range (include "vllm-monitoring.ruleGroups" . | fromYaml).groups -}}
{{- $groups = append $groups .name -}}
{{- end -}}
{{- end -}}
{{- $collector := false -}}
{{- if .Values.tracing.enabled -}}
{{- $collector = include "vllm-monitoring.installCheckCollector" (list . $catalog) | fromJson -}}
{{- end -}}
{{- dict
      "release" (include "vllm-monitoring.id" .)
      "timeoutSeconds" (include "vllm-monitoring.installCheckTimeout" . | int)
      "prometheus" (dict
        "url" $url
        "operator" (ternary (include "vllm-monitoring.installCheckOperator" . | fromJson) nil $operator)
        "matchers" (include "vllm-monitoring.scraped" . | include "vllm-monitoring.plainText")
        "scraped" .Values.metrics.scrape.enabled
        "requests" $catalog.metrics.requestSuccess
        "running" $catalog.metrics.requestsRunning
        "prefill" (ternary "pod:vllm_prefill:info" "" .Values.rules.enabled)
        "probe" (ternary (printf "probe_success{probe_of=%q}" (include "vllm-monitoring.id" .)) "" .Values.probe.enabled)
        "transfers" "vllm:nixl_bytes_transferred_count|vllm:mooncake_bytes_transferred_count|vllm:external_prefix_cache_hits_total"
        "watched" (ternary (include "vllm-monitoring.watchedOfTheWatcher" . | fromYaml) dict (and $operator .Values.rules.enabled))
        "entries" $entries
        "ruleGroups" $groups)
      "collector" (ternary $collector nil (kindIs "map" $collector))
      "grafanaUrl" (ternary (printf "http://%s-grafana.%s.svc:%s" (include "vllm-monitoring.fullname" .) .Release.Namespace (include "vllm-monitoring.port" "grafana")) "" .Values.grafana.enabled)
    | toJson -}}
{{- end -}}

{{/* Where a kept trace is found, with {traceID} in it; empty for nowhere. Takes the root. */}}
{{- define "vllm-monitoring.traceURL" -}}
{{- if .Values.helmTest.traceURL -}}
{{- .Values.helmTest.traceURL -}}
{{- else if include "vllm-monitoring.ownJaeger" . -}}
{{- printf "http://%s:%s/api/traces/{traceID}" (include "vllm-monitoring.jaegerHost" .) (include "vllm-monitoring.port" "jaeger") -}}
{{- end -}}
{{- end -}}

{{/* What a Prometheus object must select, as JSON. Takes the root. */}}
{{- define "vllm-monitoring.installCheckOperator" -}}
{{- $labels := include "vllm-monitoring.labels" (list . "scraping") | fromYaml -}}
{{- /* The component differs between the kinds; nobody selects by it. */ -}}
{{- dict
      "namespace" .Release.Namespace
      "labels" (merge (deepCopy (.Values.metrics.operator.labels | default dict)) (omit $labels "app.kubernetes.io/component"))
      "rules" .Values.rules.enabled
    | toJson -}}
{{- end -}}

{{/* Whether the test reads the operator's Prometheus objects. Takes the root; "true" or "". */}}
{{- define "vllm-monitoring.installCheckReads" -}}
{{- if and .Values.helmTest.rbac.create (include "vllm-monitoring.testHasImage" .) (eq (include "vllm-monitoring.mode" .) "operator") -}}true{{- end -}}
{{- end -}}

{{/* Its part about the collectors, as JSON. Takes (list root catalog). */}}
{{- define "vllm-monitoring.installCheckCollector" -}}
{{- $root := index . 0 -}}
{{- $catalog := index . 1 -}}
{{- $settings := include "vllm-monitoring.policySettings" $root | fromJson -}}
{{- $limits := dict -}}
{{- range $rule, $latency := include "vllm-monitoring.policyLatencies" $root | fromJson -}}
{{- $limit := get $settings $rule -}}
{{- $attribute := (get $catalog.latencies $latency).spanAttribute -}}
{{- if eq $limit "off" -}}
{{- $_ := set $limits $attribute nil -}}
{{- else -}}
{{- $_ := set $limits $attribute (include "vllm-monitoring.seconds" $limit | float64) -}}
{{- end -}}
{{- end -}}
{{- $tls := include "vllm-monitoring.callerFiles" $root | fromJson -}}
{{- if $tls }}{{ $_ := set $tls "name" (include "vllm-monitoring.otlpHost" $root) }}{{ end -}}
{{- dict
      "host" (printf "%s-collectors.%s.svc" (include "vllm-monitoring.fullname" $root) $root.Release.Namespace)
      "replicas" (int $root.Values.tracing.collector.replicas)
      "otlpPort" (include "vllm-monitoring.port" "otlpHTTP" | int)
      "tls" (ternary $tls nil (not (empty $tls)))
      "tokenFile" (ternary "/etc/vllm-monitoring/receiver-token/token" "" (not (not $root.Values.tracing.receiver.bearerToken.secretName)))
      "metricsPort" (include "vllm-monitoring.port" "metrics" | int)
      "engine" (include "vllm-monitoring.engine" $root)
      "sha256" (include "vllm-monitoring.policyHash" $root)
      "pluginFile" (ternary "/etc/vllm-monitoring/policy/sampling-policy.wasm.gz" "" (and (eq (include "vllm-monitoring.engine" $root) "wasm") (not (include "vllm-monitoring.foreignPolicy" $root))))
      "decisionWaitSeconds" (include "vllm-monitoring.decidedAfter" $root | float64)
      "policy" (include "vllm-monitoring.syntheticPolicy" $root)
      "marker" (include "vllm-monitoring.syntheticMarker" $root)
      "span" $catalog.spans.request.name
      "scope" (first $catalog.spans.request.scopes)
      "limits" $limits
      "traceUrl" (include "vllm-monitoring.traceURL" $root)
      "reasonsShown" (or (ne (include "vllm-monitoring.engine" $root) "wasm") (and $root.Values.tracing.policy.stamp (not (include "vllm-monitoring.foreignPolicy" $root))))
    | toJson -}}
{{- end -}}

{{/*
What the cluster's rules should watch of Prometheus and Alertmanager themselves, with words of which the
name or the expression of such a rule contains one: what _alerts_watcher.tpl watches in standalone mode.
*/}}
{{- define "vllm-monitoring.watchedOfTheWatcher" -}}
alerts that stay away (Watchdog): [Watchdog, vector(1)]
a refused configuration of Prometheus: [prometheus_config_last_reload_successful]
rules that fail: [prometheus_rule_evaluation_failures_total]
evaluations left out: [prometheus_rule_group_iterations_missed_total]
no Alertmanager: [prometheus_notifications_alertmanagers_discovered]
alerts that no Alertmanager takes: [prometheus_notifications_errors_total, prometheus_notifications_dropped_total]
a disk that is nearly full: [kubelet_volume_stats_available_bytes, prometheus_tsdb_storage_blocks_bytes]
targets over their limits: [prometheus_target_scrapes_exceeded_sample_limit_total, prometheus_target_scrape_pool_exceeded_label_limits_total]
a refused configuration of Alertmanager: [alertmanager_config_last_reload_successful]
notifications that fail: [alertmanager_notifications_failed_total]
{{- end -}}
