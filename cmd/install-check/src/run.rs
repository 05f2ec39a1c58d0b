//! All checks side by side, each until it holds or the time is over.

use std::net::IpAddr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::decisions::{self, Counts};
use crate::exposition::{self, Sample};
use crate::input::{Collector, Input};
use crate::net::{self, Client};
use crate::outcome::{Line, Look, Outcome};
use crate::synthetic::{self, Traces};
use crate::{plugin, rules, targets};

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// A decision may come so much later than the wait says: ticks, a busy machine.
const LATE: Duration = Duration::from_secs(5);

/// After the slow ones are kept, so long may the fast one be undecided: another tick.
const TICK: Duration = Duration::from_secs(2);

/// Runs every check; `print` gets each line as soon as it and those before it are known. True when
/// nothing failed.
pub fn all(input: &Input, mut print: impl FnMut(&Line)) -> bool {
    let client = Client::until(Instant::now() + input.timeout());
    let mut well = true;
    thread::scope(|scope| {
        let run = |check: fn(&Input, Client, &Sender<Line>)| -> Receiver<Line> {
            let (lines, read) = channel();
            scope.spawn(move || check(input, client, &lines));
            read
        };
        for lines in [run(watch_prometheus), run(watch_collectors)] {
            for line in lines {
                well &= !line.failed();
                print(&line);
            }
        }
    });
    well
}

/// Looks until the condition holds or the time is over.
fn until(client: Client, mut look: impl FnMut() -> Result<Look, String>) -> Outcome {
    loop {
        let found = look().unwrap_or_else(Look::NotYet);
        if matches!(found, Look::Holds(_)) || client.left() <= PAUSE {
            return found.last();
        }
        thread::sleep(PAUSE);
    }
}

/// The receiver lives as long as the senders; nothing is lost when it does not.
fn tell(lines: &Sender<Line>, check: impl Into<String>, outcome: Outcome) {
    let _ = lines.send(Line::new(check, outcome));
}

const UNKNOWN: &str = "the chart does not know the Prometheus that your operator runs; set helmTest.prometheusURL, for example http://prometheus-operated.monitoring:9090";

fn watch_prometheus(input: &Input, client: Client, lines: &Sender<Line>) {
    if input.prometheus.url.is_empty() {
        for check in ["targets", "traffic", "rules"] {
            tell(lines, check, Outcome::NotRun(UNKNOWN.to_owned()));
        }
        return;
    }
    watch_targets(input, client, lines);
    watch_rules(input, client, lines);
}

fn watch_targets(input: &Input, client: Client, lines: &Sender<Line>) {
    let asked = &input.prometheus;
    let query = |query: &str| -> Result<targets::Vector, String> {
        let query = net::percent(query);
        (client.api(&asked.url, &format!("/api/v1/query?query={query}")))
            .map_err(|e| format!("{e}; check helmTest.prometheusURL"))
    };
    let up = until(client, || {
        let up = query(&targets::up_query(asked))?;
        if !asked.scraped {
            return Ok(targets::foreign(asked, &up));
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
    let traffic = if reached {
        match query(&targets::requests_query(asked)) {
            Ok(requests) => Outcome::Pass(targets::traffic(&requests)),
            Err(wrong) => Outcome::Fail(wrong),
        }
    } else {
        Outcome::NotRun("see targets".to_owned())
    };
    tell(lines, "traffic", traffic);
}

/// After the targets: a rule without data never fails, so each group must have been evaluated once
/// more since they were seen, as far as the time allows.
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
    let mut first: Option<rules::Rules> = None;
    let outcome = until(client, || {
        let loaded: rules::Rules = (client.api(&asked.url, &path))
            .map_err(|e| format!("{e}; check helmTest.prometheusURL"))?;
        let found = rules::healthy(asked, &loaded);
        let again = first
            .as_ref()
            .is_some_and(|first| rules::evaluated_since(asked, first, &loaded));
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

fn watch_collectors(input: &Input, client: Client, lines: &Sender<Line>) {
    let Some(collector) = &input.collector else {
        let off = Outcome::NotRun("tracing.enabled is false".to_owned());
        tell(lines, "sampling", off.clone());
        return tell(lines, "plugin", off);
    };
    let wait = Duration::from_secs_f64(collector.decision_wait_seconds) + LATE;
    loop {
        let (well, found) = match round(collector, client, wait) {
            Ok(found) => found,
            Err(wrong) => {
                let unknown = Outcome::NotRun("see sampling".to_owned());
                let found = vec![
                    Line::new("sampling", Outcome::Fail(wrong)),
                    Line::new("plugin", unknown),
                ];
                (false, found)
            }
        };
        // No round is begun that could not end.
        if well || client.left() < PAUSE + wait + TICK {
            for line in found {
                let _ = lines.send(line);
            }
            return;
        }
        thread::sleep(PAUSE);
    }
}

/// Every collector once, all at the same time. Again and again, since a rollout replaces them, and
/// settings that were just changed reach a pod within a minute.
fn round(
    collector: &Collector,
    client: Client,
    wait: Duration,
) -> Result<(bool, Vec<Line>), String> {
    let known: Vec<IpAddr> = net::addresses(&collector.host)?.into_iter().collect();
    if let Look::NotYet(wrong) = enough(collector, known.len()) {
        return Err(wrong);
    }
    let mut sampling: Vec<Line> = thread::scope(|scope| {
        let asked: Vec<_> = (known.iter())
            .map(|ip| (ip, scope.spawn(|| attempt(collector, *ip, client, wait))))
            .collect();
        let lines = asked.into_iter().map(|(ip, asked)| {
            let found = (asked.join())
                .unwrap_or_else(|_| Err("this check itself broke; report it".to_owned()));
            let found = found.unwrap_or_else(Look::NotYet);
            Line::new(format!("sampling {ip}"), found.last())
        });
        lines.collect()
    });
    if collector.engine == "wasm" {
        sampling.extend(known.iter().map(|ip| {
            let page = metrics(collector, *ip, client);
            let found = page.map(|page| plugin::runs(&page, &collector.sha256));
            let found = found.unwrap_or_else(Look::NotYet);
            Line::new(format!("plugin {ip}"), found.last())
        }));
    } else {
        let why = format!(
            "the engine {} decides, by the same thresholds; for the plugin set tracing.collector.image.repository to an image of otelcol-vllm",
            collector.engine
        );
        sampling.push(Line::new("plugin", Outcome::NotRun(why)));
    }
    Ok((!sampling.iter().any(Line::failed), sampling))
}

fn enough(collector: &Collector, found: usize) -> Look {
    let (host, wanted) = (&collector.host, collector.replicas);
    if found >= wanted {
        Look::Holds(format!("{found} collectors"))
    } else {
        Look::NotYet(format!(
            "{found} of {wanted} collectors are ready behind {host}; see `kubectl get pods -l app.kubernetes.io/component=collector`"
        ))
    }
}

fn metrics(collector: &Collector, ip: IpAddr, client: Client) -> Result<Vec<Sample>, String> {
    let url = format!("{}/metrics", net::base(ip, collector.metrics_port));
    let page =
        (client.page(&url)).map_err(|e| format!("{e}; a NetworkPolicy must let this pod in"))?;
    exposition::parse(&page).map_err(|e| format!("{url}: {e}"))
}

/// Sends and judges once.
fn attempt(
    collector: &Collector,
    ip: IpAddr,
    client: Client,
    wait: Duration,
) -> Result<Look, String> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let traces = synthetic::traces(collector, u64::try_from(now.as_nanos()).unwrap_or_default());
    let slow = traces.slow.len();
    let look = || -> Result<Counts, String> {
        let page = metrics(collector, ip, client)?;
        Ok(decisions::counts(&page, &collector.policy))
    };
    let before = look()?;
    let url = format!("{}/v1/traces", net::base(ip, collector.otlp_port));
    client.post(&url, &traces.export)?;
    let sent = Instant::now();
    while sent.elapsed() < wait && look()?.kept - before.kept < slow as f64 {
        thread::sleep(PAUSE);
    }
    thread::sleep(TICK);
    let judged = decisions::kept(collector, slow, before, look()?);
    if matches!(judged, Look::NotYet(_)) || collector.trace_url.is_empty() {
        return Ok(judged);
    }
    Ok(match far_end(collector, &traces, client) {
        Outcome::Fail(wrong) => Look::NotYet(wrong),
        Outcome::Pass(_) | Outcome::NotRun(_) => judged,
    })
}

/// Whether the kept traces have come out at the far end, and the other has not.
fn far_end(collector: &Collector, traces: &Traces, client: Client) -> Outcome {
    let stored = |id: &str| -> Result<bool, String> {
        let url = collector.trace_url.replace("{traceID}", id);
        match client.get(&url)? {
            (200, _) => Ok(true),
            (404, _) => Ok(false),
            (status, _) => Err(format!(
                "{url} answers {status}, expected 200 or 404; check helmTest.traceURL"
            )),
        }
    };
    until(client, || {
        for (id, why) in &traces.slow {
            if !stored(id)? {
                return Ok(Look::NotYet(format!(
                    "the collector kept the trace {id} (slow by {why}), and helmTest.traceURL does not have it; check tracing.exporters and the collector's log"
                )));
            }
        }
        if stored(&traces.fast)? {
            return Ok(Look::NotYet(format!(
                "helmTest.traceURL has the fast trace {}, which the collector dropped: something else sends there too",
                traces.fast
            )));
        }
        Ok(Look::Holds(String::new()))
    })
}
