//! What a fault costs: traces under load, notifications, and the row that docs/faults.md shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use harness::traffic::{Traffic, slow_traces};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::release::{NAME, merge, values};
use crate::requests::send;
use crate::room::Room;
use crate::sink::{Sink, trace};
use crate::wait::{Seen, until};

/// Between two traces.
const PACE: Duration = Duration::from_millis(200);

/// A sender's patience with one export: an attempt, and all of them. vLLM's SDK gives up after as long.
const ATTEMPT: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

/// Every request with a measured latency is above it.
const LIMIT: (&str, f64) = ("gen_ai.latency.e2e", 0.001);

/// Alerts that these releases raise as they should, whatever is broken.
const ALWAYS: [&str; 1] = ["Watchdog"];

/// Seconds since 1970.
#[must_use]
pub fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

/// Values of a release under a fault: everything with a latency is kept, notifications go to the sink.
///
/// # Errors
/// When an image is missing.
pub fn under_fault(room: &Room, sink: &Sink) -> Result<Value> {
    let mut values = values(room, &sink.url())?;
    let few = json!({"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}});
    merge(
        &mut values,
        json!({
            "models": [{"name": "absent", "selector": {"app": "absent"}}],
            "thresholds": {
                "e2eLatency": {"keepTrace": "1ms"},
                "timeToFirstToken": {"keepTrace": "off"},
                "decodeTime": {"keepTrace": "off"},
            },
            "tracing": {
                "collector": {"resources": few},
                "balancer": {"resources": few},
                "sampling": {"decisionWait": "10s"},
            },
            "prometheus": {"resources": few},
            "alertmanager": {"config": {
                "route": {"receiver": "team", "group_wait": "1s", "group_interval": "5s"},
                "receivers": [{
                    "name": "team",
                    "webhook_configs": [{"url": format!("{}/alerts", sink.url())}],
                }],
            }},
        }),
    );
    Ok(values)
}

/// Two samplers behind two balancers.
#[must_use]
pub fn balanced() -> Value {
    json!({"tracing": {
        "collector": {"replicas": 2},
        "balancer": {"enabled": true, "replicas": 2},
    }})
}

/// Senders that go on while something is broken.
pub struct Load {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Result<Sent>>,
}

/// What they sent.
#[derive(Debug, Default)]
pub struct Sent {
    /// Traces that must be kept, with the second at which they were taken.
    pub kept: BTreeMap<String, f64>,
    /// Those that no attempt delivered: their sender knows.
    pub refused: BTreeSet<String>,
}

impl Load {
    /// Begins to send to the release's collectors. Spans are `skews` seconds off, in turn.
    ///
    /// # Errors
    /// When the fixture cannot be read.
    pub fn start(room: &Room, seed: u64, skews: &[i64]) -> Result<Self> {
        let fixture = harness::repo::root().join("tests/fixtures/vllm/0.32.0/traces.jsonl");
        let mut traffic = Traffic::new(&harness::otlp::read_lines(&fixture)?, seed)?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, room, skews) = (Arc::clone(&stop), room.clone(), skews.to_vec());
        let task = tokio::spawn(async move {
            let mut sent = Sent::default();
            let mut number = 0;
            while !stopped.load(Ordering::Relaxed) {
                let mut made = traffic.next()?;
                if let Some(skew) = skews.get(number % skews.len().max(1)) {
                    shift(&mut made.export, *skew);
                }
                number += 1;
                let wanted = !slow_traces([&made.export], &[LIMIT]).is_empty();
                let taken = persist(&room, &made.export, &stopped).await;
                match (wanted, taken) {
                    (true, true) => drop(sent.kept.insert(made.id, now())),
                    (true, false) => drop(sent.refused.insert(made.id)),
                    _ => {}
                }
                tokio::time::sleep(PACE).await;
            }
            Ok(sent)
        });
        Ok(Self { stop, task })
    }

    /// Goes on for so long.
    pub async fn goes_on(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it could not make traces.
    pub async fn stop(self) -> Result<Sent> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await?
    }
}

/// Sends again until it is taken, as an SDK does; whether it was.
async fn persist(room: &Room, export: &Value, stopped: &AtomicBool) -> bool {
    let begun = Instant::now();
    let to = format!("services/{NAME}-collector");
    loop {
        let attempt = tokio::time::timeout(ATTEMPT, send(room, &to, export)).await;
        if matches!(attempt, Ok(Ok(()))) {
            return true;
        }
        if begun.elapsed() > PATIENCE || stopped.load(Ordering::Relaxed) {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Sets a span's clock forward or back.
fn shift(export: &mut Value, seconds: i64) {
    let spans = export.pointer_mut("/resourceSpans/0/scopeSpans/0/spans/0");
    let Some(span) = spans else { return };
    for key in ["startTimeUnixNano", "endTimeUnixNano"] {
        let at: i128 = span[key].as_str().and_then(|t| t.parse().ok()).unwrap_or(0);
        span[key] = json!((at + i128::from(seconds) * 1_000_000_000).to_string());
    }
}

/// One notification at the webhook.
#[derive(Debug, Clone)]
pub struct Notified {
    /// The alert's name.
    pub name: String,
    /// `firing` or `resolved`.
    pub status: String,
    /// Its severity.
    pub severity: String,
    /// Its label `model`.
    pub model: String,
    /// Second of its arrival.
    pub at: f64,
}

/// All notifications so far.
///
/// # Errors
/// When the sink's log cannot be read.
pub async fn notified(sink: &Sink) -> Result<Vec<Notified>> {
    let lines = sink.lines().await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let alerts = lines.iter().filter(|line| line.get("alert").is_some());
    Ok(alerts
        .map(|line| {
            let alert = &line["alert"];
            Notified {
                name: text(&alert["labels"]["alertname"]),
                status: text(&alert["status"]),
                severity: text(&alert["labels"]["severity"]),
                model: text(&alert["labels"]["model"]),
                at: line["at"].as_f64().unwrap_or_default(),
            }
        })
        .collect())
}

/// Waits for an alert at the webhook: seconds since `since`.
///
/// # Errors
/// When it does not come in time.
pub async fn alert(sink: &Sink, name: &str, since: f64, limit: Duration) -> Result<f64> {
    until(&format!("{name} at the webhook"), limit, || async {
        let all = notified(sink).await?;
        let found = all.iter().find(|n| n.name == name && n.status == "firing");
        Ok(match found {
            Some(found) => Seen::Yes(found.at - since),
            None => Seen::NotYet(format!("{all:?}")),
        })
    })
    .await
}

/// How often each trace was delivered, once nothing more comes: `kept` all there, or no new one for 40 s.
///
/// # Errors
/// When the sink's log cannot be read.
pub async fn delivered(sink: &Sink, sent: &Sent) -> Result<BTreeMap<String, usize>> {
    let mut last = (0, Instant::now());
    loop {
        let mut counts = BTreeMap::<String, usize>::new();
        for span in sink.got("span").await? {
            *counts.entry(trace(&span).unwrap_or_default()).or_default() += 1;
        }
        let all = sent.kept.keys().all(|id| counts.contains_key(id));
        if counts.len() > last.0 {
            last = (counts.len(), Instant::now());
        }
        if all || last.1.elapsed() > Duration::from_secs(40) {
            return Ok(counts);
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// A row of docs/faults.md.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// What was broken.
    pub fault: String,
    /// What is promised.
    pub promised: String,
    /// Traces that senders handed over and that were to be kept; without a load none.
    pub sent: usize,
    /// Of those, never delivered.
    pub lost: usize,
    /// Delivered more than once.
    pub twice: usize,
    /// Not taken while the sender tried: it knows.
    pub refused: usize,
    /// The awaited alert and its seconds from the fault to the webhook.
    pub alert: Option<(String, f64)>,
    /// Further notifications of severity warning or critical.
    pub others: Vec<String>,
    /// What else was seen, in words.
    pub seen: String,
}

impl Row {
    /// Counts what came of a load.
    ///
    /// # Errors
    /// When the sink's log cannot be read.
    pub async fn count(
        fault: &str,
        promised: &str,
        sink: &Sink,
        sent: &Sent,
        awaited: Option<(&str, f64)>,
    ) -> Result<Self> {
        let counts = delivered(sink, sent).await?;
        let lost = sent.kept.keys().filter(|id| !counts.contains_key(*id));
        let often = |id: &String| counts.get(id).is_some_and(|n| *n > 1);
        let twice = sent.kept.keys().filter(|id| often(id));
        let mut others = BTreeSet::new();
        for notified in notified(sink).await? {
            let expected = awaited.is_some_and(|(name, _)| name == notified.name);
            let quiet = notified.severity == "info" || ALWAYS.contains(&&*notified.name);
            if notified.status == "firing" && !expected && !quiet {
                others.insert(notified.name);
            }
        }
        Ok(Self {
            fault: fault.to_owned(),
            promised: promised.to_owned(),
            sent: sent.kept.len(),
            lost: lost.count(),
            twice: twice.count(),
            refused: sent.refused.len(),
            alert: awaited.map(|(name, seconds)| (name.to_owned(), seconds)),
            others: others.into_iter().collect(),
            seen: String::new(),
        })
    }

    /// Writes it for the page.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str) -> Result<()> {
        let folder = harness::repo::root().join("target/faults");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(
            folder.join(format!("{name}.json")),
            serde_json::to_string_pretty(self)?,
        )
        .context("the row cannot be written")
    }

    /// Writes it for the page, and compares it with the promise: at most so many traces lost, and no alert
    /// beside the awaited one.
    ///
    /// # Errors
    /// When more was lost, or another alert was raised.
    pub fn holds(&self, name: &str, most_lost: usize) -> Result<()> {
        self.write(name)?;
        ensure!(
            self.lost <= most_lost,
            "lost more than {most_lost}: {self:?}"
        );
        ensure!(
            self.others.is_empty(),
            "alerts beside the awaited one: {self:?}"
        );
        Ok(())
    }
}
