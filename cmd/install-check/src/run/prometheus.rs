//! Asking Prometheus: whether it selects the release's objects, targets, then traffic, then rules.

use std::sync::mpsc::Sender;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;

use super::{Cluster, PAUSE, tell, until};
use crate::input::{Input, Operator, Prometheus};
use crate::net::{self, Client};
use crate::operator::Metadata;
use crate::outcome::{Line, Look, Outcome};
use crate::{operator, probe, rules, series, targets, watcher};

/// Why nothing can be asked.
const UNKNOWN: &str = "it is not known which Prometheus of your operator reads this release; set metrics.operator.prometheusURL, for example http://prometheus-operated.monitoring:9090";

/// Tells a line for each check.
pub(super) fn watch(input: &Input, client: Client, cluster: Cluster<'_>, lines: &Sender<Line>) {
    let mut input = input.clone();
    let mut unknown = UNKNOWN;
    if let Some(handed) = &input.prometheus.operator {
        let (outcome, server) = selected(handed, client, cluster);
        match server {
            Some(server) if input.prometheus.url.is_empty() => input.prometheus.url = server.url,
            None if matches!(outcome, Outcome::Fail(_)) => unknown = "see selected",
            _ => {}
        }
        tell(lines, "selected", outcome);
    }
    if input.prometheus.url.is_empty() {
        for check in ["targets", "series", "traffic", "rules"] {
            tell(lines, check, Outcome::NotRun(unknown.to_owned()));
        }
        return;
    }
    watch_targets(&input, client, lines);
    watch_rules(&input, client, lines);
    watch_probe(&input, client, lines);
    watch_halves(&input, client, lines);
    watch_watcher(&input, client, lines);
}

/// Where the release has a probe.
fn watch_probe(input: &Input, client: Client, lines: &Sender<Line>) {
    let asked = &input.prometheus;
    if asked.probe.is_empty() {
        return;
    }
    let outcome = until(client, || {
        Ok(probe::answered(&query(asked, client, &asked.probe)?))
    });
    tell(lines, "probe", outcome);
}

/// After the rules, which say which pods are prefill halves.
fn watch_halves(input: &Input, client: Client, lines: &Sender<Line>) {
    let asked = &input.prometheus;
    if asked.prefill.is_empty() {
        return;
    }
    let found = || -> Result<String, String> {
        let prefill = query(asked, client, &series::prefill_query(&input.release, asked))?;
        let transfers = query(asked, client, &series::transfers_query(asked))?;
        Ok(series::halves(&prefill, &transfers))
    };
    tell(
        lines,
        "halves",
        found().map_or_else(Outcome::NotRun, Outcome::Pass),
    );
}

/// In operator mode, where the rules about Prometheus itself are the cluster's.
fn watch_watcher(input: &Input, client: Client, lines: &Sender<Line>) {
    let asked = &input.prometheus;
    if asked.watched.is_empty() {
        return;
    }
    let loaded: Result<rules::Rules, String> = ask(asked, client, "/api/v1/rules?type=alert");
    let outcome = match loaded {
        Ok(rules) => Outcome::Pass(watcher::said(&asked.watched, &rules)),
        Err(why) => Outcome::NotRun(why),
    };
    tell(lines, "watcher", outcome);
}

/// Whether a Prometheus object selects what is handed to the operator.
fn selected(
    handed: &Operator,
    client: Client,
    cluster: Cluster<'_>,
) -> (Outcome, Option<operator::Server>) {
    let read = || -> Result<_, String> {
        let api = cluster()?;
        let namespace: Metadata = api.metadata(client, &handed.namespace)?;
        let list: operator::List =
            api.get(client, "/apis/monitoring.coreos.com/v1/prometheuses")?;
        Ok(operator::judge(handed, &namespace, &list))
    };
    read().unwrap_or_else(|why| (Outcome::NotRun(why), None))
}

fn query(asked: &Prometheus, client: Client, query: &str) -> Result<targets::Vector, String> {
    let path = format!("/api/v1/query?query={}", net::percent(query));
    ask(asked, client, &path)
}

/// The targets so many seconds ago.
fn before(asked: &Prometheus, client: Client, seconds: f64) -> Result<targets::Vector, String> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let query = net::percent(&targets::up_query(asked));
    let time = now.as_secs_f64() - seconds;
    ask(
        asked,
        client,
        &format!("/api/v1/query?query={query}&time={time:.3}"),
    )
}

fn ask<T: DeserializeOwned>(asked: &Prometheus, client: Client, path: &str) -> Result<T, String> {
    (client.api(&asked.url, path)).map_err(|e| format!("{e}; check metrics.operator.prometheusURL"))
}

fn watch_targets(input: &Input, client: Client, lines: &Sender<Line>) {
    let asked = &input.prometheus;
    let up = until(client, || {
        let up = query(asked, client, &targets::up_query(asked))?;
        if !asked.scraped {
            let nameless = query(asked, client, &targets::nameless_query(asked))?;
            return Ok(targets::foreign(asked, &up, &nameless));
        }
        let found = targets::up(&input.release, asked, &up, &targets::Targets::default());
        if matches!(found, Look::Holds(_)) {
            return Ok(found);
        }
        // Only for the words of a failure: the answer is large, and not every server has it.
        let known = client
            .api(&asked.url, "/api/v1/targets?state=active")
            .unwrap_or_default();
        Ok(targets::up(&input.release, asked, &up, &known))
    });
    let reached = matches!(up, Outcome::Pass(_));
    tell(lines, "targets", up);
    if asked.scraped {
        let found = match reached {
            true => until(client, || {
                let silent = query(asked, client, &series::silent_query(asked))?;
                Ok(series::silent(asked, &silent))
            }),
            false => Outcome::NotRun("see targets".to_owned()),
        };
        tell(lines, "series", found);
    }
    let traffic = if reached {
        match query(asked, client, &targets::requests_query(asked)) {
            Ok(requests) => Outcome::Pass(targets::traffic(&requests)),
            Err(wrong) => Outcome::Fail(wrong),
        }
    } else {
        Outcome::NotRun("see targets".to_owned())
    };
    tell(lines, "traffic", traffic);
}

/// After the targets: a rule without data never fails, so each group must have been evaluated since
/// they were there, as far as the time allows.
fn watch_rules(input: &Input, client: Client, lines: &Sender<Line>) {
    let asked = &input.prometheus;
    if asked.rule_groups.is_empty() {
        return tell(
            lines,
            "rules",
            Outcome::NotRun("rules.enabled is false".to_owned()),
        );
    }
    // Older servers do not know the filter, and answer with every group.
    let filter: Vec<String> = (asked.rule_groups.iter())
        .map(|name| format!("rule_group[]={}", net::percent(name)))
        .collect();
    let path = format!("/api/v1/rules?{}", filter.join("&"));
    // Every group that is evaluated so often is evaluated within the time for all checks.
    let patience = input.timeout().as_secs_f64() / 2.0;
    let settled = before(asked, client, patience).is_ok_and(|up| !up.result.is_empty());
    let mut first: Option<rules::Rules> = None;
    let outcome = until(client, || {
        // Only of the release's own; a server that does not say has refused nothing.
        let runtime = client.api(&asked.url, "/api/v1/status/runtimeinfo");
        if let (None, Ok(runtime)) = (&asked.operator, runtime)
            && let Some(refused) = rules::refused(asked, runtime)
        {
            return Ok(refused);
        }
        let loaded: rules::Rules = ask(asked, client, &path)?;
        let found = rules::healthy(asked, &loaded, patience);
        let again = settled
            || first
                .as_ref()
                .is_some_and(|first| rules::evaluated_since(asked, first, &loaded, patience));
        first.get_or_insert(loaded);
        if matches!(found, Look::Holds(_)) && !again && client.left() > 2 * PAUSE {
            return Ok(Look::NotYet(
                "the rules have not been evaluated again".to_owned(),
            ));
        }
        Ok(found)
    });
    tell(lines, "rules", outcome);
}
