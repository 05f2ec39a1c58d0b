//! `prometheus.alertmanagers` are targets, as Prometheus has them: host and port. With a scheme or a
//! path Prometheus refuses its whole configuration.

use super::Rule;
use crate::{Findings, Severity, Values};

/// `prometheus.alertmanagers[]`.
pub const RULE: Rule = Rule {
    code: "alertmanager-address",
    severity: Severity::Error,
    title: text!("An Alertmanager's address is not host:port"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for (path, node) in values.list("prometheus.alertmanagers") {
        let Some(text) = node.as_str() else {
            continue;
        };
        let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
        let bare = bare.split('/').next().unwrap_or(bare);
        let port = bare
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse::<u16>().ok());
        if let (true, Some(other @ (3000 | 3100 | 8000 | 9090 | 9091 | 9094 | 9100))) =
            (bare == text, port)
        {
            let new = text.replacen(&format!(":{other}"), ":9093", 1);
            findings.push(
                RULE.warning(path, &node.place)
                    .found(format!("port {other}"))
                    .expected("port 9093")
                    .why(text!("Another server listens there: no alert is sent."))
                    .writes(node.place, &new),
            );
            continue;
        }
        if bare == text && port.is_some() {
            continue;
        }
        let beyond = bare.rsplit_once(':').filter(|_| port.is_none());
        if let Some((host, digits)) = beyond {
            findings.push(
                RULE.finds(
                    path,
                    &node.place,
                    format!("port {digits}"),
                    text!("a port from 1 to 65535; Alertmanager listens at 9093"),
                    text!("Prometheus refuses its whole configuration."),
                )
                .fix(format!("write {host}:9093"))
                .replace(node.place, format!("{host}:9093")),
            );
            continue;
        }
        let new = if port.is_some() {
            bare.to_owned()
        } else {
            format!("{bare}:9093")
        };
        let finding = RULE
            .at(path, &node.place)
            .found_text(text)
            .expected(text!("host:port, such as alertmanager.monitoring:9093"))
            .why(text!(
                "Prometheus refuses its configuration, or sends to port 80."
            ))
            .fix_write(&new);
        findings.push(if port.is_some() {
            finding.replace(node.place, new)
        } else {
            finding
        });
    }
}
