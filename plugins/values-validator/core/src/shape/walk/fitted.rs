//! A text in forms that a schema's pattern may ask for.

use crate::node::Value;

/// A text in forms that patterns ask for: without its scheme and path, in small letters, with `-` for what
/// may not be.
pub(super) fn fitted(text: &str) -> impl Iterator<Item = String> {
    let dashed = |text: &str| -> String {
        let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let all: String = (text.chars())
            .map(|c| if fit(c) { c } else { '-' })
            .collect();
        all.trim_matches(|c| c == '-' || c == '.').to_owned()
    };
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let named = text.split_once('/').filter(|(_, name)| !name.contains('/'));
    let host = rest;
    let host = host.split(['/', ':']).next().unwrap_or("");
    let bare = text
        .split_once(':')
        .filter(|(_, port)| port.parse::<u16>().is_ok());
    let service = text
        .split_once(".svc")
        .and_then(|(name, _)| name.split_once('.'));
    let odd = text.contains(['{', '$', '*', '(', '"', ';', '=']) || text.chars().count() > 63;
    let all = [
        text.replace(" percent", "%"),
        text.replace(" %", "%"),
        text.replace(',', "."),
        rest.trim_end_matches('/').to_owned(),
        named.map_or("", |(_, name)| name).to_owned(),
        host.to_owned(),
        bare.map_or("", |(host, _)| host).to_owned(),
        text.trim().to_owned(),
        text.trim().to_ascii_lowercase(),
        // A Service's name has its namespace behind it.
        service.map_or(String::new(), |(name, space)| format!("{space}/{name}")),
        text.trim_matches([':', '/']).to_owned(),
        text.rsplit('/').next().unwrap_or("").to_owned(),
        dashed(text),
        dashed(&text.to_ascii_lowercase()),
        text.split_whitespace().collect(),
    ];
    let own = text.to_owned();
    all.into_iter()
        .filter(move |meant| !odd && !meant.is_empty() && *meant != own)
        // Words that would be something else without quotes.
        .filter(|meant| matches!(crate::yaml::resolve(meant), Value::Text(_)))
}
