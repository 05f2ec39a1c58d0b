//! Values can be read by everyone who reads the release (`helm get values`), the
//! repository with the file, and often a ConfigMap. Tokens belong in a Secret: `valueFrom:
//! {secretKeyRef: …}` in an environment, `${env:NAME}` in a header, `$__env{NAME}` for Grafana,
//! `existingSecret` or a file.

use super::Rule;
use super::look::{models, walk_given};
use crate::url::Url;
use crate::{Findings, Node, Severity, Values};

/// Texts that look like credentials.
pub const RULE: Rule = Rule {
    code: "secret-inline",
    severity: Severity::Warning,
    title: text!("A secret is written in the values"),
    check,
};

/// Ends of names, in small letters without `-` and `_`, whose values are secret.
const SECRET: [&str; 12] = [
    "password",
    "passwd",
    "token",
    "secret",
    "apikey",
    "accesskey",
    "secretkey",
    "authorization",
    "credentials",
    "servicekey",
    "routingkey",
    "xhoneycombteam",
];
/// Keys whose values are URLs with a secret in them.
const SECRET_URLS: [&str; 2] = ["slackapiurl", "apiurl"];
/// How tokens begin, and at least how long they are.
const TOKENS: [(&str, usize); 20] = [
    ("hf_", 20),
    ("hcaik_", 20),
    ("hcxik_", 20),
    ("sk-", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("github_pat_", 20),
    ("glpat-", 18),
    ("glc_", 20),
    ("glsa_", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 30),
    ("eyJ", 40),
    ("dt0c01.", 20),
    ("NRAK-", 20),
    ("nvapi-", 20),
    ("npm_", 20),
];

fn secret(name: &str) -> bool {
    let plain: String = name
        .to_ascii_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    // The name of a Secret is none.
    let own = SECRET.iter().any(|word| plain.ends_with(word));
    own && !plain.starts_with("existing") || SECRET_URLS.contains(&plain.as_str())
}

/// Whether a text is a token by its form, whatever its name is.
fn token(text: &str) -> bool {
    let bare = text.strip_prefix("Bearer ").unwrap_or(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=');
    TOKENS.iter().any(|(start, least)| {
        bare.starts_with(start) && bare.len() >= *least && bare.chars().all(plain)
    }) || text.contains("-----BEGIN") && text.contains("PRIVATE KEY")
        || text.contains("hooks.slack.com/services/T")
}

/// What is before a variable's name, the name, and what is behind it.
fn reference<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let (before, rest) = text.split_once(open)?;
    let end = match close {
        "" => rest.find(|c| !variable(c)).unwrap_or(rest.len()),
        _ => rest.find(close)?,
    };
    let (name, after) = rest.split_at(end);
    let named = !name.is_empty() && name.chars().all(variable);
    named.then(|| (before, name, &after[close.len()..]))
}

fn variable(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
}

/// Whether a text is a secret itself, not where it is, a switch, a number, nor nothing.
fn given(text: &str) -> bool {
    let shown = text.split("${").next().unwrap_or("").trim();
    let lower = shown.to_ascii_lowercase();
    let word = matches!(
        lower.as_str(),
        "bearer" | "basic" | "true" | "false" | "none" | "yes" | "no" | "null"
    );
    let number = crate::units::float(shown).is_some();
    text.len() >= 4
        && !text.contains("${")
        && !(crate::FULL && text.contains("$("))
        && !text.contains("{{")
        && !word
        && !number
        && !text.starts_with('/')
        && !text.contains("://")
}

/// Whether a text is the name of a Secret, by its form: no token is so plain.
pub(crate) fn secret_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b == b'-';
    text.len() < 24 && text.bytes().all(plain)
}

/// Whether a URL has a password in it.
fn login(text: &str) -> bool {
    let url = Url::of(text);
    url.scheme.is_some()
        && url.login.is_some_and(|login| {
            login
                .split_once(':')
                .is_some_and(|(_, password)| !password.is_empty() && !password.contains('$'))
        })
}

/// The part of a text that is a secret, where the key or the text says so.
pub(crate) fn is_secret(key: &str, text: &str) -> Option<String> {
    if login(text) {
        let (_, password) = Url::of(text).login?.split_once(':')?;
        return Some(password.to_owned());
    }
    let named = (secret(key) || key == "huggingFaceToken") && key != "secretKey" && given(text);
    // The name of a Secret is none, and an edit may have it.
    let name = crate::FULL
        && secret_name(text)
        && (key.ends_with("llSecret") || matches!(key, "caSecret" | "huggingFaceToken"));
    let named = named && !name;
    (named && text.len() >= 6 || token(text)).then(|| text.to_owned())
}

fn finding(path: &str, node: &Node, name: &str) -> crate::Finding {
    RULE.finds(
        path,
        &node.place,
        format!("{name}, as plain text"),
        text!("a reference to a Secret"),
        text!("Everyone who may read the release or the file reads it."),
    )
}

/// The cure for a header of an exporter, which can be read from a Secret.
#[cfg(feature = "full")]
fn from_secret(path: &str, key: &str, text: &str, finding: crate::Finding) -> crate::Finding {
    if !path.starts_with("tracing.exporters.") {
        return finding;
    }
    let whole = match text.split_once(' ') {
        Some((scheme, _)) => format!("; the Secret has the whole value, with {scheme}"),
        None => String::new(),
    };
    finding.fix(format!(
        "remove it, and headers too where it is the only one, and write headersFrom: {{{key}: {{name: <Secret>, key: <key>}}}}{whole}"
    ))
}

fn check(values: &Values, findings: &mut Findings) {
    walk_given(&values.root, "", &mut |path, key, node| {
        if node.is_default() {
            return;
        }
        let Some(text) = node.as_str() else {
            // An environment variable: its name says what its value is.
            let [Some(name), Some(value)] = ["name", "value"].map(|key| node.child(key)) else {
                return;
            };
            let (name, text) = (name.as_str().unwrap_or(""), value.as_str().unwrap_or(""));
            if (secret(name) && given(text)) || token(text) || login(text) {
                findings.push(finding(&format!("{path}.value"), value, name).fix(format!(
                    "write {{name: {name}, valueFrom: {{secretKeyRef: {{name: …, key: …}}}}}}"
                )));
            }
            return;
        };
        // The name of a key in a reference, wherever somebody wrote it.
        let named = |above: &str| values.get(above)?.child("secretName");
        if path.strip_suffix(".secretKey").and_then(named).is_some() {
            return;
        }
        if path.ends_with("].value") || path.contains(".args[") && !token(text) {
            return;
        }
        if login(text) {
            findings.push(finding(path, node, "a password in a URL").fix(text!(
                "name the server without it, and put the login into a Secret"
            )));
        } else if path.starts_with("prometheus.remoteWrite[") {
            if path.contains(".headers.") && (secret(key) && given(text) || token(text)) {
                findings.push(finding(path, node, key).fix(text!(
                    "name a Secret in basic_auth or authorization: {secretName: …, secretKey: …}"
                )));
            }
        } else if path.contains(".headers")
            && !(key.ends_with("Key") || key.ends_with("Name"))
            && (secret(key) && given(text) || token(text))
        {
            let finding = finding(path, node, key).fix(text!(
                "write ${env:NAME}, and NAME with a secretKeyRef in tracing.collector.extraEnv"
            ));
            // As a shell has it.
            let shell = reference(text, "$", "")
                .map(|(before, name, rest)| format!("{before}${{env:{name}}}{rest}"));
            #[cfg(feature = "full")]
            let finding = from_secret(path, key, text, finding);
            findings.push(match shell {
                Some(new) => finding.quotes(node.place, &new),
                None => finding,
            });
        } else if path.starts_with("alertmanager.config") && secret(key) && given(text) {
            findings.push(finding(path, node, key).fix(text!(
                "put the configuration into a Secret and name it in alertmanager.existingSecret"
            )));
        } else if path.starts_with("grafana.ini") || path.starts_with("grafana.datasources[") {
            // A tenant's name is no secret, whatever the header's value is kept in.
            let tenant = path
                .split_once(".secureJsonData.httpHeaderValue")
                .is_some_and(|(source, number)| {
                    let name = values.get(&format!("{source}.jsonData.httpHeaderName{number}"));
                    let name = name.and_then(Node::as_str).unwrap_or_default();
                    name.eq_ignore_ascii_case("X-Scope-OrgID")
                        || name.eq_ignore_ascii_case("AccountID")
                });
            if tenant {
                return;
            }
            // `$NAME`, `$__env{NAME}` and `$__file{path}` say where it is.
            let kept = path.contains(".secureJsonData.") || secret(key);
            let inside = crate::FULL
                && (text.starts_with("Bearer ") && reference(text, "$", "").is_some()
                    || reference(text, "$__env{", "}").is_some());
            let refers = text.starts_with('$') || inside;
            if (kept && given(text) || token(text)) && !refers {
                let finding = finding(path, node, key).fix(text!(
                    "write \"$__env{NAME}\" in quotes, and NAME with a secretKeyRef in grafana.extraEnv"
                ));
                #[cfg(feature = "full")]
                let finding = super::grafana_variables::given(values, path, key, node, finding);
                findings.push(finding);
            }
        } else if key.to_ascii_lowercase().ends_with("password") && given(text) || token(text) {
            findings.push(finding(path, node, key).fix(text!("name a Secret that contains it")));
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
