//! The expressions of added alerts, and what is doubtful in them.

#[cfg(feature = "full")]
mod block;
#[cfg(feature = "full")]
mod targets;

use super::Rule;
use super::look::{models, on, seconds};
#[cfg(feature = "full")]
use crate::promql::meaning::Running;
use crate::promql::meaning::{Context, Doubt, Topic, doubts};
use crate::promql::{Expr, parse};
use crate::{Findings, Node, Place, Values};

/// Path, node and text of every added alert's expression.
pub(super) fn expressions(values: &Values) -> impl Iterator<Item = (String, &Node, &str)> {
    values
        .list("rules.additionalAlerts")
        .filter_map(|(path, alert)| {
            let expr = alert.child("expr")?;
            Some((format!("{path}.expr"), expr, expr.as_str()?))
        })
}

/// The windows of which ratios are recorded.
fn windows_of(values: &Values) -> crate::sorted::Names {
    (values.map("slos.windows"))
        .flat_map(|(_, _, pair)| ["short", "long"].map(|key| pair.child(key)?.as_str()))
        .flatten()
        .collect()
}

/// Names of this chart's alerts and of those added.
fn alerts_of(values: &Values) -> impl Iterator<Item = &str> {
    let added = values.list("rules.additionalAlerts");
    (values.map("rules.alerts").map(|(_, name, _)| name))
        .chain(added.filter_map(|(_, alert)| alert.child("alert")?.as_str()))
}

/// What each model runs at a time; nothing where something else scrapes, and other servers may be among it.
#[cfg(feature = "full")]
fn running<'a>(models: &'a [super::look::Model<'a>], scraped: bool) -> Vec<Running<'a>> {
    use super::concurrency::{replicas, running};
    // While a rollout replaces pods, there is one of four more.
    #[expect(clippy::cast_precision_loss, reason = "requests of servers")]
    let most = |model: &'a super::look::Model<'a>| {
        let (each, _) = running(model)?;
        Some((each as f64, (replicas(model)? as f64 * 1.25).ceil()))
    };
    let models = models.iter().filter(|_| scraped);
    models
        .map(|model| Running {
            name: model.name,
            most: most(model),
        })
        .collect()
}

/// Those that Prometheus can read, as trees.
pub(super) fn parsed(values: &Values) -> impl Iterator<Item = (String, &Node, &str, Expr)> {
    expressions(values).filter_map(|(path, node, text)| Some((path, node, text, parse(text).ok()?)))
}

/// Adds what is doubtful, of one topic.
pub(super) fn report(rule: &Rule, topic: Topic, values: &Values, findings: &mut Findings) {
    let models = models(values);
    let scraped = on(values, "metrics.scrape.enabled");
    let entries: Vec<&str> = models
        .iter()
        .filter(|_| scraped)
        .map(|model| model.name)
        .collect();
    let (mut alerts, mut windows, mut external) = (Vec::new(), Vec::new(), Vec::new());
    let pairs;
    if crate::FULL {
        external = super::scrape_jobs::external(values);
        alerts = alerts_of(values).collect();
        pairs = windows_of(values);
        windows = pairs.iter().collect();
    }
    #[cfg(feature = "full")]
    let running = running(&models, scraped);
    let context = Context {
        alerts: &alerts,
        windows: &windows,
        external: &external,
        said: "",
        #[cfg(feature = "full")]
        text: "",
        #[cfg(feature = "full")]
        kept: targets::kept(values),
        #[cfg(feature = "full")]
        several: models.iter().any(|model| {
            let replicas = model.node.child("replicas").and_then(Node::as_i64);
            replicas.is_some_and(|replicas| replicas > 1) || model.autoscaling().is_some()
        }),
        #[cfg(feature = "full")]
        served: &targets::served(values),
        #[cfg(feature = "full")]
        targets: crate::promql::meaning::Targets {
            lacking: &targets::lacking(values),
            namespaces: &targets::namespaces(values),
        },
        #[cfg(feature = "full")]
        running: &running,
        entries: &entries,
        interval: scraped
            .then(|| seconds(values, "metrics.scrape.interval"))
            .flatten(),
        own_buckets: models
            .iter()
            .any(|model| model.arg("--custom-histogram-buckets").is_some()),
        alert: true,
        own_jobs: scraped,
    };
    for (path, node, text, expr) in parsed(values) {
        #[cfg(feature = "full")]
        let said = annotations(values, &path);
        #[cfg(feature = "full")]
        let context = Context {
            said: &said,
            text,
            ..context
        };
        for doubt in doubts(&expr, context) {
            #[cfg(feature = "full")]
            let doubt = by_groups(doubt, values, (&path, text, &expr));
            if doubt.topic == topic {
                findings.push(finding(rule, &path, node, text, doubt));
            }
        }
    }
}

/// What the alert of an expression says, a line each, with its name.
#[cfg(feature = "full")]
fn annotations(values: &Values, path: &str) -> String {
    let alert = path
        .strip_suffix(".expr")
        .and_then(|at| values.root.get(at));
    let name = alert.and_then(|alert| alert.child("alert"));
    let texts = alert.and_then(|alert| alert.child("annotations"));
    let texts = texts.into_iter().flat_map(crate::Node::entries);
    (name.into_iter().chain(texts.map(|(_, text)| text)))
        .map(|text| format!("{}\n", text.as_str().unwrap_or_default()))
        .collect()
}

/// Several series for one of the other side are meant where the alert names what tells them apart; else the sum.
#[cfg(feature = "full")]
fn by_groups(mut doubt: Doubt, values: &Values, (path, text, expr): (&str, &str, &Expr)) -> Doubt {
    let Some((_, operator, new)) = &doubt.edit else {
        return doubt;
    };
    let Some((labels, group)) = (new.strip_prefix(&format!("{operator} on (")))
        .and_then(|rest| rest.split_once(") group_"))
        .filter(|_| doubt.topic == Topic::Matching)
    else {
        return doubt;
    };
    let mut alerts = values.list("rules.additionalAlerts");
    let mut named = false;
    if let Some((base, alert)) = alerts.find(|(base, _)| path.starts_with(&format!("{base}."))) {
        super::look::walk(alert, &base, &mut |_, _, node| {
            let text = node.as_str().unwrap_or_default();
            named |= ["pod", "instance", "engine", "namespace", "container"]
                .iter()
                .any(|label| {
                    !labels.split(", ").any(|own| own == *label)
                        && text.to_lowercase().contains(&format!("labels.{label}"))
                });
        });
    }
    let right = group.starts_with("right");
    let same = crate::promql::meaning::same_series(expr, doubt.at);
    // A part of all, over what each pod has of it.
    let whole = same && right && operator == "/";
    // A pod's share of its model: put together, both sides would be the same.
    if same && !whole {
        doubt.fix = format!("write {new}: each series against the sum that it is a part of");
        return doubt;
    }
    let edit = crate::promql::meaning::together(expr, text, doubt.at, (labels, right));
    if whole && named {
        doubt.fix =
            "keep the same labels on both sides: by (…) with those of the right on the left, too"
                .to_owned();
        doubt.edit = None;
        return doubt;
    }
    if let (false, Some((at, old, new))) = (named, edit) {
        doubt.fix = if whole {
            format!("write {new} on the right, or keep the same labels on the left")
        } else {
            format!("write {new}, or {operator} on ({labels}) group_{group} for each series")
        };
        doubt.edit = Some((at, old, new));
    }
    doubt
}

fn finding(rule: &Rule, path: &str, node: &Node, text: &str, doubt: Doubt) -> crate::Finding {
    let mut finding = rule
        .at(path, within(node, text, doubt.at))
        .found(doubt.found)
        .expected(doubt.expected)
        .why(doubt.why)
        .fix(doubt.fix);
    if !doubt.sure {
        finding.severity = crate::Severity::Warning;
    }
    if crate::FULL {
        matched(&mut finding, text.get(doubt.at..).unwrap_or_default());
        if finding.fix.text.ends_with("it is a rate already")
            && let Some((place, meant)) = rated(node.place, text, doubt.at)
        {
            return finding.replace(place, meant);
        }
    }
    let Some((at, word, meant)) = doubt.edit else {
        return finding;
    };
    let rest = text.get(at..).unwrap_or_default();
    let number: String = (rest.chars())
        .take_while(|c| c.is_ascii_digit() || *c == '.' || crate::FULL && *c == 'e')
        .collect();
    // What is behind 1e-3 is a part of the number.
    if crate::FULL && word.is_empty() && number.ends_with('e') {
        return finding;
    }
    let word = if word.is_empty() { number } else { word };
    if word.is_empty() || !rest.starts_with(&word) || !written(node, text, (at, &word)) {
        return finding;
    }
    // In a block a new line would have to be indented.
    if meant.contains('\n') {
        return finding;
    }
    let mut place = within(node, text, at);
    place.end_column = place.column + length(&word);
    finding.replace(place, meant)
}

/// A function of rates round a rate that is recorded: its place, and what is inside.
fn rated(place: Place, text: &str, at: usize) -> Option<(Place, String)> {
    let (before, rest) = text.split_at_checked(at)?;
    let end = rest.find(')')?;
    let (inner, _) = rest[..end].strip_suffix(']')?.rsplit_once('[')?;
    let name = before.strip_suffix('(')?;
    let start = name.trim_end_matches(char::is_alphanumeric);
    quotes(place, text)?;
    let mut word = inside(place, text, start.len());
    word.end_column = word.column + length(&text[start.len()..=at + end]);
    Some((word, inner.to_owned()))
}

/// The words keep the matchers of the selector that they are about.
fn matched(finding: &mut crate::Finding, rest: &str) {
    if let (Some((name, _)), Some(end)) = (rest.split_once('{'), rest.find('}'))
        && name.ends_with(|c: char| c.is_alphanumeric())
        && !name.contains([' ', '('])
    {
        let whole = format!("{}[", &rest[..=end]);
        finding.fix.text = finding.fix.text.replace(&format!("{name}["), &whole);
    }
}

pub(super) fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// Columns before the text of a scalar that is written as it is, in one line: 1 for its quotes.
pub(super) fn quotes(place: Place, text: &str) -> Option<u32> {
    let extra = (place.end_column.checked_sub(place.column)?).checked_sub(length(text))?;
    (place.line == place.end_line && matches!(extra, 0 | 2)).then_some(extra / 2)
}

/// Where a byte of an expression stands, also in a block of several lines.
pub(super) fn within(node: &Node, text: &str, at: usize) -> Place {
    #[cfg(feature = "full")]
    if let Some(place) = block::inside(node, text, at) {
        return place;
    }
    inside(node.place, text, at)
}

/// Whether a word of an expression can be replaced: it is in one line, as it is written.
pub(super) fn written(node: &Node, text: &str, (at, word): (usize, &str)) -> bool {
    #[cfg(feature = "full")]
    if !word.contains('\n') && block::inside(node, text, at).is_some() {
        return true;
    }
    let _ = (at, word);
    quotes(node.place, text).is_some()
}

/// Where a byte of a scalar's text stands, as exactly as its place says.
pub(crate) fn inside(place: Place, text: &str, at: usize) -> Place {
    match (quotes(place, text), text.get(..at)) {
        (Some(before), Some(start)) => Place {
            column: place.column + before + length(start),
            end_column: place.end_column - before,
            ..place
        },
        _ => place,
    }
}
