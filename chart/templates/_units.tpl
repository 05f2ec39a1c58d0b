{{/*
How numbers of values.yaml are turned into what others read: each conversion stands here and
nowhere else.
*/}}

{{/* A duration (1m30s, 500ms) as a number of seconds (90, 0.5). Takes the duration. */}}
{{- define "vllm-monitoring.seconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 "w" 604800000 "y" 31536000000 -}}
{{- $ms := 0 -}}
{{- range regexFindAll "[0-9]+(ms|s|m|h|d|w|y)" . -1 -}}
{{- $ms = add $ms (mul (regexFind "^[0-9]+" . | int64) (get $units (regexFind "[a-z]+$" .))) -}}
{{- end -}}
{{- if eq (mod $ms 1000) 0 -}}{{- div $ms 1000 -}}{{- else -}}{{- divf $ms 1000 -}}{{- end -}}
{{- end -}}

{{/* A quantity of memory (2Gi, 512M) in MiB, rounded down. Takes the quantity. */}}
{{- define "vllm-monitoring.mebibytes" -}}
{{- $units := dict "" 1 "k" 1000 "Ki" 1024 "M" 1000000 "Mi" 1048576 "G" 1000000000 "Gi" 1073741824 "T" 1000000000000 "Ti" 1099511627776 -}}
{{- $n := regexFind "^[0-9.]+" . | float64 -}}
{{- divf (mulf $n (get $units (regexFind "[A-Za-z]*$" .))) 1048576 | int64 -}}
{{- end -}}

{{/*
GOMEMLIMIT for a container's env, 80 % of its memory limit: Go collects harder before the kernel
ends it. Nothing without a limit. Takes the container's resources.
*/}}
{{- define "vllm-monitoring.goMemoryLimit" -}}
{{- with dig "limits" "memory" "" (. | default dict) -}}
- name: GOMEMLIMIT
  value: {{ printf "%dMiB" (div (mul (include "vllm-monitoring.mebibytes" (toString .)) 80) 100) }}
{{- end -}}
{{- end -}}

{{/* What the collectors read as settings.json. Takes the root. */}}
{{- define "vllm-monitoring.settingsDocument" -}}
{{- if include "vllm-monitoring.foreignPolicy" . -}}{{ .Values.tracing.policy.settings | toPrettyJson }}
{{- else -}}{{ include "vllm-monitoring.policySettings" . }}
{{- end -}}
{{- end -}}

{{/* The settings of this project's sampling policy, as JSON (plugins/sampling-policy). Takes the root. */}}
{{- define "vllm-monitoring.policySettings" -}}
{{- $policy := .Values.tracing.policy -}}
{{- $settings := include "vllm-monitoring.keptFrom" .Values.thresholds | fromJson -}}
{{- with $policy.errors }}{{ if .enabled -}}
{{- $_ := set $settings "errors" (dict "status_codes" .statusCodes) -}}
{{- end }}{{ end -}}
{{- with $policy.slowest }}{{ if .enabled -}}
{{- $measures := list -}}
{{- range .measures }}{{ $measures = append $measures (snakecase .) }}{{ end -}}
{{- $_ := set $settings "slowest" (dict
      "share" .share "measures" $measures "at_least" .atLeast "minimum" (int .minimum)
      "memory" (include "vllm-monitoring.keepTrace" (.memory | default ""))) -}}
{{- end }}{{ end -}}
{{- with $policy.baseline }}{{ if .enabled -}}
{{- $_ := set $settings "baseline" (dict "share" .share "per_model_per_hour" (int .perModelPerHour)) -}}
{{- end }}{{ end -}}
{{- with $policy.budget }}{{ if .enabled -}}
{{- $_ := set $settings "budget" (dict
      "traces_per_minute" (int .tracesPerMinute) "burst" (include "vllm-monitoring.keepTrace" (.burst | default ""))) -}}
{{- end }}{{ end -}}
{{- $models := dict -}}
{{- range .Values.models -}}
{{- $limits := include "vllm-monitoring.keptFrom" (.thresholds | default dict) | fromJson -}}
{{- if $limits }}{{ $_ := set $models .name $limits }}{{ end -}}
{{- end -}}
{{- if $models }}{{ $_ := set $settings "models" $models }}{{ end -}}
{{- $settings | toPrettyJson -}}
{{- end -}}

{{/* The keepTrace of `thresholds`, or of a model's, by the policy's names; JSON. Takes the thresholds. */}}
{{- define "vllm-monitoring.keptFrom" -}}
{{- $limits := dict -}}
{{- $thresholds := . -}}
{{- range $rule, $latency := include "vllm-monitoring.policyLatencies" . | fromJson -}}
{{- $threshold := get $thresholds $latency | default dict -}}
{{- if hasKey $threshold "keepTrace" -}}
{{- $_ := set $limits $rule (include "vllm-monitoring.keepTrace" $threshold.keepTrace) -}}
{{- end -}}
{{- end -}}
{{- toJson $limits -}}
{{- end -}}

{{/* One keepTrace as the policy reads it. `off` unquoted is false in YAML 1.1: both turn the rule off. */}}
{{- define "vllm-monitoring.keepTrace" -}}
{{- if or (kindIs "bool" .) (eq (toString .) "off") -}}off
{{- else -}}
{{- /* In whole units: a fraction of a second is no duration as Prometheus writes it. */ -}}
{{- $seconds := include "vllm-monitoring.seconds" . -}}
{{- if contains "." $seconds -}}{{ printf "%.0f" (mulf $seconds 1000) }}ms{{- else -}}{{ $seconds }}s{{- end -}}
{{- end -}}
{{- end -}}
