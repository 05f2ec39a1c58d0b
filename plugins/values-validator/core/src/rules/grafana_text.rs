//! Texts that the bundled Grafana reads: it expands `$NAME` and `${NAME}` in each text of a data source, so a
//! variable of its own needs `$$`; a data source is named by its uid; sections of grafana.ini and roles are a
//! closed list each.

use super::Rule;
use super::look::walk;
use crate::{Findings, Node, Values};

/// Sections of grafana.ini.
const SECTIONS: crate::embedded::Text = text!(
    "DEFAULT paths server database remote_cache dataproxy analytics security security.encryption snapshots dashboards users sso_settings auth auth.anonymous auth.github auth.gitlab auth.google auth.grafana_com auth.grafananet auth.azuread auth.okta auth.generic_oauth auth.basic auth.proxy auth.jwt auth.ldap auth.saml auth.extended_jwt auth.google aws azure rbac smtp emails log log.console log.file log.syslog log.frontend quota alerting unified_alerting unified_alerting.reserved_labels unified_alerting.state_history unified_alerting.screenshots unified_alerting.upgrade annotations annotations.dashboard annotations.api explore help profile news query query_history metrics metrics.environment_info metrics.graphite grafana_com grafana_net tracing tracing.jaeger tracing.opentelemetry tracing.opentelemetry.jaeger tracing.opentelemetry.otlp external_image_storage external_image_storage.s3 external_image_storage.webdav external_image_storage.gcs external_image_storage.azure_blob external_image_storage.local rendering panels plugins live enterprise feature_toggles date_formats expressions geomap navigation.app_sections navigation.app_standalone_pages secure_socks_datasource_proxy public_dashboards cloud_migration recording_rules recorded_queries storage session search folder_nested time_picker short_links datasources database_replica white_labeling reporting environment hooks auditing"
);

/// Sections of grafana.ini.
pub(crate) fn sections() -> impl Iterator<Item = &'static str> {
    SECTIONS.as_str().split(' ')
}

/// Settings under another name or in another section, and what Grafana reads.
const RENAMED: crate::embedded::Text = text!(
    "auth.anonymous.role org_role\nauth.anonymous.org org_name\nserver.url root_url\nsecurity.admin_pass admin_password\nusers.allow_signup allow_sign_up\nusers.default_role auto_assign_org_role\nsmtp.username user\nsmtp.from from_address\nsmtp.smtp_host host"
);

pub(super) fn check(rule: &Rule, values: &Values, findings: &mut Findings) {
    sources(rule, values, findings);
    #[cfg(feature = "full")]
    for check in [
        super::grafana_host::check,
        super::grafana_login::check,
        super::grafana_path::check,
        super::grafana_secrets::check,
        super::grafana_variables::check,
    ] {
        check(rule, values, findings);
    }
    for (name, section) in values
        .get("grafana.ini")
        .into_iter()
        .flat_map(Node::entries)
    {
        let known = |name: &str| SECTIONS.split(' ').any(|known| known == name);
        if !known(name)
            && !name.starts_with("plugin.")
            && let Some(near) = crate::shape::nearest(name, SECTIONS.split(' '))
        {
            let finding = crate::codes::UNKNOWN_KEY
                .warning(format!("grafana.ini.{name}"), section.key_place())
                .found(format!("the section {name}"))
                .expected(text!("a section of grafana.ini"))
                .why(text!(
                    "Grafana ignores a section that it does not know: nothing in it applies."
                ))
                .meant(section.key_place(), near);
            findings.push(finding);
        }
        // Keys of these sections have small letters and _.
        let login = |key: &str| {
            let named = |line: &'static str| {
                line.strip_prefix(name)?
                    .strip_prefix('.')?
                    .strip_prefix(key)?
                    .strip_prefix(' ')
            };
            let mut small = String::new();
            for c in key.chars().filter(|_| name.starts_with("auth.")) {
                if c.is_ascii_uppercase() {
                    small.push('_');
                }
                small.push(c.to_ascii_lowercase());
            }
            match RENAMED.as_str().lines().find_map(named) {
                Some(meant) => meant.to_owned(),
                None if small.is_empty() => key.to_owned(),
                None if key == "enable" => "enabled".to_owned(),
                None => small,
            }
        };
        if let Some((key, node)) = section.entries().find(|(key, _)| login(key) != *key) {
            let meant = login(key);
            let finding = crate::codes::UNKNOWN_KEY
                .warning(format!("grafana.ini.{name}.{key}"), node.key_place())
                .found(format!("the setting {key}"))
                .expected(meant.as_str())
                .why(text!("Grafana ignores a setting that it does not know."))
                .writes(node.key_place(), &meant);
            findings.push(finding);
        }
        if let ("smtp", Some(node)) = (name, section.child("host"))
            && let Some(host) = node.as_str().filter(|host| !host.contains([':', '$']))
        {
            findings.push(
                rule.warns(
                    "grafana.ini.smtp.host",
                    node.place,
                    node.described(),
                    [
                        text!("host:port"),
                        text!("Without a port Grafana sends no mail."),
                        text!("write the port, such as :587"),
                    ],
                )
                .fix(format!("write {host}:587, or its other port")),
            );
        }
        for key in ["auto_assign_org_role", "org_role"] {
            let role = section.child(key);
            let Some((node, text)) = role.and_then(|node| Some((node, node.as_str()?))) else {
                continue;
            };
            const ROLES: [&str; 4] = ["Viewer", "Editor", "Admin", "None"];
            if ROLES.contains(&text) || text.is_empty() || text.contains('$') {
                continue;
            }
            let meant = match text.to_ascii_lowercase().as_str() {
                "reader" | "read" | "view" | "readonly" | "read-only" | "guest" | "user" => {
                    "Viewer"
                }
                "writer" | "write" | "edit" => "Editor",
                "administrator" | "owner" => "Admin",
                _ => crate::shape::nearest(text, ROLES).unwrap_or(""),
            };
            let finding = crate::codes::NOT_ALLOWED
                .warning(format!("grafana.ini.{name}.{key}"), &node.place)
                .found(text.to_owned())
                .expected(ROLES.join(", "))
                .why(text!(
                    "Grafana has no such role: who logs in does not get what was meant."
                ));
            findings.push(if meant.is_empty() {
                finding.fix(text!(
                    "write Viewer to read, Editor to change dashboards, or Admin"
                ))
            } else {
                finding.writes(node.place, meant)
            });
        }
    }
}

fn sources(rule: &Rule, values: &Values, findings: &mut Findings) {
    let text = |source: &Node, key: &str| Some(source.child(key)?.as_str()?.to_owned());
    let known: Vec<[Option<String>; 3]> = (values.list("grafana.datasources"))
        .map(|(_, source)| ["uid", "name", "type"].map(|key| text(source, key)))
        .collect();
    let uids = || {
        let own =
            ["prometheus", "alertmanager", "jaeger"].map(|kind| format!("vllm-monitoring-{kind}"));
        known.iter().filter_map(|[uid, ..]| uid.clone()).chain(own)
    };
    for (at, (path, source)) in values.list("grafana.datasources").enumerate() {
        for (i, key) in ["uid", "name"].into_iter().enumerate() {
            // Each organisation has its own.
            let node = source.child(key).filter(|_| {
                source.child("orgId").is_none()
                    && known[..at].iter().any(|other| other[i] == known[at][i])
            });
            if let Some(node) = node {
                findings.push(
                    rule.at(format!("{path}.{key}"), &node.place)
                        .found(format!("the {key} of another data source"))
                        .expected(text!("a uid and a name of its own for each"))
                        .why(text!(
                            "Grafana does not start with two data sources of one uid or name."
                        ))
                        .fix(format!("write another {key}")),
                );
            }
        }
        walk(source, &path, &mut |path, key, node| {
            let Some(text) = node.as_str() else { return };
            if path.contains(".secureJsonData") {
                return;
            }
            if key == "datasourceUid" && !text.contains('$') && !uids().any(|uid| uid == text) {
                // By its name or its kind, or with a letter wrong.
                let mut named = known.iter().filter(|[_, rest @ ..]| {
                    (rest.iter().flatten()).any(|word| word.eq_ignore_ascii_case(text))
                });
                let one = named.next().filter(|_| named.next().is_none());
                let all: Vec<String> = uids().collect();
                let near = one
                    .and_then(|[uid, ..]| uid.as_deref())
                    .or_else(|| crate::shape::nearest(text, all.iter().map(String::as_str)));
                if let Some(near) = near {
                    let finding = rule
                        .warning(path, &node.place)
                        .found(format!("{text}, and no data source has that uid"))
                        .expected(format!("a uid, such as {near}"))
                        .why(text!(
                            "Grafana finds no data source: the link is not shown."
                        ))
                        .fix(format!("did you mean {near}?"))
                        .replace(node.place, near.to_owned());
                    findings.push(finding);
                }
            }
            const WEB: crate::embedded::Text =
                text!("prometheus loki tempo jaeger alertmanager elasticsearch zipkin");
            let kind = source.child("type").and_then(Node::as_str).unwrap_or("");
            if key == "url" && !text.contains(['/', '$']) && WEB.split(' ').any(|web| web == kind) {
                let finding = rule
                    .warning(path, &node.place)
                    .found(format!("{text:?}, without http:// or https://"))
                    .expected(text!("a URL with http:// or https://"))
                    .why(text!("Grafana asks nothing there: each query fails."))
                    .fix(format!("write http://{text}"))
                    .replace(node.place, format!("http://{text}"));
                findings.push(finding);
            }
            if let Some(meant) = doubled(text) {
                let finding = rule
                    .warning(path, &node.place)
                    .found(format!(
                        "{text:?}, in which Grafana expands $ as an environment variable"
                    ))
                    .expected(text!("$$ for a variable of Grafana's own"))
                    .why(text!(
                        "No such environment variable exists: Grafana writes an empty text instead."
                    ))
                    .quotes(node.place, &meant);
                findings.push(finding);
            }
        });
    }
}

/// A text with `$$` before each variable of Grafana's own that has one `$`.
fn doubled(text: &str) -> Option<String> {
    let mut new = String::new();
    let mut last = 0;
    for (at, _) in text.match_indices('$') {
        let rest = text[at + 1..].trim_start_matches('{');
        let expanded = ["__env", "__file", "__vault"];
        if rest.starts_with("__")
            && !expanded.iter().any(|known| rest.starts_with(known))
            && !text[..at].ends_with('$')
        {
            new.push_str(&text[last..at]);
            new.push('$');
            last = at;
        }
    }
    new.push_str(&text[last..]);
    (new != text).then_some(new)
}
