{{/*
Metrics of other exporters about our pods, whatever the labels are that their scrape leaves.

- With honorLabels the pod is in `pod` and `namespace`; without, in `exported_pod` and
  `exported_namespace`, or in one of them only, where the target has no such label.
- Under the operator's enforcedNamespaceLabel every series and every selector of ours carries the
  monitor's namespace: ours say the release's, and theirs the pod's in `exported_namespace` or nowhere.
- `cluster` may be on both, on one side only, or on none. Where both have one, it must be the same: pods of
  one name run in several clusters.
- Several copies of an exporter, or several scrapes of one, say the same: `max` takes one.
*/}}

{{/*
Selectors of a metric of another exporter that has series of every pod of a cluster, limited to the
namespaces of the entries: JSON list. Takes (list root metric).
*/}}
{{- define "vllm-monitoring.foreignSelectors" -}}
{{- $root := index . 0 -}}
{{- $namespaces := include "vllm-monitoring.watchedNamespaces" $root | fromJsonArray -}}
{{- $selectors := list (index . 1) -}}
{{- if and $root.Values.metrics.scrape.enabled (not (has "*" $namespaces)) -}}
{{- $own := append $namespaces $root.Release.Namespace | uniq -}}
{{- $selectors = list
      (printf "%s{namespace=~%q, exported_namespace=\"\"}" (index . 1) (join "|" $own))
      (printf "%s{exported_namespace=~%q}" (index . 1) (join "|" $namespaces)) -}}
{{- end -}}
{{- $selectors | toJson -}}
{{- end -}}

{{/* The namespaces of the entries, JSON list; "*" among them is all. Takes the root. */}}
{{- define "vllm-monitoring.watchedNamespaces" -}}
{{- $namespaces := list -}}
{{- range (include "vllm-monitoring.entries" . | fromJson).entries -}}
{{- $namespaces = concat $namespaces .namespaces | uniq -}}
{{- end -}}
{{- $namespaces | toJson -}}
{{- end -}}

{{/*
A vector about pods with `kube_namespace`, `pod` and `container` as their own exporter says them; not
`namespace`, which enforcedNamespaceLabel writes on what is recorded, too. `pod_name` and `pod_namespace`
are the DCGM exporter's older names. Takes the vector.
*/}}
{{- define "vllm-monitoring.foreignPods" -}}
{{- $text := . -}}
{{- range $pair := list (list "kube_namespace" "namespace|exported_namespace|pod_namespace|exported_pod_namespace") (list "pod" "exported_pod|pod_name|exported_pod_name") (list "container" "exported_container") -}}
{{- range $from := splitList "|" (index $pair 1) -}}
{{- $text = printf "label_replace(%s, %q, \"$1\", %q, \"(.+)\")" $text (index $pair 0) $from -}}
{{- end -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{/*
What was recorded of them, with `namespace`. Takes (list root recorded), and a further matcher or nothing.
*/}}
{{- define "vllm-monitoring.foreignRecorded" -}}
{{- $more := index (append . "") 2 -}}
label_replace({{ index . 1 }}{vllm_monitoring={{ include "vllm-monitoring.id" (index . 0) | quote }}{{ $more }}}, "namespace", "$1", "kube_namespace", "(.+)")
{{- end -}}

{{/*
Selectors under enforcedNamespaceLabel, JSON {theirs, ours}: theirs are pods in the entries' namespaces,
ours are in the release's. Empty where no entry looks elsewhere. Takes (list root recorded ours), and a
further matcher of theirs and one of ours, or nothing.
*/}}
{{- define "vllm-monitoring.foreignEnforced" -}}
{{- $root := index . 0 -}}
{{- $id := include "vllm-monitoring.id" $root -}}
{{- $more := concat . (list "" "") -}}
{{- $namespaces := include "vllm-monitoring.watchedNamespaces" $root | fromJsonArray -}}
{{- if without $namespaces $root.Release.Namespace -}}
{{- $in := ternary "" (printf ", kube_namespace=~%q" (join "|" $namespaces)) (has "*" $namespaces) -}}
{{- dict
      "theirs" (printf "%s{vllm_monitoring=%q%s%s}" (index . 1) $id $in (index $more 3))
      "ours" (printf "%s{vllm_monitoring=%q, namespace=%q%s}" (index . 2) $id $root.Release.Namespace (index $more 4)) | toJson -}}
{{- else -}}
{}
{{- end -}}
{{- end -}}

{{/*
A recorded vector by (cluster, kube_namespace, pod) of another exporter, with the labels of our pods.
Takes (list root recorded ours), two names of series; `ours` has the value 1.
*/}}
{{- define "vllm-monitoring.foreignJoin" -}}
{{- $theirs := include "vllm-monitoring.foreignRecorded" (list (index . 0) (index . 1)) -}}
{{- $id := include "vllm-monitoring.id" (index . 0) -}}
{{- $ours := printf "%s{vllm_monitoring=%q}" (index . 2) $id -}}
{{- $none := `, cluster=""` -}}
{{ $theirs }} * on (cluster, namespace, pod) group_right () {{ $ours }}
or {{ include "vllm-monitoring.foreignRecorded" (list (index . 0) (index . 1) $none) }} * on (namespace, pod) group_right () ({{ $ours }} unless on (cluster) {{ $theirs }})
or max by (namespace, pod) ({{ $theirs }}) * on (namespace, pod) group_right () {{ index . 2 }}{vllm_monitoring={{ $id | quote }}{{ $none }}}
{{- range $pair := list (list "cluster, pod" "" "") (list "pod" $none "") (list "pod" "" $none) }}
{{- with include "vllm-monitoring.foreignEnforced" (concat $ (rest $pair)) | fromJson }}
or max by ({{ first $pair }}) ({{ .theirs }}) * on ({{ first $pair }}) group_right () {{ .ours }}
{{- end }}
{{- end }}
{{- end -}}
