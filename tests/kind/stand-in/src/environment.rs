//! The environment variables that vLLM and its OpenTelemetry SDK read.

use anyhow::{Result, bail};
use serde_json::{Value, json};

/// What vLLM does with `VLLM_PORT`: Kubernetes sets it to a URI for a Service named `vllm`, on
/// which the server raises.
///
/// # Errors
/// When it is not a number.
pub fn check_port(value: Option<&str>) -> Result<()> {
    match value {
        Some(value) if value.contains("://") => bail!(
            "ValueError: VLLM_PORT '{value}' appears to be a URI. This may be caused by a Kubernetes service discovery issue"
        ),
        Some(value) if value.parse::<u16>().is_err() => {
            bail!("ValueError: VLLM_PORT '{value}' must be a valid integer")
        }
        _ => Ok(()),
    }
}

/// The resource attributes of `OTEL_RESOURCE_ATTRIBUTES` (percent-encoded `key=value`, joined by
/// commas) and `OTEL_SERVICE_NAME`, which wins for `service.name`.
pub fn resource(vars: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut service = None;
    for (name, value) in vars {
        match name.as_str() {
            "OTEL_SERVICE_NAME" => service = Some(value),
            "OTEL_RESOURCE_ATTRIBUTES" => attributes.extend(
                value
                    .split(',')
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(key, value)| (key.trim().to_owned(), decoded(value.trim()))),
            ),
            _ => {}
        }
    }
    if let Some(service) = service {
        attributes.retain(|(key, _)| key != "service.name");
        attributes.push(("service.name".to_owned(), service));
    }
    attributes
}

/// Text with its `%XX` replaced; what is no such escape stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = (*first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escape {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Puts attributes on a resource as OTLP/JSON writes it, in place of those of the same key.
pub fn put(resource: &mut Value, attributes: &[(String, String)]) {
    let mut list = match resource["attributes"].take() {
        Value::Array(list) => list,
        _ => Vec::new(),
    };
    for (key, value) in attributes {
        list.retain(|a| a["key"] != *key);
        list.push(json!({"key": key, "value": {"stringValue": value}}));
    }
    resource["attributes"] = Value::Array(list);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_link_is_refused_and_a_number_is_not() {
        let said = check_port(Some("tcp://10.0.0.1:8000"))
            .unwrap_err()
            .to_string();
        assert!(said.contains("appears to be a URI"), "{said}");
        assert!(check_port(Some("http")).is_err());
        check_port(Some("8000")).unwrap();
        check_port(None).unwrap();
    }

    #[test]
    fn resource_attributes_are_decoded_and_the_service_name_wins() {
        let vars = [
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "gen_ai.response.model=a%2Fb,service.name=x",
            ),
            ("OTEL_SERVICE_NAME", "y"),
        ];
        let attributes = resource(vars.map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter());
        let expected = [("gen_ai.response.model", "a/b"), ("service.name", "y")];
        assert_eq!(
            attributes,
            expected.map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
    }

    #[test]
    fn an_attribute_replaces_the_one_of_its_key() {
        let mut resource =
            json!({"attributes": [{"key": "service.name", "value": {"stringValue": "x"}}]});
        put(
            &mut resource,
            &[("service.name".to_owned(), "y".to_owned())],
        );
        assert_eq!(resource["attributes"][0]["value"]["stringValue"], "y");
        assert_eq!(resource["attributes"].as_array().unwrap().len(), 1);
    }
}
