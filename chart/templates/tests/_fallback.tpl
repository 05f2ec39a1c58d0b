{{/*
`helm test` without an image of this project: files/install-check.sh in the Prometheus image, which has a
shell and BusyBox' tools.
*/}}

{{/* The image of the test's pod, as JSON: helmTest.image, or Prometheus' where it is unnamed. Takes the root. */}}
{{- define "vllm-monitoring.testImage" -}}
{{- if include "vllm-monitoring.testHasImage" . -}}
{{- .Values.helmTest.image | toJson -}}
{{- else -}}
{{- .Values.prometheus.image | toJson -}}
{{- end -}}
{{- end -}}

{{/* Whether install-check's image is named: "true" or "". Takes the root. */}}
{{- define "vllm-monitoring.testHasImage" -}}
{{- if .Values.helmTest.image.repository }}true{{ end -}}
{{- end -}}

{{/* What its pod needs itself, as YAML. Takes the root. */}}
{{- define "vllm-monitoring.fallbackPod" -}}
restartPolicy: Never
# The image's pull and the checks' own end; then Kubernetes ends it.
activeDeadlineSeconds: {{ include "vllm-monitoring.installCheckTimeout" . | int | add 120 }}
containers:
  - name: install-check
    # Kubernetes would replace $(NAME).
    command: [/bin/sh, -c, {{ .Files.Get "files/install-check.sh" | replace "$" "$$" | toJson }}]
    env:
      {{- range $name, $value := include "vllm-monitoring.fallbackInput" . | fromJson }}
      - name: {{ $name }}
        value: {{ $value | replace "$" "$$" | toJson }}
      {{- end }}
{{- end -}}

{{/* What files/install-check.sh reads of its environment, as JSON. Takes the root. */}}
{{- define "vllm-monitoring.fallbackInput" -}}
{{- $input := include "vllm-monitoring.installCheckInput" . | fromJson -}}
{{- $asked := $input.prometheus -}}
{{- $targets := list -}}
{{- $foreign := "" -}}
{{- if $asked.scraped -}}
{{- range $asked.entries -}}
{{- $targets = append $targets (printf "%s %s" (printf "sum(up{%s,model=%q})" $asked.matchers .name | urlquery) .name) -}}
{{- end -}}
{{- else -}}
{{- $foreign = printf "count(%s{%s})" $asked.running $asked.matchers | urlquery -}}
{{- end -}}
{{- $filter := list -}}
{{- range $asked.ruleGroups }}{{ $filter = append $filter (printf "rule_group%%5B%%5D=%s" (urlquery .)) }}{{ end -}}
{{- $collector := $input.collector | default dict -}}
{{- $alertmanager := "" -}}
{{- if include "vllm-monitoring.ownAlertmanager" . }}{{ $alertmanager = include "vllm-monitoring.alertmanagerURL" . }}{{ end -}}
{{- $jaeger := "" -}}
{{- if include "vllm-monitoring.ownJaeger" . }}{{ $jaeger = printf "http://%s:%s" (include "vllm-monitoring.jaegerHost" .) (include "vllm-monitoring.port" "jaeger") }}{{ end -}}
{{- dict
      "RELEASE" $input.release
      "TIMEOUT" ($input.timeoutSeconds | int | toString)
      "PROMETHEUS" ($asked.url | trimSuffix "/")
      "TARGETS" (join "\n" $targets)
      "FOREIGN" $foreign
      "PROBE" (ternary (printf "min(%s)" $asked.probe | urlquery) "" (not (empty $asked.probe)))
      "RULE_GROUPS" (join "\n" $asked.ruleGroups)
      "RULE_FILTER" (join "&" $filter)
      "COLLECTORS" ($collector.host | default "")
      "REPLICAS" ($collector.replicas | default 0 | int | toString)
      "METRICS_PORT" (include "vllm-monitoring.port" "metrics")
      "ALERTMANAGER" $alertmanager
      "GRAFANA" $input.grafanaUrl
      "JAEGER" $jaeger
      "IMAGE_CHECKS" (ternary "sampling" "series" .Values.tracing.enabled)
      "IMAGE" "needs the image install-check of this project: make images REGISTRY=<registry> PUSH=1, then helm upgrade with --set helmTest.image.repository=<registry>/install-check"
    | toJson -}}
{{- end -}}
