//! What stands in values can be read by everyone who reads the release (`helm get values`), the
//! repository with the file, and often a ConfigMap. Tokens belong in a Secret: `valueFrom:
//! {secretKeyRef: …}` in an environment, `${env:NAME}` in a header, `$__env{NAME}` for Grafana,
//! `existingSecret` or a file.

use super::Rule;
use super::look::{models, walk};
use crate::{Findings, Node, Severity, Values};

/// Texts that look like credentials.
pub const RULE: Rule = Rule {
    code: "secret-inline",
    severity: Severity::Warning,
    title: "A secret stands in the values",
    check,
};

/// Parts of names, in small letters without `-` and `_`, whose values are secret.
const SECRET: [&str; 9] = [
    "password",
    "passwd",
    "token",
    "secret",
    "apikey",
    "accesskey",
    "authorization",
    "credentials",
    "servicekey",
];
/// The same, but only the name of where the secret is.
const REFERENCE: [&str; 7] = [
    "name",
    "ref",
    "file",
    "secretname",
    "secretkey",
    "path",
    "url",
];
/// Keys whose values are URLs with a secret in them.
const SECRET_URLS: [&str; 2] = ["slackapiurl", "apiurl"];

fn secret(name: &str) -> bool {
    let plain: String = name
        .to_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let word = SECRET.iter().any(|word| plain.contains(word));
    let reference = REFERENCE.iter().any(|end| plain.ends_with(end));
    (word && !reference) || SECRET_URLS.contains(&plain.as_str())
}

/// Whether a text is a secret itself, not where it is, nor nothing.
fn given(text: &str) -> bool {
    let shown = text.split("${").next().unwrap_or("").trim();
    let scheme_only = matches!(shown.to_lowercase().as_str(), "bearer" | "basic");
    text.len() >= 4 && !text.contains("${") && !scheme_only && !text.starts_with("/")
}

fn finding(path: &str, node: &Node, name: &str) -> crate::Finding {
    RULE.at(path, node.place)
        .found(format!("{name}, as plain text"))
        .expected("a reference to a Secret")
        .why("Everyone who may read the release or the file reads it.")
}

fn check(values: &Values, findings: &mut Findings) {
    walk(&values.root, "", &mut |path, key, node| {
        if node.is_default() {
            return;
        }
        let Some(text) = node.as_str() else {
            // An environment variable: its name says what its value is.
            let [Some(name), Some(value)] = ["name", "value"].map(|key| node.child(key)) else {
                return;
            };
            let (name, text) = (name.as_str().unwrap_or(""), value.as_str().unwrap_or(""));
            if secret(name) && given(text) {
                findings.push(finding(&format!("{path}.value"), value, name).fix(format!(
                    "write {{name: {name}, valueFrom: {{secretKeyRef: {{name: …, key: …}}}}}}"
                )));
            }
            return;
        };
        if path.starts_with("prometheus.remoteWrite[") {
            let login = text.split_once("://").is_some_and(|(_, rest)| {
                let host = rest.split('/').next().unwrap_or(rest);
                host.rsplit_once('@')
                    .is_some_and(|(user, _)| user.contains(':'))
            });
            if login || (path.contains(".headers.") && secret(key) && given(text)) {
                findings.push(finding(path, node, key).fix(
                    "name a Secret in basic_auth or authorization: {secretName: …, secretKey: …}",
                ));
            }
        } else if path.contains(".headers") && secret(key) && given(text) {
            findings.push(finding(path, node, key).fix(
                "write ${env:NAME}, and NAME with a secretKeyRef in tracing.collector.extraEnv",
            ));
        } else if path.starts_with("alertmanager.config") && secret(key) && given(text) {
            findings.push(finding(path, node, key).fix(
                "put the configuration into a Secret and name it in alertmanager.existingSecret",
            ));
        } else if path.starts_with("grafana.ini.") || path.starts_with("grafana.datasources[") {
            // `$NAME`, `$__env{NAME}` and `$__file{path}` say where it is.
            let kept = path.contains(".secureJsonData.") || secret(key);
            if kept && given(text) && !text.starts_with('$') {
                findings.push(
                    finding(path, node, key).fix(
                        "write $__env{NAME}, and NAME with a secretKeyRef in grafana.extraEnv",
                    ),
                );
            }
        } else if key.to_lowercase().ends_with("password") && given(text) {
            findings.push(finding(path, node, key).fix("name a Secret that holds it"));
        }
    });
    for model in models(values) {
        for flag in ["--api-key", "--hf-token"] {
            if let Some(arg) = model
                .arg(flag)
                .filter(|arg| !arg.value.is_empty() && !arg.value.contains("$("))
            {
                let variable = if flag == "--api-key" {
                    "VLLM_API_KEY"
                } else {
                    "HF_TOKEN"
                };
                findings.push(finding(&arg.path, arg.node, flag).fix(format!(
                    "set {variable} in deploy.env with a secretKeyRef, and take {flag} out"
                )));
            }
        }
    }
}
