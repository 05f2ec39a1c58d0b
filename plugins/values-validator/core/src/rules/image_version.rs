//! What the chart writes needs a program that reads it. vLLM's tags on Docker Hub begin with `v`. The core
//! distribution of the OpenTelemetry Collector has no `tail_sampling`; old releases of Prometheus,
//! Alertmanager, Jaeger and Grafana refuse the configuration.

use super::Rule;
use super::look::{models, on};
use crate::{Findings, Node, Severity, Values};

/// `*.image` and `tracing.collector.stockImage` against what the chart writes for them.
pub const RULE: Rule = Rule {
    code: "image-version",
    severity: Severity::Error,
    title: text!("An image that does not exist, or cannot read what the chart writes"),
    check,
};

/// Path, the repository it is about, the oldest release that reads the configuration.
const OLDEST: [(&str, &str, [u32; 2], &str); 5] = [
    (
        "tracing.collector.stockImage",
        "opentelemetry-collector",
        [0, 120],
        "tracing.enabled",
    ),
    ("prometheus.image", "prometheus", [2, 47], ""),
    (
        "alertmanager.image",
        "alertmanager",
        [0, 22],
        "alertmanager.enabled",
    ),
    ("jaeger.image", "jaegertracing", [2, 0], "jaeger.enabled"),
    ("grafana.image", "grafana", [10, 0], "grafana.enabled"),
];

fn number(tag: &str) -> Option<[u32; 2]> {
    let mut parts = tag.trim_start_matches('v').split(['.', '-']);
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    Some([major, minor])
}

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some((tag, _)) = model.release() else {
            continue;
        };
        let Some(text) = tag.as_str() else { continue };
        let digest = model.deploy.and_then(|d| d.get("image.digest")).is_some();
        let bare = text.trim_start_matches('v');
        let numbers = bare.chars().all(|c| c.is_ascii_digit() || c == '.');
        if numbers && bare.matches('.').count() == 1 && !digest {
            findings.push(
                RULE.at(format!("{}.tag", model.deploy_path("image")), &tag.place)
                    .found(format!("the tag {text}"))
                    .expected(format!("three numbers, such as v{bare}.0"))
                    .why(text!(
                        "vllm/vllm-openai has no such tag: the image cannot be pulled."
                    ))
                    .fix(format!("write v{bare}.0"))
                    .replace(tag.place, format!("v{bare}.0")),
            );
        }
        if text.starts_with(|c: char| c.is_ascii_digit())
            && text.matches('.').count() == 2
            && !digest
        {
            findings.push(
                RULE.at(format!("{}.tag", model.deploy_path("image")), &tag.place)
                    .found(format!("the tag {text}"))
                    .expected(format!("v{text}"))
                    .why(text!(
                        "vllm/vllm-openai has no such tag: the image cannot be pulled."
                    ))
                    .fix(format!("write v{text}"))
                    .replace(tag.place, format!("v{text}")),
            );
        }
    }
    for (path, program, least, switch) in OLDEST {
        let Some(image) = values.get(path) else {
            continue;
        };
        if !switch.is_empty() && !on(values, switch) {
            continue;
        }
        let text = |key: &str| image.child(key).and_then(Node::as_str).unwrap_or("");
        let repository = text("repository");
        if program == "opentelemetry-collector"
            && let Some(node) = image.child("repository")
            && [
                "opentelemetry-collector",
                "opentelemetry-collector-k8s",
                "opentelemetry-collector-otlp",
            ]
            .iter()
            .any(|core| repository.ends_with(core))
        {
            let stem = repository
                .rsplit_once("opentelemetry-collector")
                .map_or("", |(stem, _)| stem);
            let new = format!("{stem}opentelemetry-collector-contrib");
            findings.push(
                RULE.at(format!("{path}.repository"), &node.place)
                    .found(repository)
                    .expected(text!("the distribution contrib"))
                    .why(text!(
                        "This one has no tail_sampling: the collector does not start."
                    ))
                    .writes(node.place, &new),
            );
        }
        if let (Some(tag), Some(version)) = (image.child("tag"), number(text("tag")))
            && version < least
            && repository.contains(program)
        {
            findings.push(
                RULE.at(format!("{path}.tag"), &tag.place)
                    .found(text("tag"))
                    .expected(format!("{}.{} or newer", least[0], least[1]))
                    .why(text!("It cannot read the configuration that this chart writes, and does not start."))
                    .fix(text!("remove the line for the chart's own version, or take a newer one")),
            );
        }
    }
}
