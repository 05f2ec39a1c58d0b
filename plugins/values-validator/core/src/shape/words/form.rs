//! What a text looks like that a pattern allows.

use super::super::schema::Pattern;
use crate::embedded::Text;

/// Forms of text that patterns stand for, told by what they match: what matches all of the first and
/// none of the second is called by the third.
const FORMS: &[(&[&str], &[&str], Text)] = &[
    (
        &["0", "30s", "4h"],
        &["30", "m"],
        text!("a duration with its unit, such as 30s, 5m or 4h"),
    ),
    (
        &["20KB", "20MB", "20GB"],
        &["20Mi", "20TB", "20"],
        text!("a size such as 20MB"),
    ),
    (
        &["15d", "1y"],
        &["30", "m", "5 min"],
        text!("a duration such as 15d, 12h or 1y"),
    ),
    (
        &["30s", "2m", "1m30s"],
        &["30", "m", "5 min"],
        text!("a duration such as 30s, 2m or 1m30s"),
    ),
    (
        &["100ms", "30s"],
        &["31s", "1m"],
        text!("a duration from 100ms to 30s"),
    ),
    (
        &["256Mi", "2Gi"],
        &["1", "10GB"],
        text!("a size with its unit, such as 256Mi or 2Gi"),
    ),
    (
        &["512Mi", "2Gi", "1"],
        &["10GB", "x"],
        text!("a quantity such as 512Mi, 2Gi or 1"),
    ),
    (
        &["40GB", "0B"],
        &["40Gi", "x"],
        text!("a size as Prometheus writes it, such as 40GB"),
    ),
    (
        &["http://a/{traceID}"],
        &["http://a/b"],
        text!("a URL with {traceID}, such as http://jaeger:16686/api/traces/{traceID}"),
    ),
    (
        &["http://a/b"],
        &["https://a", "a"],
        text!("a URL that begins with http://"),
    ),
    (
        &["http://a/b", "https://a"],
        &["a/b", "ftp://a", "http://a/b?c"],
        text!("a URL that begins with http:// or https://, without a query"),
    ),
    (
        &["http://a/b", "https://a"],
        &["a/b", "ftp://a"],
        text!("a URL that begins with http:// or https://"),
    ),
    (
        &["sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],
        &["sha256:", "x"],
        text!("a digest: sha256: and 64 hexadecimal digits"),
    ),
    (
        &["a=\"b\"", "a=~\"b\""],
        &["a", "a=b"],
        text!("a matcher of PromQL, such as job=\"vllm\""),
    ),
    (
        &["25%", "100%"],
        &["25", "101%"],
        text!("a percentage such as 25%"),
    ),
    (
        &["0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],
        &[
            "0123",
            "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "g",
        ],
        text!("a SHA-256: 64 hexadecimal digits"),
    ),
    (&["4xx", "5xx"], &["500", "x"], text!("4xx or 5xx")),
    (
        &["0.30", "0.33.0"],
        &["v0.33", "a"],
        text!("a version such as 0.33 or 0.33.0"),
    ),
    (&["Memory", ""], &["a"], text!("Memory")),
    (
        &["vllm:", "a_vllm_"],
        &["vllm", "a"],
        text!("the beginning of the names, such as vllm: or myapp_vllm_"),
    ),
    (
        &["nvidia.com/gpu", "a/B"],
        &["a"],
        text!("a resource of the node, such as nvidia.com/gpu"),
    ),
    (&["a/b"], &["a", "/a/b"], text!("namespace/name")),
    (
        &["/a/b"],
        &["/a", "a"],
        text!("the path of a file, such as /etc/tls/ca.crt"),
    ),
    (
        &["a.b:5000/c", "a:b/c"],
        &["a b", "/a", "a@b"],
        text!("the name of an image without its tag, such as vllm/vllm-openai"),
    ),
    (
        &["a.b:5000/c"],
        &["a:b", "a b"],
        text!("a registry, such as registry.example:5000/mirror"),
    ),
    (
        &["*.a.b", "a.b"],
        &["A", "a_b"],
        text!("a host name such as vllm.example.com"),
    ),
    (
        &["v0.33.0", "_a"],
        &["a/b", "a b", "-a"],
        text!("a tag such as v0.33.0"),
    ),
    (
        &["*", "a-b"],
        &["A", "a_b", "a.b", "**"],
        text!("the name of a namespace: small letters, digits and hyphens; [\"*\"] for all"),
    ),
    (&["/a", "/"], &["a"], text!("a path that begins with /")),
    (
        &["a", "a-b", "a1"],
        &["A", "-a", "a_b", "a b", "é", "a.b"],
        text!("small letters, digits and hyphens between them"),
    ),
    (
        &["a", "a-b.c"],
        &["A", "-a", "a_b", "a b"],
        text!("the name of an object: small letters, digits, - and ."),
    ),
    (
        &["a", "example.com/a-b", "A_b"],
        &["a b", "/a"],
        text!("a label's key: letters, digits, -, _ and ., and perhaps a domain/ before it"),
    ),
    (
        &["a", "A_b.c-d"],
        &["a b", "-a", "a/b"],
        text!("a Kubernetes label value: letters, digits, -, _ and .; no blanks"),
    ),
    (
        &["a", "A_b1"],
        &["a-b", "1a", "a b"],
        text!("a name of letters, digits and _"),
    ),
    (
        &["a", "A_b.c-d", "-a"],
        &["a b", "a/b", "a:b", "a!"],
        text!("a key of a Secret or ConfigMap: letters, digits, -, _ and ."),
    ),
    (
        &["x-a", "A!"],
        &["a b", "a:b"],
        text!("the name of an HTTP header, such as x-scope-orgid"),
    ),
    (
        &["a", "A_b-c"],
        &["a.b", "a b"],
        text!("letters, digits, _ and -"),
    ),
    (
        &["a.b:c_d-e"],
        &["a b", "a/b"],
        text!("letters, digits, ., :, _ and -"),
    ),
    (&["a b:c"], &["a=b"], text!("a text without =")),
    (&["a b=c"], &["a:b"], text!("a text without :")),
    (&["a b=c:d", ""], &["a\nb"], text!("a text in one line")),
    (&["a"], &[""], text!("a text that is not empty")),
];

/// What a text of that pattern looks like.
pub fn form(pattern: &Pattern) -> String {
    if let Some(word) = pattern.word() {
        return word.to_owned();
    }
    let fits = |text: &&str| pattern.regex.is_match(text);
    let off = if fits(&"off") && !fits(&"of") {
        ", or off"
    } else {
        ""
    };
    FORMS
        .iter()
        .find(|(yes, no, _)| yes.iter().all(fits) && !no.iter().any(fits))
        .map_or_else(
            || format!("a text that matches {}", pattern.text),
            |(.., words)| format!("{words}{off}"),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pattern of the chart's schema.
    #[test]
    fn no_pattern_is_shown_to_people() {
        let shape = crate::embedded::shape();
        let mut shown = Vec::new();
        for rest in shape.split("\"pattern\":").skip(1) {
            let mut end = 1;
            let bytes = rest.as_bytes();
            while bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            let text = crate::shape::raw::Raw(&rest[..=end])
                .node()
                .and_then(|node| node.as_str().map(str::to_owned));
            let pattern = Pattern::try_from(text.unwrap_or_default()).ok();
            let said = pattern.as_ref().map(form).unwrap_or_default();
            if said.starts_with("a text that matches") || said.is_empty() {
                shown.push(said);
            }
        }
        assert!(shown.is_empty(), "{shown:#?}");
    }
}
