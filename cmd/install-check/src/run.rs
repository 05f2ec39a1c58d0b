//! All checks side by side, each until it holds or the time is over.

mod collectors;
mod prometheus;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::grafana;
use crate::input::Input;
use crate::kube::Api;
use crate::net::{self, Client};
use crate::outcome::{Line, Look, Outcome};

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Looks a name up: every address behind it.
pub type Resolve<'a> = &'a (dyn Fn(&str) -> Result<BTreeSet<IpAddr>, String> + Sync);

/// The Kubernetes API as the pod may use it.
pub type Cluster<'a> = &'a (dyn Fn() -> Result<Api, String> + Sync);

/// Runs every check; `print` gets each line as soon as it and those before it are known. True when
/// nothing failed.
pub fn all(input: &Input, print: impl FnMut(&Line)) -> bool {
    all_by(input, &net::addresses, &Api::in_cluster, print)
}

/// As [`all`], with another way to look names up and to reach the cluster.
pub fn all_by(
    input: &Input,
    resolve: Resolve<'_>,
    cluster: Cluster<'_>,
    mut print: impl FnMut(&Line),
) -> bool {
    let client = Client::until(Instant::now() + input.timeout());
    let (watched, of_prometheus) = channel();
    let (sampled, of_collectors) = channel();
    let (shown, of_grafana) = channel();
    let mut well = true;
    thread::scope(|scope| {
        scope.spawn(move || prometheus::watch(input, client, cluster, &watched));
        scope.spawn(move || collectors::watch(input, client, resolve, &sampled));
        scope.spawn(move || watch_grafana(&input.grafana_url, client, &shown));
        let lines = of_prometheus.into_iter().chain(of_collectors);
        for line in lines.chain(of_grafana) {
            well &= !line.failed();
            print(&line);
        }
    });
    well
}

fn watch_grafana(url: &str, client: Client, lines: &Sender<Line>) {
    if url.is_empty() {
        return;
    }
    let url = format!("{url}/api/health");
    let outcome = until(client, || {
        let (status, body) = client.get(&url)?;
        Ok(grafana::healthy(&url, status, &body))
    });
    tell(lines, "grafana", outcome);
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
