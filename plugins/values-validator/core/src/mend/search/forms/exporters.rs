//! Exporters as the collector and other charts name them: `otlp/tempo`, `tempo`, one without a name.

use super::{Case, Form, text, with};
use crate::codes;
use crate::node::{Node, Value};
use crate::rules::OVER_HTTP;
use crate::url::Url;

pub(super) fn exporters(case: &mut Case<'_>) -> Option<()> {
    stock(case);
    if case.path.get(..2)? != ["tracing", "exporters"] {
        return None;
    }
    beside(case);
    match case.path.len() {
        3 if case.is(codes::UNKNOWN_KEY) => foreign(case),
        3 if case.is(codes::WRONG_TYPE) => {
            let node = case.node()?;
            let address = text(node)?;
            let named = Form::entry(&name(address)?, &exporter(case, node, case.key())?);
            let form = Form::map(&[named]).inline();
            case.put(
                node,
                &form,
                format!("write {}: {}", case.key(), form.shown()),
            );
            Some(())
        }
        4 if case.key() == "endpoint" => {
            let kind = case.at(case.above(1))?;
            let named = name(text(case.node()?)?)?;
            let own = exporter(case, kind, &case.path[2])?;
            let words = format!("write a name above it: {named}: {{endpoint: …}}");
            case.put(kind, &Form::map(&[Form::entry(&named, &own)]), words);
            Some(())
        }
        5 if case.finding.fix.text == OVER_HTTP => {
            let from = case.path[..4].to_vec();
            let to = with(&from[..2], &["otlphttp", &from[3]]);
            case.moved(&from, &to, OVER_HTTP)
        }
        5 if case.key() == "tls" => {
            let one = case.at(case.above(1))?;
            let form = exporter(case, one, &case.path[2])?;
            case.put(
                one,
                &form,
                "write insecure or insecureSkipVerify beside endpoint, without tls",
            );
            Some(())
        }
        _ => None,
    }
}

/// A setting beside the name of the only exporter, where it belongs below it.
fn beside(case: &mut Case<'_>) -> Option<()> {
    let from = case.path.get(..4)?.to_vec();
    let (key, above) = from.split_last()?;
    let settings = ["headers", "tlsSecret", "insecure", "insecureSkipVerify"];
    if !settings.contains(&key.as_str()) {
        return None;
    }
    let others = case
        .at(above)?
        .entries()
        .filter(|(name, node)| *name != key.as_str() && node.child("endpoint").is_some());
    let [(only, _)] = others.collect::<Vec<_>>()[..] else {
        return None;
    };
    let words = format!("move {key} below {only}");
    let mut draft = case.draft();
    draft.moved(&from, &with(above, &[only, key]))?;
    case.all.push((draft.text(), words));
    Some(())
}

/// The first part of an address.
fn name(address: &str) -> Option<String> {
    let host = Url::of(address).host.split('.').next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (!host.is_empty() && host.chars().all(plain)).then(|| host.to_owned())
}

/// Which of the chart's kinds takes what is sent there.
fn kind(address: &str) -> Option<&'static str> {
    let url = Url::of(address);
    match url.port {
        Some("4317") => Some("otlp"),
        Some("4318") => Some("otlphttp"),
        Some("9411" | "14250" | "14268") => None,
        _ if url.path.len() > 1 => Some("otlphttp"),
        _ => None,
    }
}

/// An exporter's settings as this chart has them.
fn exporter(case: &Case<'_>, node: &Node, kind: &str) -> Option<Form> {
    let address = |address: &str, plain: bool| {
        let url = Url::of(address);
        let scheme = if plain || url.in_cluster() && !url.public() {
            "http"
        } else {
            "https"
        };
        match url.scheme {
            None if kind == "otlphttp" => {
                Form::flow(format!("{:?}", format!("{scheme}://{address}")))
            }
            _ => Form::flow(format!("{address:?}")),
        }
    };
    if let Some(own) = text(node) {
        let plain = Form::map(&[Form::entry("endpoint", &address(own, false))]);
        return Some(plain.inline());
    }
    let tls = node.child("tls");
    let set = |key: &str| tls.and_then(|tls| tls.child(key)).and_then(Node::as_bool);
    let plain = set("insecure") == Some(true)
        || node.child("insecure").and_then(Node::as_bool) == Some(true);
    let mut all = Vec::new();
    for (key, form) in case.lines.entries(node)? {
        let value = node.child(&key)?;
        match key.as_str() {
            "endpoint" if text(value)?.contains("://") => all.push(form),
            "endpoint" => all.push(Form::entry(&key, &address(text(value)?, plain))),
            "tls" => {
                for (key, value) in value.entries() {
                    match (key, value.as_bool()) {
                        ("insecure", Some(true)) if kind == "otlphttp" => {}
                        ("insecure", Some(true)) => all.push(Form::flow("insecure: true")),
                        ("insecure_skip_verify", Some(true)) => {
                            all.push(Form::flow("insecureSkipVerify: true"));
                        }
                        (_, Some(false)) => {}
                        _ => return None,
                    }
                }
            }
            _ => all.push(form),
        }
    }
    let all = Form::map(&all);
    let flow = case.lines.block(node) == Some(false);
    Some(if flow { all.inline() } else { all })
}

/// `otlp/tempo: {…}` and `tempo: {…}`.
fn foreign(case: &mut Case<'_>) -> Option<()> {
    let node = case.node()?;
    let address = text(node).or_else(|| text(node.child("endpoint")?))?;
    let key = case.key().to_owned();
    let (before, named) = key.split_once('/').unwrap_or(("", &key));
    let kind = match before {
        "otlp" | "otlp_grpc" | "otlpgrpc" => "otlp",
        "otlphttp" | "otlp_http" => "otlphttp",
        _ => kind(address)?,
    };
    let parent = case.at(case.above(1))?;
    let own = Form::entry(named, &exporter(case, node, kind)?);
    let mut all = Vec::new();
    let beside = parent.child(kind).filter(|node| !node.is_default());
    for (other, form) in case.lines.entries(parent)? {
        if other == key && beside.is_none() {
            all.push(Form::entry(kind, &Form::map(std::slice::from_ref(&own))));
        } else if other == kind {
            let beside = beside.filter(|node| matches!(node.value, Value::Map(_)))?;
            let mut several = case.lines.without(beside, &[])?;
            several.push(own.clone());
            let several = Form::map(&several);
            let flow = case.lines.block(beside) == Some(false);
            all.push(Form::entry(
                kind,
                &if flow { several.inline() } else { several },
            ));
        } else if other != key {
            all.push(form);
        }
    }
    let words = format!("write {kind}: {{{named}: {{endpoint: …}}}}");
    case.put(parent, &Form::map(&all), words);
    Some(())
}

/// The stock collector's image, where nothing is set that it lacks.
fn stock(case: &mut Case<'_>) -> Option<()> {
    if case.finding.code != "policy-image" || !case.finding.found.contains("the stock collector") {
        return None;
    }
    let policy = case.root.get("tracing.policy");
    let own = |(key, node): (&str, &Node)| !node.is_default() && key != "engine";
    if policy.is_some_and(|policy| policy.entries().any(own)) {
        return None;
    }
    let image = ["tracing", "collector", "image"].map(str::to_owned);
    let to = with(&image[..2], &["stockImage"]);
    case.moved(
        &image,
        &to,
        "write it in tracing.collector.stockImage; image is for otelcol-vllm",
    )
}
