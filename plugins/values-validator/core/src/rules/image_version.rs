//! What the chart writes needs a program that reads it. Tags of vLLM and of Prometheus' programs begin with `v`, those
//! of Grafana, Jaeger and the collector do not. The core
//! distribution of the OpenTelemetry Collector has no `tail_sampling`; old releases of Prometheus,
//! Alertmanager, Jaeger and Grafana refuse the configuration.

#[cfg(feature = "full")]
mod accelerator;

use super::Rule;
use super::look::{models, on};
use crate::{Finding, Findings, Node, Severity, Values};

/// `*.image` and `tracing.collector.stockImage` against what the chart writes for them.
pub const RULE: Rule = Rule {
    code: "image-version",
    severity: Severity::Error,
    title: text!("An image that does not exist, or cannot read what the chart writes"),
    check,
};

/// Path, the repository it is about, the oldest release that reads the configuration, the switch.
const OLDEST: [(&str, &str, [u32; 2], &str); 6] = [
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
    ("probe.image", "blackbox-exporter", [0, 0], "probe.enabled"),
];

fn number(tag: &str) -> Option<[u32; 2]> {
    let mut parts = tag.trim_start_matches('v').split(['.', '-']);
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    Some([major, minor])
}

/// A tag that the repository does not have, and what it has.
fn no_such(path: String, tag: &Node, repository: &str, meant: String) -> Finding {
    RULE.at(path, &tag.place)
        .found(format!("the tag {}", tag.as_str().unwrap_or("")))
        .expected(meant.as_str())
        .why(format!(
            "{repository} has no such tag: the image cannot be pulled."
        ))
        .fix(format!("write {meant}"))
        .replace(tag.place, meant)
}

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        #[cfg(feature = "full")]
        accelerator::check(&model, findings);
        let Some((tag, _)) = model.release() else {
            continue;
        };
        let Some(text) = tag.as_str() else { continue };
        let digest = model.deploy.and_then(|d| d.get("image.digest")).is_some();
        let bare = text.trim_start_matches('v');
        let numbers = bare.chars().all(|c| c.is_ascii_digit() || c == '.');
        let dots = text.matches('.').count();
        let short = numbers && dots == 1;
        if (short || dots == 2 && text.starts_with(|c: char| c.is_ascii_digit())) && !digest {
            let path = format!("{}.tag", model.deploy_path("image"));
            let meant = format!("v{bare}{}", if short { ".0" } else { "" });
            findings.push(no_such(path, tag, "vllm/vllm-openai", meant));
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
                RULE.finds(
                    format!("{path}.repository"),
                    &node.place,
                    repository,
                    text!("the distribution contrib"),
                    text!("This one has no tail_sampling: the collector does not start."),
                )
                .writes(node.place, &new),
            );
        }
        // As they are published; a registry of one's own may have others.
        let bare = text("tag").trim_start_matches('v');
        let published = ["docker.io/", "quay.io/"]
            .iter()
            .find_map(|host| repository.strip_prefix(host))
            .unwrap_or(repository);
        let meant = match published.split_once('/') {
            Some(("prometheus" | "prom", _)) => format!("v{bare}"),
            Some(("grafana" | "jaegertracing" | "otel", _)) => bare.to_owned(),
            _ => text("tag").to_owned(),
        };
        if let Some(tag) = image.child("tag")
            && number(bare).is_some()
            && text("digest").is_empty()
            && text("tag") != meant
        {
            findings.push(no_such(format!("{path}.tag"), tag, repository, meant));
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
