{{/*
What is taken out of kept traces before they leave.

One group of statements for each context: statements that stand in one group run once for each thing of
the innermost context among them, so that those of a span beside those of a span event would run on spans
with events alone.
*/}}

{{/* The processor of the mode. Takes the root. */}}
{{- define "vllm-monitoring.redaction" -}}
transform/redact:
  # Nothing goes on unredacted.
  error_mode: propagate
  trace_statements:
    {{- range $context := list "resource" "scope" "span" "spanevent" }}
    - context: {{ $context }}
      statements:
        {{- $statements := include "vllm-monitoring.allowing" (list $ $context) | fromJsonArray }}
        {{- if eq $.Values.tracing.redaction.mode "deny" }}
        {{- $statements = include "vllm-monitoring.denying" (list $ $context) | fromJsonArray }}
        {{- end }}
        {{- range $statements }}
        - {{ . | replace "$" "$$" | toRawJson }}
        {{- end }}
    {{- end }}
{{- end -}}

{{/* A text as a string of OTTL. */}}
{{- define "vllm-monitoring.ottlString" -}}
{{- . | replace "\\" "\\\\" | replace "\"" "\\\"" | printf "\"%s\"" -}}
{{- end -}}

{{/* Expressions as one for a whole text. Takes (list expressions expressions-of-values). */}}
{{- define "vllm-monitoring.whole" -}}
{{- $all := first . -}}
{{- /* Flags of one are not those of the next. */}}
{{- range last . }}{{ $all = append $all (printf "(?:%s)" .) }}{{ end -}}
{{- printf "^(%s)$" (join "|" $all) -}}
{{- end -}}

{{/* The attributes that may leave, as one expression. Takes the root. */}}
{{- define "vllm-monitoring.allowedKeys" -}}
{{- $spans := (.Files.Get "files/catalog.yaml" | fromYaml).spans -}}
{{- $files := .Files.Get "files/allowed-attributes.yaml" | fromYaml -}}
{{- $patterns := list -}}
{{- range list "sender" "call" "failure" "model" "collector" }}{{ $patterns = concat $patterns (get $files .) }}{{ end -}}
{{- $listed := include "vllm-monitoring.whole" (list $patterns list) -}}
{{- $own := list $spans.modelResource -}}
{{- if .Values.helmTest.enabled }}{{ $own = append $own (include "vllm-monitoring.syntheticMarker" .) }}{{ end -}}
{{- /* One match for all names, a line each: an expression is compiled for each call. */ -}}
{{- $names := concat $own $spans.attributes $spans.resourceAttributes | uniq | join "\n" -}}
{{- range regexReplaceAll (printf "(?m)%s" $listed) $names "" | splitList "\n" | compact -}}
{{- $patterns = append $patterns (replace "." "[.]" .) -}}
{{- end -}}
{{- include "vllm-monitoring.whole" (list $patterns .Values.tracing.redaction.allow) -}}
{{- end -}}

{{/*
What a name or a route may have of what was asked for, a list of expressions as JSON: an e-mail address, a
URL, a number from five digits on, an id, a key.
*/}}
{{- define "vllm-monitoring.said" -}}
{{- list "[^ ]*@[^ ]*" "[A-Za-z][A-Za-z0-9+.-]*://[^ ]*" "[^ ]*[0-9]{5,}[^ ]*" "[^ ]*[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[^ ]*" "[^ ]*[0-9a-fA-F]{12,}[^ ]*" "[^ ]*([0-9][A-Za-z0-9]{19,}|[A-Za-z0-9]{16,}[0-9][A-Za-z0-9]{3,})[^ ]*" | toRawJson -}}
{{- end -}}

{{/*
Statements that make texts of attributes valid UTF-8, a list of JSON; keys, too, where any may leave. A sender
may cut a text within a character, and a store that reads strictly refuses a whole request for one such
text, with the traces of others in it. A regular expression reads each byte that is none as U+FFFD. Takes
(list attributes keys-too).
*/}}
{{- define "vllm-monitoring.validTexts" -}}
{{- $statements := list -}}
{{- range ternary (list "key" "value") (list "value") (last .) -}}
{{- $statements = append $statements (printf "replace_all_patterns(%s, %q, %s, \"?\")" (first $) . (include "vllm-monitoring.ottlString" `\x{FFFD}`)) -}}
{{- end -}}
{{- toRawJson $statements -}}
{{- end -}}

{{/* How many values a set of attributes may have, those within lists and maps included. */}}
{{- define "vllm-monitoring.mostValues" -}}1000{{- end -}}

{{/*
Statements that bound what the next ones cost, a list of JSON: flattening, and a change of keys, take the square
of the number of values. Values are counted in a copy written as JSON, by commas and brackets, so that levels
count, too; texts are cut first, so that those of a prompt do not. A list with a number that JSON does not have
becomes an empty text there, and so does a value without a type: no other text is empty by then, and what cannot
be counted is taken for too many. With too many, each value becomes a text and each list and map `*`; no function
of OTTL removes values by their type. Names that may have no text but their own go. Takes (list attributes
cache keys longest-text), keys may be empty.
*/}}
{{- define "vllm-monitoring.bounding" -}}
{{- $attributes := index . 0 -}}
{{- $copy := printf "%s[\"copy\"]" (index . 1) -}}
{{- $many := printf "%s[\"many\"]" (index . 1) -}}
{{- $most := include "vllm-monitoring.mostValues" nil | int -}}
{{- $s := list
  (printf "set(%s, %s)" $copy $attributes)
  (printf "truncate_all(%s, %d)" $copy (int (index . 3)))
  (printf "replace_all_matches(%s, \"\", \"-\")" $copy)
  (printf "stringify_all(%s)" $copy)
  (printf "set(%s, true) where ContainsValue(Values(%s), \"\")" $many $copy)
  (printf "set(%s, ToKeyValueString(%s, \"=\", \",\"))" $copy $copy)
  (printf "set(%s, true) where Len(Split(%s, \",\")) + Len(Split(%s, \"[\")) + Len(Split(%s, \"{\")) > %d" $many $copy $copy $copy $most) -}}
{{- with index . 2 }}{{ $s = append $s (printf "keep_matching_keys(%s, %s) where %s != nil" $attributes . $many) }}{{ end -}}
{{- $s = concat $s (list
  (printf "limit(%s, %d, []) where %s != nil" $attributes $most $many)
  (printf "delete_matching_keys(%s, %s) where %s != nil" $attributes (include "vllm-monitoring.ottlString" "^(error[.](type|code)|exception[.]type|http[.](route|(request[.])?method))$") $many)
  (printf "stringify_all(%s) where %s != nil" $attributes $many)
  (printf "replace_all_patterns(%s, \"value\", %s, \"*\") where %s != nil" $attributes (include "vllm-monitoring.ottlString" `(?s)^[\[{].*`) $many)) -}}
{{- toRawJson $s -}}
{{- end -}}

{{/*
Statements of the mode allow for a context, a list of JSON: what is not listed is deleted. Lists and maps
are flattened first, so that what is nested in an attribute is held to the list by a key of its own. No
statement reaches the attributes of a link: links are deleted whole. Takes (list root context).
*/}}
{{- define "vllm-monitoring.allowing" -}}
{{- $root := first . -}}
{{- $context := last . -}}
{{- $r := $root.Values.tracing.redaction -}}
{{- $files := $root.Files.Get "files/allowed-attributes.yaml" | fromYaml -}}
{{- $attributes := printf "%s.attributes" $context -}}
{{- $keys := include "vllm-monitoring.allowedKeys" $root | include "vllm-monitoring.ottlString" -}}
{{- $s := list -}}
{{- $counted := has $context (list "span" "spanevent") -}}
{{- $sent := printf "%s.cache[\"sent\"]" $context -}}
{{- if $counted }}{{ $s = append $s (printf "set(%s, Len(%s))" $sent $attributes) }}{{ end -}}
{{- $whole := printf "%s|^gen_ai[.]finish_reasons?$" (include "vllm-monitoring.allowedKeys" $root) | include "vllm-monitoring.ottlString" -}}
{{- /* What an expression of the user's finds within a list or a map is not known here. */}}
{{- if not $r.allow }}{{ $s = append $s (printf "keep_matching_keys(%s, %s)" $attributes $whole) }}{{ end -}}
{{- $s = concat $s (include "vllm-monitoring.bounding" (list $attributes (printf "%s.cache" $context) (ternary $whole "" (not (empty $r.allow))) $r.maxLength) | fromJsonArray) -}}
{{- if $counted }}{{ $s = append $s (printf "set(%s, %s - Len(%s))" $sent $sent $attributes) }}{{ end -}}
{{- $s = append $s (printf "flatten(%s)" $attributes) -}}
{{- $s = concat $s (include "vllm-monitoring.validTexts" (list $attributes (not (empty $r.allow))) | fromJsonArray) -}}
{{- if $counted }}{{ $s = append $s (printf "set(%s, %s + Len(%s))" $sent $sent $attributes) }}{{ end -}}
{{- $s = append $s (printf "keep_matching_keys(%s, %s)" $attributes $keys) -}}
{{- /* The name of a type ends where a text begins: at a blank, a bracket, a quote. `_OTHER` is that of the conventions. */}}
{{- range list "error.type" "error.code" "exception.type" -}}
{{- $type := printf "%s[%q]" $attributes . -}}
{{- $s = append $s (printf "delete_key(%s, %q) where not IsString(%s) and not IsInt(%s)" $attributes . $type $type) -}}
{{- $s = append $s (printf "replace_pattern(%s, %s, \"\") where IsString(%s)" $type (include "vllm-monitoring.ottlString" `(?s)(:?[[:space:]]|[("'{]).*`) $type) -}}
{{- $s = append $s (printf "set(%s, \"_OTHER\") where IsString(%s) and not IsMatch(%s, %s)" $type $type $type (include "vllm-monitoring.ottlString" `^([A-Za-z_*$][A-Za-z0-9_.$*<>/\\-]*(::?[A-Za-z_<][A-Za-z0-9_.$*<>-]*::?[A-Za-z0-9_.$*<>-]+|::[A-Za-z0-9_.$*<>-]+)*|[0-9]{1,4})$`)) -}}
{{- end -}}
{{- /* An error of a statement would cost the trace, and a name is compared with these as text. */}}
{{- range list "http.route" "http.request.method" "http.method" -}}
{{- $s = append $s (printf "delete_key(%s, %q) where not IsString(%s[%q])" $attributes . $attributes .) -}}
{{- end -}}
{{- range list "http.request.method" "http.method" -}}
{{- $s = append $s (printf "set(%s[%q], \"_OTHER\") where not IsMatch(%s[%q], \"^[A-Za-z_]{1,20}$\") and %s[%q] != nil" $attributes . $attributes . $attributes .) -}}
{{- end -}}
{{- /* Routes of some frameworks have a question mark, so a query is one that gives a value. */}}
{{- range prepend (include "vllm-monitoring.said" . | fromJsonArray) "(?s)[?][^ ]*=.*" -}}
{{- $s = append $s (printf "replace_pattern(%s[\"http.route\"], %s, \"*\")" $attributes (include "vllm-monitoring.ottlString" .)) -}}
{{- end -}}
{{- /* A path is what was asked for, unless it is the route. */}}
{{- $s = append $s (printf "delete_key(%s, \"url.path\") where %s[\"url.path\"] != %s[\"http.route\"]" $attributes $attributes $attributes) -}}
{{- /* Who asked, in a value of any key. */}}
{{- range $said, $left := dict "//[^/@[:space:]]*@" "//*@" "[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+[.])+[A-Za-z]{2,}" "*" -}}
{{- $s = append $s (printf "replace_all_patterns(%s, \"value\", %q, %q)" $attributes $said $left) -}}
{{- end -}}
{{- if $counted -}}
{{- $s = append $s (printf "set(%s[\"redaction.redacted.count\"], %s.cache[\"sent\"] - Len(%s)) where %s.cache[\"sent\"] > Len(%s)" $attributes $context $attributes $context $attributes) -}}
{{- end -}}
{{- $s = append $s (printf "truncate_all(%s, %d)" $attributes (int $r.maxLength)) -}}
{{- if has $context (list "resource" "scope") -}}
{{- $s = append $s (printf "set(%s.schema_url, \"\") where not IsMatch(%s.schema_url, \"^https://opentelemetry[.]io/schemas/[0-9.]+$\")" $context $context) -}}
{{- end -}}
{{- if eq $context "scope" -}}
{{- /* Names of a library, as code has them: without blanks, e-mail addresses and ids. */}}
{{- $name := include "vllm-monitoring.ottlString" "^@?[A-Za-z0-9_./:+-]{0,128}$" -}}
{{- $id := include "vllm-monitoring.ottlString" "[0-9]{5}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|://|www[.]" -}}
{{- $version := include "vllm-monitoring.ottlString" "^((semver:)?v?[0-9]+([.][A-Za-z0-9_.+~-]{0,56})?)?$" -}}
{{- $s = append $s (printf "set(scope.name, \"scope\") where not IsMatch(scope.name, %s) or IsMatch(scope.name, %s)" $name $id) -}}
{{- $s = append $s (printf "set(scope.version, \"\") where not IsMatch(scope.version, %s)" $version) -}}
{{- end -}}
{{- if eq $context "span" -}}
{{- $s = concat $s (list "set(span.status.message, \"\")" "set(span.trace_state, \"\")" "set(span.links, nil)") -}}
{{- /* What a name may have of what was asked for; a path, too. */}}
{{- range concat (list "(?s)[?].*") (include "vllm-monitoring.said" . | fromJsonArray) (list "[^ ]{65,}") -}}
{{- $s = append $s (printf "replace_pattern(span.name, %s, \"*\")" (include "vllm-monitoring.ottlString" .)) -}}
{{- end -}}
{{- $paths := printf "^([A-Z]+ )?(%s)( http (send|receive))?$" (join "|" $files.paths) | include "vllm-monitoring.ottlString" -}}
{{- $routes := list "span.name != span.attributes[\"http.route\"]" -}}
{{- range list "http.request.method" "http.method" -}}
{{- $routes = append $routes (printf "span.name != Concat([span.attributes[%q], span.attributes[\"http.route\"]], \" \")" .) -}}
{{- end -}}
{{- $s = append $s (printf "replace_pattern(span.name, \"(^| )/[^ ]*\", \"${1}/*\") where not IsMatch(span.name, %s) and %s" $paths (join " and " $routes)) -}}
{{- /* A name that code gives is a few words. A text or a query has more of them, or other characters. */}}
{{- $words := include "vllm-monitoring.ottlString" `^([A-Za-z0-9._/:*<>()\[\]{},+#@$&%|~^\\-]+( |$)){0,5}$` -}}
{{- $s = append $s (printf "set(span.name, \"*\") where not IsMatch(span.name, %s)" $words) -}}
{{- $s = append $s (printf "set(span.name, Substring(span.name, 0, %d, true)) where Len(span.name) > %d" (int $r.maxLength) (int $r.maxLength)) -}}
{{- end -}}
{{- if eq $context "spanevent" -}}
{{- $events := include "vllm-monitoring.whole" (list $files.events $r.allow) | include "vllm-monitoring.ottlString" -}}
{{- $s = append $s (printf "set(spanevent.name, \"event\") where not IsMatch(spanevent.name, %s)" $events) -}}
{{- end -}}
{{- toRawJson $s -}}
{{- end -}}

{{/*
Statements of the mode deny for a context, a list of JSON: what is listed is deleted, in any letter case;
all else leaves. Takes (list root context).
*/}}
{{- define "vllm-monitoring.denying" -}}
{{- $listed := (first .).Values.tracing.redaction.attributes -}}
{{- $keys := include "vllm-monitoring.whole" (list list $listed) | printf "(?i)%s" | include "vllm-monitoring.ottlString" -}}
{{- $s := list (printf "delete_matching_keys(%s.attributes, %s)" (last .) $keys) (printf "limit(%s.attributes, %s, [])" (last .) (include "vllm-monitoring.mostValues" nil)) -}}
{{- $s = concat $s (include "vllm-monitoring.validTexts" (list (printf "%s.attributes" (last .)) true) | fromJsonArray) -}}
{{- $texts := dict "scope" (list "name" "version") "span" (list "name" "status.message") "spanevent" (list "name") -}}
{{- range get $texts (last .) | default list -}}
{{- $s = append $s (printf "replace_pattern(%s.%s, %s, \"?\")" (last $) . (include "vllm-monitoring.ottlString" `\x{FFFD}`)) -}}
{{- end -}}
{{- toRawJson $s -}}
{{- end -}}
