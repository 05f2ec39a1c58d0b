//! Headers that name a tenant, and logins that cross the internet in plain text.

use super::RULE;
use crate::node::join;
use crate::url::Url;
use crate::{Findings, Node};

const MIMIR: &str = "X-Scope-OrgID";

/// As people write Mimir's header.
const NEAR: [&str; 8] = [
    "xscopeorg",
    "xscopeorgid",
    "xorgid",
    "xscopeid",
    "xscopeorgids",
    "scopeorgid",
    "xscopetenantid",
    "xscopetenant",
];

/// Of one server.
pub(super) fn check(path: &str, server: &Node, findings: &mut Findings) {
    let Some((node, text)) = server
        .child("url")
        .and_then(|node| Some((node, node.as_str()?)))
    else {
        return;
    };
    let url = Url::of(text);
    let mimir = url.host.contains("mimir") || url.host.contains("cortex");
    for (name, node) in server.child("headers").into_iter().flat_map(Node::entries) {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = plain.to_ascii_lowercase();
        let same = name.eq_ignore_ascii_case(MIMIR);
        if same || !(NEAR.contains(&plain.as_str()) || mimir && plain == "thanostenant") {
            continue;
        }
        let finding = RULE
            .warning(join(&join(path, "headers"), name), node.key_place())
            .found(format!("the header {name}"))
            .expected(format!("{MIMIR}, which names the tenant to Mimir and Cortex"))
            .why("The server reads no tenant: it refuses every sample, or stores it with those of nobody.");
        findings.push(finding.writes(node.key_place(), MIMIR));
    }
    let logins = ["basic_auth", "authorization", "oauth2"];
    let login = logins.iter().find_map(|key| server.child(key));
    if let Some(login) = login.filter(|_| url.scheme == Some("http") && url.public()) {
        let new = text.replacen("http://", "https://", 1);
        let finding = RULE
            .warning(join(path, "url"), node.place)
            .found(format!("{text:?}, with a login"))
            .expected("https, where a login crosses the internet")
            .why("The login is sent in plain text: everybody on the path can read and use it.")
            .related(login.key_place(), "the login");
        findings.push(finding.quotes(node.place, &new));
    }
}
