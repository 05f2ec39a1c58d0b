//! Settings of grafana.ini against each other and against the chart's own pod and routes: the port of its probes,
//! the address of users, roles as JMESPath has texts, and the address that a login sends users back to.

use super::Rule;
use super::grafana_ini::Settings;
use super::look::{on, text};
use crate::url::Url;
use crate::{Finding, Findings, Severity};

/// Sections of logins by OAuth that send users back to Grafana's own address.
const OAUTH: [&str; 7] = [
    "auth.generic_oauth",
    "auth.github",
    "auth.gitlab",
    "auth.google",
    "auth.azuread",
    "auth.okta",
    "auth.grafana_com",
];

const ROLES: [&str; 4] = ["GrafanaAdmin", "Admin", "Editor", "Viewer"];

pub(super) fn check(rule: &Rule, settings: &Settings<'_>, findings: &mut Findings) {
    let all = [server, address, cookie, role, redirect];
    let found = all.into_iter().filter_map(|check| check(rule, settings));
    findings.0.extend(found.map(|mut finding| {
        finding.severity = Severity::Warning;
        finding
    }));
}

/// Where Grafana listens: its probes and its Service ask port 3000 by HTTP.
fn server(rule: &Rule, settings: &Settings<'_>) -> Option<Finding> {
    // A container beside it may take the port, and pass on what comes.
    if settings.0.list("grafana.extraContainers").next().is_some() {
        return None;
    }
    let (key, wanted, (path, node), shown) = [
        ("http_port", "3000"),
        ("http_addr", "0.0.0.0"),
        ("protocol", "http"),
    ]
    .into_iter()
    .find_map(|(key, wanted)| {
        let at = settings.at("server", key)?;
        let number = at.1.as_i64().map(|number| number.to_string());
        let shown = number.or_else(|| at.1.as_str().map(str::to_owned))?;
        let other = match key {
            "http_addr" => matches!(shown.as_str(), "127.0.0.1" | "localhost" | "::1"),
            "protocol" => matches!(shown.as_str(), "https" | "h2"),
            _ => shown != wanted,
        };
        other.then_some((key, wanted, at, shown))
    })?;
    Some(
        rule.at(path, &node.place)
            .found(format!("{key}: {shown}"))
            .expected(wanted)
            .why("The chart's probes and Service ask port 3000 by HTTP: the pod is never ready, and is restarted.")
            .fix(format!("write {wanted}, or remove it"))
            .replace(node.place, wanted),
    )
}

/// `rootURL` beside the same setting in grafana.ini, a domain with its scheme, and Grafana's own port at a route.
fn address(rule: &Rule, settings: &Settings<'_>) -> Option<Finding> {
    let path = "grafana.rootURL";
    let values = settings.0;
    let root = text(values, path);
    let node = values.get(path)?;
    if let Some((other, given)) = settings.at("server", "root_url")
        && !root.is_empty()
        && given
            .as_str()
            .is_some_and(|own| own != root && !own.contains('%'))
    {
        return Some(
            rule.at(path, &node.place)
                .found(format!("{root}, and {other} is another address"))
                .expected("one of the two")
                .why("Grafana reads the other one: this value has no effect.")
                .fix(format!("remove {path}, or {other}"))
                .related(given.place, "the address that Grafana reads"),
        );
    }
    if let Some((path, domain)) = settings.at("server", "domain")
        && let Some(url) = domain
            .as_str()
            .map(Url::of)
            .filter(|url| url.scheme.is_some())
    {
        return Some(
            rule.at(path, &domain.place)
                .found("an address")
                .expected("the host's name alone")
                .why("Grafana makes addresses of it, with its scheme once more: links and logins lead nowhere.")
                .writes(domain.place, url.host),
        );
    }
    let url = Url::of(root);
    let routed = ["ingress", "httpRoute"]
        .iter()
        .any(|route| on(values, &format!("grafana.{route}.enabled")));
    (url.port == Some("3000") && url.scheme.is_some() && !url.local() && routed).then(|| {
        rule.at(path, &node.place)
            .found("port 3000, that of Grafana's Service")
            .expected("the address of the route, without it")
            .why("A route listens at 80 and 443: logins are sent back to a port that nothing serves.")
            .writes(node.place, &root.replacen(":3000", "", 1))
    })
}

/// A cookie for HTTPS alone, at an address without.
fn cookie(rule: &Rule, settings: &Settings<'_>) -> Option<Finding> {
    let root = text(settings.0, "grafana.rootURL");
    let (path, node) = settings.at("security", "cookie_secure")?;
    let secure = settings.is("security", "cookie_secure", "true");
    (secure && root.starts_with("http://") && !Url::of(root).local()).then(|| {
        rule.at(path, &node.place)
            .found(format!("cookies for HTTPS alone, and {root}"))
            .expected("rootURL with https://, or false")
            .why("Browsers send no such cookie without TLS: every login ends at the form again.")
            .fix("write false, or https:// in grafana.rootURL where a proxy uses TLS")
            .replace(node.place, "false")
    })
}

/// A role in an expression of JMESPath, in which a word without quotes is a field of the user.
fn role(rule: &Rule, settings: &Settings<'_>) -> Option<Finding> {
    OAUTH.iter().find_map(|section| {
        let (path, node) = settings.at(section, "role_attribute_path")?;
        let written = node.as_str()?;
        let mut new = written.to_owned();
        for role in ROLES {
            // Between backquotes it is a text of JSON.
            if !written.contains('`') {
                new = new.replace(&format!("\"{role}\""), role);
            }
            new = quoted(&new, role);
        }
        (new != written).then(|| {
            rule.at(path, &node.place)
                .found("a role without single quotes")
                .expected("'Viewer', as JMESPath has texts")
                .why("A word alone is a field of the user's data, which has none: users get no role by it.")
                .quotes(node.place, &new)
        })
    })
}

/// The text with each of that word that stands alone in single quotes.
fn quoted(text: &str, word: &str) -> String {
    let mut new = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, behind) = (&rest[..at], &rest[at + word.len()..]);
        let part = |c: char| c.is_alphanumeric() || "_-.'`\"".contains(c);
        let last = before
            .chars()
            .next_back()
            .or_else(|| new.chars().next_back());
        // Within another text, or a part of a name.
        let inside = before.matches(['\'', '`']).count() + new.matches(['\'', '`']).count();
        let alone =
            !last.is_some_and(part) && !behind.starts_with(part) && inside.is_multiple_of(2);
        let quote = if alone { "'" } else { "" };
        new.push_str(before);
        new.push_str(&format!("{quote}{word}{quote}"));
        rest = behind;
    }
    new + rest
}

/// The address to which a login by OAuth sends users back, where it is not set.
fn redirect(rule: &Rule, settings: &Settings<'_>) -> Option<Finding> {
    let values = settings.0;
    let section = OAUTH
        .iter()
        .find(|section| settings.is(section, "enabled", "true"))?;
    let given = |key: &str| settings.at("server", key).is_some();
    if !text(values, "grafana.rootURL").is_empty() || given("root_url") || given("domain") {
        return None;
    }
    // The chart takes the host of an Ingress at /, where there is one.
    let route = values
        .get("grafana.httpRoute.enabled")
        .filter(|node| node.as_bool() == Some(true) && !on(values, "grafana.ingress.enabled"))?;
    let hosts = values.list("grafana.httpRoute.hostnames");
    let host = (hosts.filter_map(|(_, host)| host.as_str().map(str::to_owned))).next();
    let host = host.unwrap_or_else(|| "<host>".to_owned());
    Some(
        rule.at("grafana.httpRoute.enabled", route.key_place())
            .found(format!("a login by {section}, without grafana.rootURL"))
            .expected("the address that users open")
            .why("Grafana sends users back to http://localhost:3000: each login fails.")
            .fix(format!("add grafana.rootURL: https://{host}")),
    )
}
