//! Routes that no alert arrives at: their matchers fit none, or a route before them takes all.

use super::alerts::{Alert, Alerts};
use super::meaning::{Matcher, matchers, taken};
use super::{RULE, items, switched};
use crate::rules::look::{Model, models, on, text};
use crate::{Findings, Node, Values};

/// Whether others may send their alerts here.
fn open(values: &Values) -> bool {
    let switch = |key: &str| on(values, &format!("alertmanager.{key}.enabled"));
    let peers = values.list("networkPolicy.readers").next();
    switch("ingress")
        || switch("httpRoute")
        || peers.is_some()
        || text(values, "alertmanager.service.type") != "ClusterIP"
}

/// Looks at all routes below the first.
pub(super) fn check<'a>(
    values: &'a Values,
    alerts: &'a Alerts<'a>,
    config: &'a Node,
    findings: &mut Findings,
) {
    let Some(route) = config.child("route").filter(|_| !open(values)) else {
        return;
    };
    let mut reach = Reach {
        values,
        alerts,
        models: models(values),
        findings,
    };
    let all: Vec<&Alert> = alerts.all.iter().collect();
    let receiver = receiver(route).unwrap_or_default();
    reach.below("alertmanager.config.route", route, receiver, &all);
}

fn receiver(route: &Node) -> Option<&str> {
    route.child("receiver")?.as_str()
}

pub(super) struct Reach<'a, 'f> {
    values: &'a Values,
    pub(super) alerts: &'a Alerts<'a>,
    pub(super) models: Vec<Model<'a>>,
    pub(super) findings: &'f mut Findings,
}

/// A route that gives nothing on to those behind it.
struct Taker<'a> {
    path: String,
    node: &'a Node,
    to: &'a str,
    taken: Vec<*const Alert<'a>>,
    /// Whether it only keeps alerts from those behind it: they would go there anyhow.
    idle: bool,
}

impl<'a> Reach<'a, '_> {
    fn below(&mut self, path: &str, route: &'a Node, parent: &'a str, entering: &[&'a Alert<'a>]) {
        let mut before: Vec<Taker<'a>> = Vec::new();
        for (at, child) in items(route, "routes") {
            let path = format!("{path}.routes[{at}]");
            let own = matchers(&path, child, "");
            let fits = |alert: &Alert<'a>| taken(self.alerts, alert, own.as_ref()?);
            let arriving: Vec<&Alert> = (entering.iter().copied())
                .filter(|alert| fits(alert) != Some(false))
                .collect();
            let sure = arriving.iter().filter(|alert| fits(alert) == Some(true));
            let sure = sure
                .map(|alert| std::ptr::from_ref::<Alert>(alert))
                .collect();
            let left: Vec<&Alert> = (arriving.iter().copied())
                .filter(|alert| {
                    !before
                        .iter()
                        .any(|b| b.taken.contains(&std::ptr::from_ref(*alert)))
                })
                .collect();
            let to = receiver(child).unwrap_or(parent);
            let told = self.findings.0.iter().any(|f| f.path.starts_with(&path));
            if let Some(own) = own.as_ref().filter(|own| !told && !own.is_empty()) {
                if arriving.is_empty() {
                    if let Some(finding) = switched::off(self.values, own)
                        .or_else(|| switched::renamed(self.values, own))
                    {
                        self.findings.push(finding);
                    } else {
                        self.fits_none(own, entering);
                    }
                } else if left.is_empty() || beyond(own, &arriving, &left, &before, to) {
                    self.shadowed(&arriving, &before, child, to);
                }
            }
            if child.child("continue").and_then(Node::as_bool) != Some(true) {
                let of_severity = |own: &Vec<Matcher>| own.iter().any(|m| m.label == "severity");
                before.push(Taker {
                    idle: to == parent
                        && items(child, "routes").next().is_none()
                        && own.as_ref().is_some_and(|own| !of_severity(own)),
                    path: path.clone(),
                    node: child,
                    to,
                    taken: sure,
                });
            }
            self.below(&path, child, to, &left);
        }
    }

    fn shadowed(&mut self, arriving: &[&Alert<'a>], before: &[Taker<'a>], route: &Node, to: &str) {
        let most = before.iter().max_by_key(|taker| {
            let of = arriving.iter();
            of.filter(|alert| taker.taken.contains(&std::ptr::from_ref(**alert)))
                .count()
        });
        // To the same receiver they are notified all the same.
        let Some(taker) = most.filter(|taker| taker.to != to) else {
            return;
        };
        let finding = RULE
            .warning(&taker.path, &taker.node.place)
            .found(format!(
                "a route that takes the alerts of the route to {to} behind it"
            ))
            .expected("the route with fewer alerts first, or continue: true")
            .why(format!(
                "The first route that fits takes an alert: {to} is not notified of them."
            ))
            .fix(format!(
                "move the route to {to} before this one, or write continue: true in this one"
            ))
            .related(route.place, "the route that they do not arrive at");
        self.findings.push(finding);
    }
}

/// Whether a route by severity alone gets nothing about vLLM, because one before it sends all of that where it
/// would go without it.
fn beyond(
    own: &[Matcher<'_>],
    arriving: &[&Alert<'_>],
    left: &[&Alert<'_>],
    before: &[Taker<'_>],
    to: &str,
) -> bool {
    let vllm = |alerts: &[&Alert<'_>]| alerts.iter().any(|alert| alert.name.starts_with("Vllm"));
    own.iter()
        .all(|m| m.label == "severity" && m.operator.starts_with('='))
        && vllm(arriving)
        && !vllm(left)
        && before.iter().any(|taker| {
            taker.idle
                && taker.to != to
                && arriving
                    .iter()
                    .filter(|alert| alert.name.starts_with("Vllm"))
                    .all(|alert| {
                        taker
                            .taken
                            .iter()
                            .any(|taken| std::ptr::addr_eq(*taken, std::ptr::from_ref(*alert)))
                    })
        })
}
