{{/*
Every rule of this release, as Prometheus reads them: a group for each subject, of 20 rules at most, as
Grafana Mimir takes them by default. Takes the root; with `About`, `models` or `release` alone
(vllm-monitoring.ruleObjects).
*/}}
{{- define "vllm-monitoring.ruleGroups" -}}
{{- $id := include "vllm-monitoring.id" . -}}
{{- $recordings := list "load" "latency" "engine" "entries" "replicas" "slo-events" -}}
{{- $alerts := list "latency" "load" "engine" "replicas" "slo" -}}
{{- $about := get . "About" | default "both" -}}
{{- if eq $about "release" }}{{ $recordings = list }}{{ $alerts = list }}{{ end -}}
{{- if and .Values.probe.enabled (ne $about "release") -}}
{{- $recordings = append $recordings "probe" -}}
{{- $alerts = append $alerts "probe" -}}
{{- end -}}
{{- if and .Values.tracing.enabled (ne $about "models") -}}
{{- $recordings = append $recordings "collector" -}}
{{- $alerts = append $alerts "collector" -}}
{{- end -}}
{{- if and (ne $about "models") (not (include "vllm-monitoring.operatorMode" .)) -}}
{{- $recordings = append $recordings "watcher" -}}
{{- $alerts = append $alerts "watcher" -}}
{{- end -}}
{{- if eq (include "vllm-monitoring.mode" .) "google" }}{{ $recordings = prepend $recordings "googleTargets" }}{{ end -}}
{{- $panels := ternary (list "requests" "capacity" "pods" "bands" "gpus" "optional" "thresholds") list (and .Values.rules.panels (ne $about "release")) -}}
groups:
{{- range $recordings }}
{{- include "vllm-monitoring.recordingGroup" (list $ . (printf "vllm-monitoring.recording.%s" .) $.Values.rules.interval (ternary "entry:vllm_replicas:up" "" (eq . "entries"))) | nindent 2 }}
{{- end }}
{{- range $panels }}
{{- include "vllm-monitoring.recordingGroup" (list $ (printf "panels/%s" .) (printf "vllm-monitoring.recording.panels.%s" .) $.Values.rules.interval) | nindent 2 }}
{{- end }}
{{- if ne $about "release" }}
{{- include "vllm-monitoring.recordingGroup" (list . "slo" "vllm-monitoring.recording.sloWindows" .Values.slos.interval) | nindent 2 }}
{{- end }}
{{- range $alerts }}
{{- include "vllm-monitoring.groupsOf" (list $ (printf "alerts/%s" .) (include "vllm-monitoring.alertRules" (list $ (include (printf "vllm-monitoring.alerts.%s" .) $ | fromYaml))) $.Values.rules.interval) | nindent 2 }}
{{- end }}
{{- with .Values.rules.additionalAlerts }}
{{- include "vllm-monitoring.groupsOf" (list $ "additional-alerts" (include "vllm-monitoring.additionalAlerts" .) $.Values.rules.interval) | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Takes (list root name template interval begins), the last one as in groupsOf. */}}
{{- define "vllm-monitoring.recordingGroup" -}}
{{- $root := index . 0 -}}
{{- $begins := "" -}}
{{- if gt (len .) 4 }}{{ $begins = index . 4 }}{{ end -}}
{{- include "vllm-monitoring.groupsOf" (list $root (index . 1) (include "vllm-monitoring.labelled" (list $root (include (index . 2) $root))) (index . 3) $begins) -}}
{{- end -}}

{{/*
A group, or several where there are more than 20 rules, as with many models. None without rules. Takes
(list root name rules interval begins), the rules as YAML. Engines evaluate groups at different moments, so
that a rule and those whose series it reads stay in one: with `begins`, a part begins with a rule of this
record alone; without, the rules of a split group do not read one another.
*/}}
{{- define "vllm-monitoring.groupsOf" -}}
{{- $name := printf "%s/%s" (include "vllm-monitoring.id" (index . 0)) (index . 1) -}}
{{- $interval := index . 3 -}}
{{- $text := index . 2 -}}
{{- if ne (index . 1) "additional-alerts" }}{{ $text = include "vllm-monitoring.finishedRules" (list (index . 0) $text) }}{{ end -}}
{{- $rules := $text | fromYamlArray -}}
{{- $begins := "" -}}
{{- if gt (len .) 4 }}{{ $begins = index . 4 }}{{ end -}}
{{- if gt (len $rules) 20 -}}
{{- range $i, $part := include "vllm-monitoring.parts" (list $rules $begins) | fromJsonArray }}
- name: {{ $name }}{{ if $i }}-{{ add1 $i }}{{ end }}
  interval: {{ $interval }}
  rules:
    {{- toYaml $part | nindent 4 }}
{{- end }}
{{- else if $rules }}
- name: {{ $name }}
  interval: {{ $interval }}
  rules:
    {{- $text | trim | nindent 4 }}
{{- end }}
{{- end -}}

{{/* Rules in lists of 20 at most, JSON; takes (list rules begins), see groupsOf. */}}
{{- define "vllm-monitoring.parts" -}}
{{- $begins := index . 1 -}}
{{- if not $begins -}}
{{- chunk 20 (index . 0) | toJson -}}
{{- else -}}
{{- $parts := list -}}
{{- $part := list -}}
{{- $together := list -}}
{{- range $rule := index . 0 -}}
{{- if and $together (eq $rule.record $begins) -}}
{{- if gt (add (len $part) (len $together)) 20 }}{{ $parts = append $parts $part }}{{ $part = list }}{{ end -}}
{{- $part = concat $part $together -}}
{{- $together = list -}}
{{- end -}}
{{- $together = append $together $rule -}}
{{- end -}}
{{- if gt (add (len $part) (len $together)) 20 }}{{ $parts = append $parts $part }}{{ $part = list }}{{ end -}}
{{- append $parts (concat $part $together) | toJson -}}
{{- end -}}
{{- end -}}

{{/* Alerts of the values' own. Takes them. */}}
{{- define "vllm-monitoring.additionalAlerts" -}}
{{- range . }}
- alert: {{ .alert | quote }}
  expr: |-
    {{- .expr | trim | nindent 4 }}
  for: {{ .for | default "0s" }}
  labels:
    {{- merge (dict "severity" (.severity | default "warning")) (.labels | default dict) | toYaml | nindent 4 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}
