{{/*
The user that a deployed model runs as: a number, 0 for root, or nothing where the platform chooses.
Takes (list root deploy).
*/}}
{{- define "vllm-monitoring.vllmUser" -}}
{{- $user := dig "runAsUser" ((index . 0).Files.Get "files/catalog.yaml" | fromYaml).image.user (index . 1) -}}
{{- if not (kindIs "invalid" $user) }}{{ int $user }}{{ end -}}
{{- end -}}

{{/*
The pod's security context, `restricted` unless the values say root: an image from before
catalog.image.nonRootSince runs as nobody else. JSON. Takes (list root deploy).
*/}}
{{- define "vllm-monitoring.vllmPodSecurity" -}}
{{- $user := include "vllm-monitoring.vllmUser" . -}}
{{- $context := dict "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- if eq $user "0" -}}
{{- $_ := set $context "runAsUser" 0 -}}
{{- else -}}
{{- $_ := set $context "runAsNonRoot" true -}}
{{- $_ := set $context "fsGroupChangePolicy" "OnRootMismatch" -}}
{{- if $user -}}
{{- range list "runAsUser" "runAsGroup" "fsGroup" }}{{ $_ := set $context . (int $user) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- range $key, $value := (index . 1).podSecurityContext }}{{ $_ := set $context $key $value }}{{ end -}}
{{- toJson $context -}}
{{- end -}}

{{/* The container's security context; JSON. Takes deploy. */}}
{{- define "vllm-monitoring.vllmSecurity" -}}
{{- $context := dict "allowPrivilegeEscalation" false "capabilities" (dict "drop" (list "ALL")) -}}
{{- range $key, $value := .securityContext }}{{ $_ := set $context $key $value }}{{ end -}}
{{- toJson $context -}}
{{- end -}}

{{/* How Kubernetes asks /health. Takes the root. */}}
{{- define "vllm-monitoring.vllmHealth" -}}
httpGet: {path: /health, port: http{{ if eq .Values.metrics.scrape.scheme "https" }}, scheme: HTTPS{{ end }}}
{{- end -}}

{{/*
A pause between leaving the Service and SIGTERM, for clients that still know the address. Kubernetes
sleeps by itself from 1.30 on; before, no pause. Takes (list root deploy).
*/}}
{{- define "vllm-monitoring.vllmDrain" -}}
{{- $seconds := dig "drainSeconds" 5 (index . 1) | int -}}
{{- if and $seconds (semverCompare ">=1.30.0-0" (index . 0).Capabilities.KubeVersion.Version) -}}
lifecycle:
  preStop: {sleep: {seconds: {{ $seconds }}}}
{{- end -}}
{{- end -}}

{{/* Its placement, with the model's own pods where a spread constraint names none; JSON. Takes (list root entry). */}}
{{- define "vllm-monitoring.vllmPlacement" -}}
{{- $d := (index . 1).deploy -}}
{{- $own := dict "labelSelector" (dict "matchLabels" (include "vllm-monitoring.modelSelector" (list (index . 0) (index . 1).slug) | fromYaml)) -}}
{{- $spread := list -}}
{{- range $d.topologySpreadConstraints -}}
{{- $spread = append $spread (merge (dict) . $own) -}}
{{- end -}}
{{- merge (dict "topologySpreadConstraints" $spread) (pick $d "nodeSelector" "tolerations" "affinity" "priorityClassName") | toJson -}}
{{- end -}}

{{/*
The values of a deployed model as those of every pod; JSON. What it adds to its own container and volumes is
in vllmPod. Takes (list root entry).
*/}}
{{- define "vllm-monitoring.vllmValues" -}}
{{- $d := (index . 1).deploy -}}
{{- merge (dict
      "podAnnotations" $d.podAnnotations
      "podSecurityContext" (include "vllm-monitoring.vllmPodSecurity" (list (index . 0) $d) | fromJson)
      "securityContext" (include "vllm-monitoring.vllmSecurity" $d | fromJson)
      "terminationGracePeriodSeconds" (dig "terminationSeconds" 120 $d)
      "initContainers" $d.initContainers
      "extraContainers" $d.extraContainers
      "extraEnv" $d.env
      "extraVolumes" $d.volumes
      "extraVolumeMounts" $d.volumeMounts) (include "vllm-monitoring.vllmPlacement" .  | fromJson) | toJson -}}
{{- end -}}

{{/* What a deployed model's own pod needs, as YAML. Takes (list root entry). */}}
{{- define "vllm-monitoring.vllmPod" -}}
{{- $root := index . 0 -}}
{{- $entry := index . 1 -}}
{{- $d := $entry.deploy -}}
{{- $name := include "vllm-monitoring.modelName" (list $root $entry.slug) -}}
{{- $volume := "" -}}
{{- if include "vllm-monitoring.vllmTraces" . }}{{ $volume = include "vllm-monitoring.callerVolume" $root }}{{ end -}}
{{- with $d.runtimeClassName -}}
runtimeClassName: {{ . | quote }}
{{ end -}}
containers:
  - name: vllm
    args: {{- include "vllm-monitoring.vllmArgs" . | nindent 6 }}
    env: {{- include "vllm-monitoring.vllmEnv" . | nindent 6 }}
    ports:
      - {name: http, containerPort: {{ $entry.port }}}
    startupProbe:
      {{- include "vllm-monitoring.vllmHealth" $root | nindent 6 }}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: {{ div ($d.startupSeconds | default 3600 | int) 10 }}
    readinessProbe:
      {{- include "vllm-monitoring.vllmHealth" $root | nindent 6 }}
      timeoutSeconds: 5
    livenessProbe:
      {{- include "vllm-monitoring.vllmHealth" $root | nindent 6 }}
      timeoutSeconds: 10
      failureThreshold: 6
    {{- include "vllm-monitoring.vllmDrain" (list $root $d) | nindent 4 }}
    resources: {{- include "vllm-monitoring.vllmResources" $d | nindent 6 }}
    volumeMounts:
      - {name: shm, mountPath: /dev/shm}
      - {name: home, mountPath: /home/vllm}
      {{- if include "vllm-monitoring.storageVolume" (list $name $d) }}
      - name: models
        mountPath: {{ include "vllm-monitoring.storagePath" $d | quote }}
        {{- if not (include "vllm-monitoring.storageWritable" $d) }}
        readOnly: true
        {{- end }}
      {{- end }}
      {{- if $volume }}
      - {{ include "vllm-monitoring.callerMount" $root }}
      {{- end }}
volumes:
  # Tensor-parallel workers exchange through shared memory; the default 64 MiB is too small.
  - name: shm
    emptyDir: {medium: Memory, sizeLimit: {{ $d.sharedMemory | default "16Gi" }}}
  - name: home
    emptyDir: {}
  {{- include "vllm-monitoring.storageVolume" (list $name $d) | nindent 2 }}
  {{- with $volume }}
  - {{ . }}
  {{- end }}
{{- end -}}
