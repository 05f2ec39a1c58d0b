//! `extraArgs` of Prometheus, Alertmanager, the probe, the collectors and Jaeger are flags of their programs: with
//! one that it does not know a program ends at its start.

#[cfg(feature = "full")]
mod gossip;

use super::Rule;
use super::look::foreign_prometheus;
use crate::embedded::Text;
use crate::shape::nearest;
use crate::{Findings, Severity, Values};

/// `*.extraArgs` against the flags of the part's program.
pub const RULE: Rule = Rule {
    code: "part-argument",
    severity: Severity::Warning,
    title: text!("An argument that the program does not know"),
    check,
};

/// Flags as `--help` prints them, and hidden ones that are still read.
const FLAGS: [(&str, Text); 6] = [
    (
        "prometheus",
        text!(
            "config.file config.auto-reload config.auto-reload-interval web.listen-address auto-gomaxprocs auto-gomemlimit auto-gomemlimit.ratio auto-gomemlimit.refresh-interval web.config.file web.read-timeout web.max-connections web.max-notifications-subscribers web.external-url web.route-prefix web.user-assets web.enable-lifecycle web.enable-admin-api web.enable-remote-write-receiver web.remote-write-receiver.accepted-protobuf-messages web.enable-otlp-receiver web.console.templates web.console.libraries web.page-title web.cors.origin web.search.max-limit storage.tsdb.path storage.tsdb.retention.time storage.tsdb.retention.size storage.tsdb.no-lockfile storage.tsdb.head-chunks-write-queue-size storage.tsdb.delay-compact-file.path storage.tsdb.min-block-duration storage.tsdb.max-block-duration storage.tsdb.wal-compression storage.tsdb.wal-compression-type storage.tsdb.wal-segment-size storage.tsdb.samples-per-chunk storage.remote.flush-deadline storage.remote.read-sample-limit storage.remote.read-concurrent-limit storage.remote.read-max-bytes-in-frame rules.alert.for-outage-tolerance rules.alert.for-grace-period rules.alert.resend-delay rules.max-concurrent-evals alertmanager.notification-queue-capacity alertmanager.notification-batch-size alertmanager.drain-notification-queue-on-shutdown query.lookback-delta query.timeout query.max-concurrency query.max-samples enable-feature agent log.level log.format"
        ),
    ),
    (
        "alertmanager",
        text!(
            "config.file storage.path data.retention data.maintenance-interval silences.max-silences silences.max-silence-size-bytes log.silences alerts.gc-interval alerts.per-alertname-limit dispatch.maintenance-interval dispatch.start-delay web.systemd-socket web.listen-address web.config.file web.external-url web.route-prefix web.cors.origin web.get-concurrency web.timeout auto-gomemlimit.ratio cluster.listen-address cluster.advertise-address cluster.peer-name cluster.peer cluster.peer-timeout cluster.peers-resolve-timeout cluster.gossip-interval cluster.pushpull-interval cluster.tcp-timeout cluster.probe-timeout cluster.probe-interval cluster.settle-timeout cluster.reconnect-interval cluster.reconnect-timeout cluster.tls-config cluster.label enable-feature log.level log.format"
        ),
    ),
    (
        "probe",
        text!(
            "config.file timeout-offset config.check log.prober config.enable-auto-reload config.auto-reload-interval history.limit web.external-url web.route-prefix web.systemd-socket web.listen-address web.config.file log.level log.format"
        ),
    ),
    ("tracing.collector", OF_COLLECTORS),
    ("tracing.balancer", OF_COLLECTORS),
    ("jaeger", OF_COLLECTORS),
];

/// All flags of a collector, which Jaeger is too.
const OF_COLLECTORS: Text = text!("config set feature-gates help version");

/// Flags that Prometheus 3 does not know any more.
const REMOVED: Text = text!("storage.tsdb.allow-overlapping-blocks alertmanager.timeout");

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    gossip::off(values, findings);
    for (part, flags) in &FLAGS {
        if matches!(*part, "prometheus" | "alertmanager") && foreign_prometheus(values) {
            continue;
        }
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
            let number = value
                .filter(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_digit()) && *v != "0");
            let closed = flags.starts_with("config ");
            let known = |name: &str| flags.split(' ').any(|flag| flag == name);
            let flag = known(name.trim_start_matches('-'));
            let level = value.filter(|level| name == "--log.level" && !LEVELS.contains(level));
            let meant = match (name.strip_prefix("--"), number) {
                (Some(_), None) if level.is_some() => {
                    let level = level.unwrap_or("").to_ascii_lowercase();
                    Some(format!(
                        "{name}={}",
                        match level.as_str() {
                            "warning" => "warn",
                            "err" | "critical" => "error",
                            "trace" | "verbose" => "debug",
                            level => nearest(level, LEVELS).unwrap_or("info"),
                        }
                    ))
                }
                (Some(bare), Some(number))
                    if flag && span.iter().any(|end| bare.ends_with(end)) =>
                {
                    Some(format!("{name}={number}s"))
                }
                (None, _) if flag && !name.starts_with('-') => Some(format!("--{text}")),
                // A switch takes no value.
                (Some(bare), _) if flag && !closed => match value {
                    Some("true") => Some(name.to_owned()),
                    Some("false") => Some(format!("--no-{bare}")),
                    _ => None,
                },
                _ => None,
            };
            let bare = name.trim_start_matches('-');
            let bare = bare.strip_prefix("no-").unwrap_or(bare);
            let dashes = name.starts_with("--") || name.len() == 2;
            if meant.is_none() && (!name.starts_with('-') || dashes && known(bare)) {
                continue;
            }
            let near = match bare {
                "storage.tsdb.retention" => Some("storage.tsdb.retention.time"),
                _ => nearest(bare, flags.split(' ')),
            };
            let meant = meant.or_else(|| Some(format!("--{}{}", near?, &text[name.len()..])));
            let expected = format!(
                "a flag of {part}: two dashes, durations with their unit, no value for a switch"
            );
            let why = text!("The program does not know it and ends at its start.");
            let finding = RULE.says(path, node.place, text.to_owned(), &expected, why);
            match meant {
                Some(meant) => findings.push(
                    finding
                        .fix(format!("write {meant}"))
                        .replace(node.place, format!("{meant:?}")),
                ),
                // What is near to nothing may be a hidden one.
                None if closed || REMOVED.split(' ').any(|old| old == bare) => {
                    findings.push(finding.fix("remove it").remove(node));
                }
                None => {}
            }
        }
    }
}
