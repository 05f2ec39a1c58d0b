{{/* What the pod of `helm test` needs itself, as YAML. Takes the root. */}}
{{- define "vllm-monitoring.testPod" -}}
{{- $wasm := and .Values.tracing.enabled (eq (include "vllm-monitoring.engine" .) "wasm") (not (include "vllm-monitoring.foreignPolicy" .)) -}}
{{- $tls := "" -}}
{{- $token := "" -}}
{{- if .Values.tracing.enabled -}}
{{- $tls = include "vllm-monitoring.callerVolume" . -}}
{{- $token = .Values.tracing.receiver.bearerToken.secretName -}}
{{- end -}}
restartPolicy: Never
# The image's pull and the checks' own end; then Kubernetes ends it.
activeDeadlineSeconds: {{ include "vllm-monitoring.installCheckTimeout" . | int | add 120 }}
containers:
  - name: install-check
    env:
      # Here and not in a ConfigMap: the test is one object, gone with its pod. Kubernetes would
      # replace $(NAME).
      - name: INSTALL_CHECK
        value: {{ include "vllm-monitoring.installCheckInput" . | replace "$" "$$" | quote }}
    volumeMounts:
      {{- if $wasm }}
      - {name: policy, mountPath: /etc/vllm-monitoring/policy, readOnly: true}
      {{- end }}
      {{- if $tls }}
      - {{ include "vllm-monitoring.callerMount" . }}
      {{- end }}
      {{- if $token }}
      - {name: receiver-token, mountPath: /etc/vllm-monitoring/receiver-token, readOnly: true}
      {{- end }}
volumes:
  {{- if $wasm }}
  # What the collectors load: one that they refuse keeps them from starting, and is named.
  - name: policy
    configMap:
      name: {{ include "vllm-monitoring.fullname" . }}-collector
      optional: true
      items: [{key: sampling-policy.wasm.gz, path: sampling-policy.wasm.gz}]
  {{- end }}
  {{- with $tls }}
  - {{ . }}
  {{- end }}
  {{- with $token }}
  - name: receiver-token
    secret:
      secretName: {{ . | quote }}
      items: [{key: {{ include "vllm-monitoring.ownTokenKey" $ | quote }}, path: token}]
  {{- end }}
{{- end -}}
