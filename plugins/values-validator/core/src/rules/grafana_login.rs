//! Who logs in to the bundled Grafana: visitors without a name, nobody at all, and settings of a login or of mail
//! that is not turned on.

use super::Rule;
use super::grafana_ini::{Settings, says};
use super::look::{on, text};
use crate::node::{Node, join};
use crate::{Findings, Values};

/// Sections whose settings are read with `enabled: true` alone, and what does not happen without.
const SWITCHED: [(&str, &str); 13] = [
    ("auth.anonymous", ANONYMOUS),
    ("auth.generic_oauth", LOGIN),
    ("auth.github", LOGIN),
    ("auth.gitlab", LOGIN),
    ("auth.google", LOGIN),
    ("auth.azuread", LOGIN),
    ("auth.okta", LOGIN),
    ("auth.grafana_com", LOGIN),
    ("auth.ldap", LOGIN),
    ("auth.jwt", LOGIN),
    ("auth.saml", LOGIN),
    ("auth.proxy", LOGIN),
    ("smtp", "Grafana sends no mail."),
];
const LOGIN: &str = "Grafana offers no such login.";
const ANONYMOUS: &str = "Visitors without a login see nothing.";

/// Words in the keys of annotations with which an Ingress asks for a login.
const ASKS: [&str; 5] = ["auth", "middleware", "oidc", "oauth", "snippet"];

pub(super) fn check(rule: &Rule, values: &Values, findings: &mut Findings) {
    // Settings may be arguments, too.
    let elsewhere = values.list("grafana.extraArgs").next().is_some();
    if !on(values, "grafana.enabled") || elsewhere {
        return;
    }
    let settings = Settings(values);
    administrators(rule, &settings, findings);
    switches(rule, &settings, findings);
    nobody(rule, &settings, findings);
    super::grafana_settings::check(rule, &settings, findings);
}

/// Visitors that administer Grafana, where a route leads to it and nothing asks before.
fn administrators(rule: &Rule, settings: &Settings<'_>, findings: &mut Findings) {
    let values = settings.0;
    let Some((path, role)) = settings.at("auth.anonymous", "org_role") else {
        return;
    };
    let service = text(values, "grafana.service.type");
    let routed = matches!(service, "LoadBalancer" | "NodePort")
        || ["ingress", "httpRoute"]
            .iter()
            .any(|route| on(values, &format!("grafana.{route}.enabled")));
    let annotations = values.get("grafana.ingress.annotations");
    let asks = (annotations.into_iter().flat_map(Node::entries))
        .any(|(key, _)| ASKS.iter().any(|word| key.contains(word)));
    let beside = values.list("grafana.extraContainers").next().is_some();
    if !says(role, "Admin")
        || !settings.is("auth.anonymous", "enabled", "true")
        || !routed
        || asks
        || beside
    {
        return;
    }
    let finding = rule
        .warning(path, &role.place)
        .found("Admin, for users who do not log in")
        .expected("Viewer")
        .why("Everybody who reaches Grafana administers it without a login: data sources, users, settings.")
        .writes(role.place, "Viewer");
    findings.push(finding);
}

/// Sections with settings and without their switch.
fn switches(rule: &Rule, settings: &Settings<'_>, findings: &mut Findings) {
    for (section, why) in SWITCHED {
        let given = (settings.0.get("grafana.ini")).and_then(|ini| ini.child(section));
        let Some(node) = given.filter(|node| node.entries().len() > 0) else {
            continue;
        };
        // By another key: that one is found.
        let near = |(key, _): (&str, &Node)| key.to_ascii_lowercase().starts_with("enable");
        if node.entries().any(near) || settings.variable(section, "enabled").is_some() {
            continue;
        }
        let path = join("grafana.ini", section);
        let finding = rule
            .warning(&path, node.key_place())
            .found("settings without enabled")
            .expected("enabled: true")
            .why(why)
            .fix(format!("add enabled: true to {path}"));
        findings.push(finding);
    }
}

/// The form is off, and there is no other way in.
fn nobody(rule: &Rule, settings: &Settings<'_>, findings: &mut Findings) {
    let Some((path, form)) = settings.at("auth", "disable_login_form") else {
        return;
    };
    let other = SWITCHED.iter().any(|(section, _)| {
        section.starts_with("auth.")
            && settings
                .at(section, "enabled")
                .is_some_and(|(_, node)| !says(node, "false"))
    });
    if !says(form, "true") || other {
        return;
    }
    let finding = rule
        .warning(path, &form.place)
        .found("no form to log in, and no other login")
        .expected("a login, such as auth.generic_oauth with enabled: true")
        .why("Nobody can log in to Grafana.")
        .fix("write false, or turn on another login")
        .replace(form.place, "false");
    findings.push(finding);
}
