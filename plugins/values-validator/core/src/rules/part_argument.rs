//! `extraArgs` of Prometheus and Alertmanager are flags of their programs: with one that it does not know a
//! program ends at its start.

use super::Rule;
use super::look::foreign_prometheus;
use crate::embedded::Text;
use crate::finding::in_quotes;
use crate::shape::nearest;
use crate::{Findings, Severity, Values};

/// `prometheus.extraArgs` and `alertmanager.extraArgs`.
pub const RULE: Rule = Rule {
    code: "part-argument",
    severity: Severity::Warning,
    title: text!("An argument that Prometheus or Alertmanager does not know"),
    check,
};

/// Flags as `--help` prints them, and hidden ones that are still read.
const FLAGS: [(&str, Text); 2] = [
    (
        "prometheus",
        text!(
            "config.file config.auto-reload config.auto-reload-interval web.listen-address auto-gomaxprocs auto-gomemlimit auto-gomemlimit.ratio auto-gomemlimit.refresh-interval web.config.file web.read-timeout web.max-connections web.max-notifications-subscribers web.external-url web.route-prefix web.user-assets web.enable-lifecycle web.enable-admin-api web.enable-remote-write-receiver web.remote-write-receiver.accepted-protobuf-messages web.enable-otlp-receiver web.console.templates web.console.libraries web.page-title web.cors.origin web.search.max-limit storage.tsdb.path storage.tsdb.retention storage.tsdb.retention.time storage.tsdb.retention.size storage.tsdb.no-lockfile storage.tsdb.head-chunks-write-queue-size storage.tsdb.delay-compact-file.path storage.tsdb.min-block-duration storage.tsdb.max-block-duration storage.tsdb.wal-compression storage.tsdb.wal-compression-type storage.tsdb.wal-segment-size storage.tsdb.samples-per-chunk storage.remote.flush-deadline storage.remote.read-sample-limit storage.remote.read-concurrent-limit storage.remote.read-max-bytes-in-frame rules.alert.for-outage-tolerance rules.alert.for-grace-period rules.alert.resend-delay rules.max-concurrent-evals alertmanager.notification-queue-capacity alertmanager.notification-batch-size alertmanager.drain-notification-queue-on-shutdown query.lookback-delta query.timeout query.max-concurrency query.max-samples enable-feature agent log.level log.format"
        ),
    ),
    (
        "alertmanager",
        text!(
            "config.file storage.path data.retention data.maintenance-interval silences.max-silences silences.max-silence-size-bytes log.silences alerts.gc-interval alerts.per-alertname-limit dispatch.maintenance-interval dispatch.start-delay web.systemd-socket web.listen-address web.config.file web.external-url web.route-prefix web.cors.origin web.get-concurrency web.timeout auto-gomemlimit.ratio cluster.listen-address cluster.advertise-address cluster.peer-name cluster.peer cluster.peer-timeout cluster.peers-resolve-timeout cluster.gossip-interval cluster.pushpull-interval cluster.tcp-timeout cluster.probe-timeout cluster.probe-interval cluster.settle-timeout cluster.reconnect-interval cluster.reconnect-timeout cluster.tls-config cluster.label enable-feature log.level log.format"
        ),
    ),
];

fn check(values: &Values, findings: &mut Findings) {
    if foreign_prometheus(values) {
        return;
    }
    for (part, flags) in &FLAGS {
        for (path, node) in values.list(&format!("{part}.extraArgs")) {
            let Some(text) = node.as_str() else { continue };
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (text, None),
            };
            let span = [
                "timeout",
                "interval",
                "delay",
                "retention.time",
                "tolerance",
                "deadline",
                "delta",
            ];
            const LEVELS: [&str; 4] = ["debug", "info", "warn", "error"];
            if name == "--log.level"
                && let Some(level) = value.filter(|level| !LEVELS.contains(level))
            {
                let meant = match level.to_ascii_lowercase().as_str() {
                    "warning" => "warn",
                    "err" | "critical" => "error",
                    "trace" | "verbose" => "debug",
                    _ => crate::shape::nearest(level, LEVELS).unwrap_or("info"),
                };
                findings.push(
                    RULE.at(path, &node.place)
                        .found(text)
                        .expected(text!("debug, info, warn or error"))
                        .why(text!("The program does not know it and ends at its start."))
                        .fix(format!("write --log.level={meant}"))
                        .replace(node.place, format!("--log.level={meant}")),
                );
                continue;
            }
            let number = value
                .filter(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_digit()) && *v != "0");
            let flag = (flags.split(' ')).any(|flag| flag == name.trim_start_matches('-'));
            let meant = match (name.strip_prefix("--"), number) {
                (Some(bare), Some(number))
                    if flag && span.iter().any(|end| bare.ends_with(end)) =>
                {
                    Some(format!("{name}={number}s"))
                }
                (None, _) if flag && !name.starts_with('-') => Some(format!("--{text}")),
                _ => None,
            };
            if let Some(meant) = meant {
                findings.push(
                    RULE.at(path, &node.place)
                        .found(text)
                        .expected(format!(
                            "a flag of {part}: two dashes, and durations with their unit"
                        ))
                        .why(text!("The program does not know it and ends at its start."))
                        .quotes(node.place, &meant),
                );
                continue;
            }
            let bare = name.trim_start_matches('-');
            let bare = bare.strip_prefix("no-").unwrap_or(bare);
            let dashes = name.starts_with("--") || name.len() == 2;
            if !name.starts_with('-') || dashes && flags.split(' ').any(|flag| flag == bare) {
                continue;
            }
            // What is near to nothing may be a hidden one.
            let Some(near) = nearest(bare, flags.split(' ')) else {
                continue;
            };
            let meant = match value {
                Some(value) => format!("--{near}={value}"),
                None => format!("--{near}"),
            };
            findings.push(
                RULE.at(path, &node.place)
                    .found(format!("the flag {name}"))
                    .expected(format!("a flag of {part}"))
                    .why(text!("The program does not know it and ends at its start."))
                    .fix(format!("did you mean {meant}?"))
                    .replace(node.place, in_quotes(&meant)),
            );
        }
    }
}
