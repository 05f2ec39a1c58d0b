//! What the environment says of a server's spans.

/// Pairs of `OTEL_RESOURCE_ATTRIBUTES`, percent-decoded as the SDK does, and `OTEL_SERVICE_NAME`.
///
/// A pair without `=` is left out; the SDK warns and goes on.
#[must_use]
pub fn environment(attributes: &str, service_name: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = attributes
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), unquote(value.trim())))
        .collect();
    if !service_name.is_empty() {
        pairs.retain(|(key, _)| key != "service.name");
        pairs.push(("service.name".to_owned(), service_name.to_owned()));
    }
    pairs
}

fn unquote(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let coded = text
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(coded.unwrap_or(bytes[at]));
        at += if coded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_attributes_are_percent_decoded_and_the_service_name_wins() {
        let pairs = environment(
            "a=b%2Fc%20d,broken,service.name=x, k8s.pod.name = p%",
            "svc",
        );
        let expected = [
            ("a", "b/c d"),
            ("k8s.pod.name", "p%"),
            ("service.name", "svc"),
        ];
        assert_eq!(pairs, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }
}
