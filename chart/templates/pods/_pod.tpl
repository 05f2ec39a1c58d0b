{{/*
The pods of this chart. What a part needs itself stands in its template `<part>Pod`, as YAML; what the
values of every part take (Pod in plugins/values-validator/schema/src/values/pod.rs) is added here, so that
each of them works in every pod.
*/}}

{{/*
A pod's spec, as JSON. Takes a dict:
  root
  own      the part's own spec, parsed; its first container is the part
  image    {registry, repository, tag, digest, pullPolicy} of the part's containers
  tag      the tag where the image has none
  values   the part's values
  place    its scheduling, where it differs from the values
  account  the name of its ServiceAccount; empty: the namespace's
  token    whether the account's token is mounted
An environment variable or a flag in the values replaces the part's own of that name.
*/}}
{{- define "vllm-monitoring.podSpec" -}}
{{- $root := .root -}}
{{- $values := .values -}}
{{- $own := .own -}}
{{- with $own.Error }}{{ fail (printf "a pod of this chart is not valid YAML; please report it: %s" .) }}{{ end -}}
{{- $reference := include "vllm-monitoring.image" (dict "root" $root "image" .image "default" (.tag | default "")) -}}
{{- $pull := .image.pullPolicy -}}
{{- $security := include "vllm-monitoring.securityContext" (list $root $values.securityContext) | fromJson -}}
{{- range $container := concat ($own.initContainers | default list) $own.containers -}}
{{- $_ := set $container "image" $reference -}}
{{- if $pull }}{{ $_ := set $container "imagePullPolicy" $pull }}{{ end -}}
{{- if $security }}{{ $_ := set $container "securityContext" $security }}{{ end -}}
{{- if and $values.resources (not $container.resources) }}{{ $_ := set $container "resources" $values.resources }}{{ end -}}
{{- end -}}
{{- $main := first $own.containers -}}
{{- /* Claims of a StatefulSet are volumes too, and known here by their mounts. */ -}}
{{- $claims := list -}}
{{- range $main.volumeMounts }}{{ $claims = append $claims .name }}{{ end -}}
{{- range $own.volumes }}{{ $claims = without $claims .name }}{{ end -}}
{{- $flags := list -}}
{{- range $values.extraArgs }}{{ $flags = append $flags (regexFind "^--[^=]+" .) }}{{ end -}}
{{- $args := list -}}
{{- range $main.args -}}
{{- $flag := regexFind "^--[^=]+" . -}}
{{- /* Collectors merge several files. */ -}}
{{- if or (eq $flag "") (eq $flag "--config") (not (has $flag $flags)) }}{{ $args = append $args . }}{{ end -}}
{{- end -}}
{{- $names := list -}}
{{- range $values.extraEnv }}{{ $names = append $names .name }}{{ end -}}
{{- $env := list -}}
{{- range $main.env }}{{ if not (has .name $names) }}{{ $env = append $env . }}{{ end }}{{ end -}}
{{- $lists := dict
      "args" (concat $args ($values.extraArgs | default list))
      "env" (concat $env ($values.extraEnv | default list))
      "volumeMounts" (concat ($main.volumeMounts | default list) ($values.extraVolumeMounts | default list)) -}}
{{- range $key, $list := $lists }}{{ if $list }}{{ $_ := set $main $key $list }}{{ end }}{{ end -}}
{{- $spec := omit $own "containers" "initContainers" "volumes" -}}
{{- range $key, $list := dict
      "containers" (concat $own.containers ($values.extraContainers | default list))
      "initContainers" (concat ($own.initContainers | default list) ($values.initContainers | default list))
      "volumes" (concat ($own.volumes | default list) ($values.extraVolumes | default list))
      "imagePullSecrets" (include "vllm-monitoring.imagePullSecrets" $root | fromJsonArray) -}}
{{- if $list }}{{ $_ := set $spec $key $list }}{{ end -}}
{{- end -}}
{{- if or $values.extraVolumes $values.extraVolumeMounts $values.extraEnv $values.extraContainers $values.initContainers -}}
{{- include "vllm-monitoring.refuseClashes" (dict "pod" $main.name "spec" $spec "claims" ($claims | uniq)) -}}
{{- end -}}
{{- with include "vllm-monitoring.securityContext" (list $root $values.podSecurityContext) | fromJson }}{{ $_ := set $spec "securityContext" . }}{{ end -}}
{{- with .account }}{{ $_ := set $spec "serviceAccountName" . }}{{ end -}}
{{- $_ := set $spec "automountServiceAccountToken" (not (not .token)) -}}
{{- /* A Service of that name in the namespace would set the part's own variables. */ -}}
{{- $_ := set $spec "enableServiceLinks" false -}}
{{- $grace := $values.terminationGracePeriodSeconds -}}
{{- if not (kindIs "invalid" $grace) }}{{ $_ := set $spec "terminationGracePeriodSeconds" (int $grace) }}{{ end -}}
{{- merge $spec (include "vllm-monitoring.placement" (.place | default $values) | fromYaml) | toJson -}}
{{- end -}}

{{/*
The template of a workload's pods: metadata and spec. Takes what podSpec takes, and `component`, which is
its label, or `labels` in place of it, and `annotations`.
*/}}
{{- define "vllm-monitoring.podTemplate" -}}
{{- $labels := .labels -}}
{{- if not $labels }}{{ $labels = include "vllm-monitoring.labelsWith" (list .root .component .values.podLabels) | fromYaml }}{{ end -}}
{{- $annotations := merge (dict) (.annotations | default dict) (.values.podAnnotations | default dict) -}}
metadata:
  {{- /* Selectors are made of the chart's own. */}}
  labels: {{- merge (dict) $labels (.values.podLabels | default dict) | toYaml | nindent 4 }}
  {{- with $annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec: {{- include "vllm-monitoring.podSpec" . | fromJson | toYaml | nindent 2 }}
{{- end -}}

{{/*
The name of a part's ServiceAccount; empty: the namespace's own. Takes (list root component serviceAccount).
*/}}
{{- define "vllm-monitoring.account" -}}
{{- $account := index . 2 | default dict -}}
{{- if $account.name -}}
{{- $account.name -}}
{{- else if $account.create -}}
{{- printf "%s-%s" (include "vllm-monitoring.fullname" (index . 0)) (index . 1) -}}
{{- end -}}
{{- end -}}
