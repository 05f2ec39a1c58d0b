//! Addresses of token servers and proxies: without a scheme each request fails.

use crate::Findings;
use crate::Node;
use crate::finding::in_quotes;
use crate::rules::Rule;
use crate::rules::look::walk;
use crate::url::Url;

/// Those below a server, a job or a receiver.
pub(in crate::rules) fn schemes(rule: &Rule, path: &str, node: &Node, findings: &mut Findings) {
    walk(node, path, &mut |path, key, node| {
        let token = key == "token_url";
        let Some(text) = node.as_str().filter(|_| token || key == "proxy_url") else {
            return;
        };
        if text.is_empty() || text.contains("://") || text.contains(['$', '{']) {
            return;
        }
        // A proxy is asked in plain text; so is what is in the cluster.
        let plain = !token || Url::of(text).in_cluster();
        let new = format!("{}://{text}", if plain { "http" } else { "https" });
        let finding = rule
            .warning(path, node.place)
            .found(format!("{text:?}, without a scheme"))
            .expected("http:// or https:// before the host")
            .why(if token {
                "No token is fetched, and each request fails for lack of one."
            } else {
                "No request can be made by such a proxy: each fails."
            })
            .fix(format!("write {new}"))
            .replace(node.place, in_quotes(&new));
        findings.push(finding);
    });
}
