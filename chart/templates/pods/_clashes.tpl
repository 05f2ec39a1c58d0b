{{/*
Refuses what the values add to a pod where Kubernetes refuses the whole pod for it: two parts of one name, two mounts at
one path, a mount without its volume. Takes a dict: pod (the name of its first container), spec, and claims (the
names of volumes that a StatefulSet makes).
*/}}
{{- define "vllm-monitoring.refuseClashes" -}}
{{- $pod := .pod -}}
{{- $volumes := .claims -}}
{{- range .spec.volumes }}{{ $volumes = append $volumes .name }}{{ end -}}
{{- include "vllm-monitoring.refuseTwice" (list (printf "The pod %s has" $pod) "volumes named" $volumes "Kubernetes refuses the pod. Rename yours in extraVolumes (models[].deploy.volumes for vLLM) and in its mounts") -}}
{{- $containers := concat (.spec.initContainers | default list) .spec.containers -}}
{{- $names := list -}}
{{- range $containers }}{{ $names = append $names .name }}{{ end -}}
{{- include "vllm-monitoring.refuseTwice" (list (printf "The pod %s has" $pod) "containers named" $names "Kubernetes refuses the pod. Rename yours in initContainers or extraContainers") -}}
{{- range $container := $containers -}}
{{- $who := printf "The container %s of the pod %s has" $container.name $pod -}}
{{- $variables := list -}}
{{- range $container.env }}{{ $variables = append $variables .name }}{{ end -}}
{{- include "vllm-monitoring.refuseTwice" (list $who "environment variables named" $variables "server-side apply, which Helm 4 uses, refuses the pod. Leave one of them out of extraEnv (models[].deploy.env for vLLM)") -}}
{{- $paths := list -}}
{{- range $mount := $container.volumeMounts -}}
{{- $paths = append $paths (trimSuffix "/" $mount.mountPath) -}}
{{- if not (has $mount.name $volumes) -}}
{{- fail (printf `
%s a mount of the volume %q, which the pod lacks, so that Kubernetes refuses the pod. Its volumes are: %s. Correct the name, or add the volume:

  extraVolumes:
    - name: %s
      emptyDir: {}
` $who $mount.name ($volumes | sortAlpha | join ", ") $mount.name) -}}
{{- end -}}
{{- end -}}
{{- include "vllm-monitoring.refuseTwice" (list $who "mounts at" $paths "Kubernetes refuses the pod. Mount yours at a path of its own in extraVolumeMounts (models[].deploy.volumeMounts for vLLM)") -}}
{{- end -}}
{{- end -}}

{{/* Refuses a list with an item that stands twice in it. Takes (list who what items consequence). */}}
{{- define "vllm-monitoring.refuseTwice" -}}
{{- $seen := dict -}}
{{- range index . 2 -}}
{{- if hasKey $seen . -}}
{{- fail (printf `
%s two %s %q, one of which may be the chart's own, and %s.
` (index $ 0) (index $ 1) . (index $ 3)) -}}
{{- end -}}
{{- $_ := set $seen . true -}}
{{- end -}}
{{- end -}}
