//! Addresses of services that do not read the webhook's JSON, and one that nobody listens at.

use super::{RULE, items};
use crate::node::{item, join};
use crate::rules::look::own_pod;
use crate::url::Url;
use crate::{Findings, Node, Values};

/// The end of a host, the beginning of a path, and the receiver of Alertmanager for it with the key of its address.
const SERVICES: [(&str, &str, &str, &str); 10] = [
    ("hooks.slack.com", "/services/", "slack_configs", "api_url"),
    (
        "discord.com",
        "/api/webhooks/",
        "discord_configs",
        "webhook_url",
    ),
    (
        "discordapp.com",
        "/api/webhooks/",
        "discord_configs",
        "webhook_url",
    ),
    ("webhook.office.com", "/", "msteams_configs", "webhook_url"),
    (
        "logic.azure.com",
        "/workflows/",
        "msteamsv2_configs",
        "webhook_url",
    ),
    (
        "events.pagerduty.com",
        "/",
        "pagerduty_configs",
        "routing_key",
    ),
    (
        "api.opsgenie.com",
        "/v2/alerts",
        "opsgenie_configs",
        "api_key",
    ),
    (
        "api.eu.opsgenie.com",
        "/v2/alerts",
        "opsgenie_configs",
        "api_key",
    ),
    ("api.telegram.org", "/bot", "telegram_configs", "bot_token"),
    ("webexapis.com", "/v1/", "webex_configs", "room_id"),
];

/// A word in the name of a file or of its Secret, the receiver of Alertmanager for it, and the key of its file.
const FILES: [(&str, &str, &str); 5] = [
    ("slack", "slack_configs", "api_url_file"),
    ("mattermost", "mattermost_configs", "webhook_url_file"),
    ("discord", "discord_configs", "webhook_url_file"),
    ("teams", "msteamsv2_configs", "webhook_url_file"),
    ("pagerduty", "pagerduty_configs", "routing_key_file"),
];

/// Words for what reads a webhook's JSON, and writes to such a service itself.
const RELAYS: [&str; 9] = [
    "adapter",
    "bot",
    "bridge",
    "forward",
    "gateway",
    "prometheus-",
    "proxy",
    "relay",
    "2",
];

/// A file with the address of such a service, by its name or its Secret's.
fn filed(values: &Values, path: &str, kind: &str, node: &Node) -> Option<crate::Finding> {
    let file = node.as_str().filter(|_| kind == "webhook_configs")?;
    let under = |(_, mount): &(String, &Node)| {
        let folder = mount.child("mountPath").and_then(Node::as_str);
        folder.is_some_and(|folder| file.starts_with(folder))
    };
    let mut mounts = values.list("alertmanager.extraVolumeMounts");
    let volume = mounts
        .find(under)
        .and_then(|(_, mount)| mount.child("name")?.as_str());
    let named = |(_, one): &(String, &Node)| one.child("name").and_then(Node::as_str) == volume;
    let mut volumes = values.list("alertmanager.extraVolumes");
    let secret = volume
        .and_then(|_| volumes.find(named))
        .and_then(|(_, one)| one.get("secret.secretName")?.as_str());
    let said = format!("{file} {}", secret.unwrap_or_default()).to_lowercase();
    let (word, meant, key) = FILES.iter().find(|(word, ..)| said.contains(word))?;
    if RELAYS.iter().any(|relay| said.contains(relay)) {
        return None;
    }
    Some(
        RULE.warning(path, node.place)
            .found(format!(
                "{file:?} in webhook_configs, an address of {word} by its name"
            ))
            .expected(format!("{meant}, which write what this service reads"))
            .why("The service refuses the JSON of a webhook: no notification arrives.")
            .fix(format!(
                "write {meant} in place of webhook_configs, with {key} in place of url_file"
            )),
    )
}

pub(super) fn check(values: &Values, config: &Node, findings: &mut Findings) {
    for (at, receiver) in items(config, "receivers") {
        let path = format!("alertmanager.config.receivers[{at}]");
        for (key, list) in receiver.entries() {
            for (at, one) in list.items().iter().enumerate() {
                let path = item(&join(&path, key), at);
                if let Some(node) = one.child("url_file") {
                    findings
                        .0
                        .extend(filed(values, &join(&path, "url_file"), key, node));
                }
                for address in ["url", "api_url", "webhook_url"] {
                    if let Some(node) = one.child(address) {
                        let path = join(&path, address);
                        sent(values, &path, key, node, findings);
                    }
                }
            }
        }
    }
}

fn sent(values: &Values, path: &str, kind: &str, node: &Node, findings: &mut Findings) {
    let Some(text) = node.as_str().filter(|text| text.contains("://")) else {
        return;
    };
    let url = Url::of(text);
    let of = |(host, path, ..): &&(&str, &str, &str, &str)| {
        let begin = url.host.strip_suffix(host);
        begin.is_some_and(|begin| begin.is_empty() || begin.ends_with('.'))
            && url.path.starts_with(path)
    };
    let finding = RULE.warning(path, node.place);
    let service = SERVICES.iter().find(of);
    let found = if let Some((host, _, meant, key)) = service.filter(|_| kind == "webhook_configs") {
        finding
            .found(format!("an address of {host} in webhook_configs"))
            .expected(format!("{meant}, which write what this service reads"))
            .why("The service refuses the JSON of a webhook: no notification arrives.")
            .fix(format!(
                "write {meant} in place of webhook_configs, with {key} in place of url"
            ))
    } else if let Some((_, _, meant, _)) = service
        && *meant == "discord_configs"
        && kind == "slack_configs"
        && !url.path.trim_end_matches('/').ends_with("/slack")
    {
        let new = format!("{}/slack", text.trim_end_matches('/'));
        finding
            .found("a webhook of Discord in slack_configs")
            .expected("the path /slack behind it, where Discord reads what Slack does")
            .why("Discord refuses Slack's JSON at this address: no notification arrives.")
            .fix(format!(
                "write {new:?}, or discord_configs with webhook_url"
            ))
            .replace(node.place, format!("{new:?}"))
    } else if let Some((_, _, meant, _)) = service
        && *meant == "msteamsv2_configs"
        && kind == "msteams_configs"
    {
        finding
            .found("a workflow of Teams in msteams_configs")
            .expected("msteamsv2_configs, which write what workflows read")
            .why("The workflow cannot read the card of an old connector: no notification is shown.")
            .fix("write msteamsv2_configs in place of msteams_configs")
    } else if url.host == "chat.googleapis.com" && kind == "webhook_configs" {
        finding
            .found("an address of Google Chat in webhook_configs")
            .expected("a relay that writes what Google Chat reads, such as calert")
            .why("Google Chat refuses the JSON of a webhook: no notification arrives.")
            .fix("run such a relay and write its address, as http://calert.ops.svc:6000/dispatch")
    } else if own_pod(values, path, &url) {
        finding
            .found(format!("{text:?}, Alertmanager's own pod"))
            .expected("the Service of the receiver")
            .why("Nothing listens there: no notification arrives.")
            .fix("write its Service and namespace, as http://relay.ops.svc:8080/hook")
    } else {
        return;
    };
    findings.push(found);
}
