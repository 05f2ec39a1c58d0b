//! Asking the collectors, and the store behind them.

use std::net::IpAddr;
use std::path::Path;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{PAUSE, Resolve, tell, until};
use crate::decisions::{self, Counts};
use crate::exposition::{self, Sample};
use crate::input::{Collector, Input};
use crate::net::{self, Client};
use crate::outcome::{Line, Look, Outcome};
use crate::plugin;
use crate::receiver::Receiver;
use crate::synthetic::{self, Traces};

/// A decision may come so much later than the wait says: ticks, a busy machine.
const LATE: Duration = Duration::from_secs(5);

/// After the slow ones are kept, so long may the fast one be undecided: another tick.
const TICK: Duration = Duration::from_secs(2);

/// Tells lines for each collector, those of the last round.
pub(super) fn watch(input: &Input, client: Client, resolve: Resolve<'_>, lines: &Sender<Line>) {
    let Some(collector) = &input.collector else {
        let off = Outcome::NotRun("tracing.enabled is false".to_owned());
        tell(lines, "sampling", off.clone());
        return tell(lines, "plugin", off);
    };
    // A collector refuses a plugin that is not the chart's, and never comes up to be asked.
    if let Some(wrong) = plugin::differs(Path::new(&collector.plugin_file), &collector.sha256) {
        tell(lines, "sampling", Outcome::NotRun("see plugin".to_owned()));
        return tell(lines, "plugin", Outcome::Fail(wrong));
    }
    let wait = Duration::from_secs_f64(collector.decision_wait_seconds) + LATE;
    let receiver = match Receiver::read(collector) {
        Ok(receiver) => receiver,
        Err(wrong) => {
            tell(lines, "sampling", Outcome::Fail(wrong));
            let unknown = Outcome::NotRun("see sampling".to_owned());
            return tell(lines, "plugin", unknown);
        }
    };
    loop {
        let (well, found) = match round(collector, &receiver, client, resolve, wait) {
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
    receiver: &Receiver,
    client: Client,
    resolve: Resolve<'_>,
    wait: Duration,
) -> Result<(bool, Vec<Line>), String> {
    let known: Vec<IpAddr> = resolve(&collector.host)?.into_iter().collect();
    if let Look::NotYet(wrong) = enough(collector, known.len()) {
        return Err(wrong);
    }
    let mut sampling: Vec<Line> = thread::scope(|scope| {
        let asked: Vec<_> = (known.iter())
            .map(|ip| {
                (
                    ip,
                    scope.spawn(|| attempt(collector, receiver, *ip, client, wait)),
                )
            })
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
    let page = client.page(&url).map_err(unreached)?;
    exposition::parse(&page).map_err(|e| format!("{url}: {e}"))
}

fn unreached(why: String) -> String {
    format!("{why}; is it up (`kubectl logs`), and does a NetworkPolicy let this pod in?")
}

/// Sends and judges once.
fn attempt(
    collector: &Collector,
    receiver: &Receiver,
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
    receiver.send(client, ip, &traces.export)?;
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

/// Reasons for which the plugin may keep the fast trace, too: the policy for live traces decides on it after the
/// test's own.
const OTHER_REASONS: [&str; 3] = ["slow_first_token", "slow_output", "baseline"];

/// Whether the kept traces have come out at the far end, and the other has not.
fn far_end(collector: &Collector, traces: &Traces, client: Client) -> Outcome {
    let stored = |id: &str| -> Result<Option<String>, String> {
        let url = collector.trace_url.replace("{traceID}", id);
        match client.get(&url)? {
            (200, trace) => Ok(Some(trace)),
            (404, _) => Ok(None),
            (status, _) => Err(format!(
                "{url} answers {status}, expected 200 or 404; check helmTest.traceURL"
            )),
        }
    };
    until(client, || {
        for (id, why) in &traces.slow {
            if stored(id)?.is_none() {
                return Ok(Look::NotYet(format!(
                    "the collector kept the trace {id} (slow by {why}), and helmTest.traceURL does not have it; check tracing.exporters and the collector's log"
                )));
            }
        }
        let otherwise = |trace: String| {
            let mut reasons = OTHER_REASONS.iter();
            reasons.any(|reason| trace.contains(&format!("\"{reason}\"")))
        };
        if collector.reasons_shown && stored(&traces.fast)?.is_some_and(|trace| !otherwise(trace)) {
            return Ok(Look::NotYet(format!(
                "helmTest.traceURL has the fast trace {}, which the collector dropped: something else sends there too",
                traces.fast
            )));
        }
        Ok(Look::Holds(String::new()))
    })
}

#[cfg(test)]
mod tests {
    use sampling_policy_core::REASONS;
    use sampling_policy_core::budget::Class;

    use super::OTHER_REASONS;

    /// A fast trace fails no call and exceeds no limit.
    #[test]
    fn the_other_reasons_are_those_of_the_plugin_that_are_no_error_and_no_limit() {
        let others = REASONS
            .iter()
            .filter(|reason| !matches!(reason.class, Class::Error | Class::Limit));
        let names: Vec<_> = others.map(|reason| reason.name).collect();
        assert_eq!(names, OTHER_REASONS);
    }
}
