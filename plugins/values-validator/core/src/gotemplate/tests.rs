use super::*;

#[test]
fn messages_have_functions_and_fields_of_their_own() {
    for good in [
        "{{ .CommonLabels.alertname | toUpper }}",
        "{{ range .Alerts.Firing }}{{ .Labels.pod }} {{ .StartsAt | since | humanizeDuration }}{{ end }}",
        "{{ template \"slack.default.title\" . }}",
        "{{ len .Alerts }} {{ $x := .Status }}{{ $x }} {{ $.ExternalURL }}",
    ] {
        assert!(read(good, Dialect::Message).is_ok(), "{good}");
    }
    for bad in [
        "{{ .Status | upper }}",
        "{{ $labels.pod }}",
        "{{ humanize 3 }}",
    ] {
        assert!(read(bad, Dialect::Message).is_err(), "{bad}");
    }
}

#[test]
fn what_prometheus_expands_is_taken_and_what_it_refuses_is_not() {
    for good in [
        "",
        "no template",
        "{{ $value }} and {{$labels.pod}}",
        "{{ $value | humanizePercentage }}",
        "{{ printf \"%.2f\" $value }}",
        "{{ if gt $value 0.9 }}a{{ else if lt $value 0.1 }}b{{ else }}c{{ end }}",
        "{{ with query \"up\" }}{{ . | first | value }}{{ end }}",
        "{{ range query \"up\" }}{{ .Labels.pod }}{{ end }}",
        "{{ $x := 3 }}{{ $x }}",
        "{{ range $i, $e := query \"up\" }}{{ $i }}{{ $e }}{{ end }}",
        "{{- /* a comment */ -}}",
        "{{ `}}` }}",
        "{{ .Labels.pod }} {{ .Value }}",
        "{{ index $labels \"a\" }}",
        "{{ $externalLabels.cluster }}",
        "{{ toUpper $labels.a }}",
        "a: {b: c}",
    ] {
        assert!(read(good, Dialect::Alert).is_ok(), "{good}");
    }
    for bad in [
        "{{ $value | humanise }}",
        "{{ $label.pod }}",
        "{{ $labels.model }",
        "{{ }}",
        "{{ end }}",
        "{{ if $value }}",
        "{{ .Release.Name }}",
        "{{ \"a }}",
        "{{ a & b }}",
    ] {
        assert!(read(bad, Dialect::Alert).is_err(), "{bad}");
    }
    let labels = read("{{ $labels.pod }}", Dialect::Alert);
    assert_eq!(labels, Ok(vec![(3, "pod".to_owned())]));
}
