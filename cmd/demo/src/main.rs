//! `make demo`: the main job without a cluster.
//!
//! Renders the chart with the demo's values, starts the real collector with the sampling policy, a
//! real Prometheus with the rendered rules and a simulated fleet of vLLM servers, and shows what is
//! kept and which alerts fire. With `ONESHOT=1` it plays a script, ends by itself and holds the
//! outcome against the fleet's truth. `REPLAY=1` serves captured scrapes and spans instead.

mod agents;
mod captured;
mod causes;
mod ledger;
mod oneshot;
mod options;
mod page;
mod plain;
mod replay;
mod snapshot;
mod source;
mod stack;
mod verdict;
mod view;
mod watch;

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use harness::child::Child;
use harness::collector::{self, Collector};
use harness::http::Prometheus;
use harness::render::{Options as RenderOptions, Rendered};
use harness::{interrupt, otlp, repo};

use agents::Agents;
use captured::QUIET_MODEL;
use causes::Causes;
use ledger::Ledger;
use oneshot::{Next, Script};
use options::Options;
use snapshot::Snapshot;
use source::{Fleet, Replay, SPEED, Source, Spans};
use stack::Targets;
use view::{Asked, Screen, View};
use watch::Watch;

/// The loop's tick.
const TICK: Duration = Duration::from_millis(100);

/// Time between two questions to Prometheus and the collector.
const LOOK: Duration = Duration::from_secs(1);

/// Time between two lines.
const REPORT: Duration = Duration::from_secs(2);

/// How long after the last trace all must have been decided.
const DECISION_LIMIT: Duration = Duration::from_secs(60);

/// All that runs.
struct Demo {
    options: Options,
    collector: Collector,
    prometheus: Child,
    api: Prometheus,
    source: Source,
    ledger: Ledger,
    /// Where the dashboards are, or why they are not.
    dashboards: String,
    _page: Option<page::Server>,
    started: Instant,
}

fn main() -> ExitCode {
    match interrupt::install().and_then(|()| run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let words = format!("{error:#}");
            eprintln!("demo: {words}");
            // A child's log may have pushed the reason off the screen.
            if let Some((reason, _)) = words.split_once('\n') {
                eprintln!("demo: {reason}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let options = Options::from_env()?;
    let dir = repo::root().join("target/demo");
    match fs::remove_dir_all(&dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&dir)?,
    }
    let mut demo = Demo::start(options, &dir)?;
    let plugin = demo.collector.plugin_sha256()?;
    let shown = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if shown && !demo.options.oneshot {
        demo.show(&dir)?;
    } else {
        demo.tell(&dir)?;
    }
    let interrupted = interrupt::requested();
    demo.source.finish(&mut demo.ledger);
    if !interrupted && demo.options.oneshot {
        demo.wait_for_decisions()?;
    }
    let kept = demo.collector.stop()?;
    if let Some(file) = &demo.options.kept {
        otlp::write_lines(file, &kept)?;
    }
    let expected = match demo.options.replay {
        true => oneshot::REPLAY_ALERTS,
        false => oneshot::FLEET_ALERTS,
    };
    let judged = demo.options.oneshot && !interrupted;
    verdict::verdict(&demo.ledger, &kept, &plugin, judged.then_some(expected))
}

impl Demo {
    fn start(options: Options, dir: &Path) -> Result<Self> {
        let folder = repo::root().join("cmd/demo");
        let mut render = RenderOptions {
            values: vec![folder.join("values.yaml")],
            ..RenderOptions::default()
        };
        if options.replay {
            render.values.push(folder.join("replay-values.yaml"));
        } else {
            render
                .set
                .push(format!("models[0].replicas={}", options.replicas));
        }
        let rendered = Rendered::new(&render)?;
        rendered.write(&repo::root().join("target/render"))?;

        let started = Instant::now();
        let mut ledger = Ledger::default();
        let collector = stack::collector(dir, &rendered)?;
        let own_spans = options.spans.is_none();
        let fleet = match options.replay {
            true => None,
            false => Some(Fleet::start(
                options.replicas,
                own_spans.then_some(collector.otlp),
            )?),
        };
        let replayed = match options.replay {
            true => Some(Replay::start()?),
            false => None,
        };
        let targets = match (&fleet, &replayed) {
            (Some(fleet), _) => Targets::Discovered(fleet.control),
            (None, Some(replay)) => Targets::Static(&replay.replicas),
            (None, None) => Targets::Static(&[]),
        };
        let port = options.prometheus_port;
        let (prometheus, api) = stack::prometheus(dir, &rendered, &targets, port)?;
        let (page, dashboards) = Self::page(&options, &rendered)?;
        let spans = match &options.spans {
            Some(file) => Some(Spans::recorded(file, collector.otlp, &mut ledger)?),
            None if options.replay => Some(Spans::captured(collector.otlp)?),
            None => None,
        };
        Ok(Self {
            source: Source {
                agents: match (&fleet, own_spans) {
                    (Some(_), true) => Some(Agents::start(collector.otlp)?),
                    _ => None,
                },
                fleet,
                spans,
            },
            options,
            collector,
            prometheus,
            api,
            ledger,
            dashboards,
            _page: page,
            started,
        })
    }

    /// The dashboards' page, where it was built; and where it is, or why it is not.
    fn page(options: &Options, rendered: &Rendered) -> Result<(Option<page::Server>, String)> {
        let Some(built) = page::built() else {
            let why = "left out: the page is not built (tools/page dashboards/page says why)";
            return Ok((None, why.to_owned()));
        };
        let port = options.dashboards_port;
        let site = page::Site {
            page: &built,
            dashboards: &repo::root().join("dashboards/perses"),
            prometheus: options.prometheus_port,
            defaults: page::Defaults {
                scrape_interval: stack::scrape_interval(rendered)?,
                duration: "15m".to_owned(),
                refresh_interval: "15s".to_owned(),
            },
        };
        let server = page::serve(port, &site)?;
        Ok((Some(server), format!("http://127.0.0.1:{port}/")))
    }

    /// Lets the source go on; a dead child ends the demo.
    fn tick(&mut self) -> Result<()> {
        self.collector.child.check()?;
        self.prometheus.check()?;
        self.source.tick(&mut self.ledger)
    }

    /// The policy's decisions, asked again and again.
    fn decisions(&self) -> Watch<BTreeMap<String, u64>> {
        let url = self.collector.metrics_url();
        Watch::start("The collector", LOOK, move || collector::decisions(&url))
    }

    /// What took most of the time of the kept requests, read again and again.
    fn causes(&self) -> Watch<BTreeMap<String, u64>> {
        let mut causes = Causes::new(self.collector.kept.clone());
        Watch::start("The file of kept traces", LOOK, move || causes.look())
    }

    fn control(&self) -> Option<u16> {
        self.source.fleet.as_ref().map(|fleet| fleet.control)
    }

    fn scenario(&self) -> Option<fleet::model::Scenario> {
        let fleet = self.source.fleet.as_ref()?;
        Some(fleet.world.scenario().0)
    }

    /// Lines, until Ctrl-C or the end of the script.
    fn tell(&mut self, dir: &Path) -> Result<()> {
        plain::links(
            &self.options,
            &self.collector,
            dir,
            self.control(),
            &self.dashboards,
        );
        let mut script = Script::new(self.options.replay);
        let mut reported = Instant::now();
        let (decisions, causes) = (self.decisions(), self.causes());
        let api = self.api.clone();
        let alerts = Watch::start("Prometheus", LOOK, move || api.alerts());
        while !interrupt::requested() {
            self.tick()?;
            if reported.elapsed() >= REPORT {
                reported = Instant::now();
                if let Some(decisions) = decisions.take() {
                    self.ledger.decisions = decisions;
                }
                if let Some(causes) = causes.take() {
                    self.ledger.causes = causes;
                }
                let found = alerts.take();
                let new = found.as_deref().map_or_else(Vec::new, |found| {
                    self.ledger.note_alerts(found, QUIET_MODEL)
                });
                let scenario = self.scenario().map_or("replay", |s| s.as_str());
                plain::report(&self.ledger, &new, scenario);
                for late in [alerts.late(), decisions.late(), causes.late()]
                    .into_iter()
                    .flatten()
                {
                    println!("demo: {late}");
                }
                if self.options.oneshot {
                    match script.next(&self.ledger, self.options.spans.is_none())? {
                        Next::Wait => {}
                        Next::Done => return Ok(()),
                        Next::Play(scenario) => {
                            if let Some(fleet) = &self.source.fleet {
                                fleet.play(scenario)?;
                            }
                        }
                    }
                }
            }
            std::thread::sleep(TICK);
        }
        Ok(())
    }

    /// The live view, until q or Ctrl-C.
    fn show(&mut self, dir: &Path) -> Result<()> {
        let mut links = vec![
            format!("dashboards   {}", self.dashboards),
            format!(
                "Prometheus   http://127.0.0.1:{}/alerts",
                self.options.prometheus_port
            ),
        ];
        links.extend(
            self.control()
                .map(|port| format!("fleet        http://127.0.0.1:{port}/fleet")),
        );
        links.push(format!("kept traces  {}", dir.join("kept.jsonl").display()));
        let mut view = View::open()?;
        let mut snapshot = Snapshot::default();
        let (decisions, causes) = (self.decisions(), self.causes());
        let api = self.api.clone();
        let snapshots = Watch::start("Prometheus", LOOK, move || Snapshot::take(&api));
        while !interrupt::requested() {
            self.tick()?;
            if let Some(decisions) = decisions.take() {
                self.ledger.decisions = decisions;
            }
            if let Some(causes) = causes.take() {
                self.ledger.causes = causes;
            }
            if let Some(newest) = snapshots.take() {
                snapshot = newest;
                self.ledger.note_alerts(&snapshot.alerts, QUIET_MODEL);
            }
            let late = [snapshots.late(), decisions.late(), causes.late()];
            let links: Vec<String> = late.into_iter().flatten().chain(links.clone()).collect();
            view.draw(&Screen {
                snapshot: &snapshot,
                ledger: &self.ledger,
                scenario: self.scenario(),
                speed: SPEED,
                elapsed: self.started.elapsed(),
                links: &links,
            })?;
            match view.key(TICK)? {
                Some(Asked::Quit) => return Ok(()),
                Some(Asked::Play(scenario)) => {
                    if let Some(fleet) = &self.source.fleet {
                        fleet.play(scenario)?;
                    }
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Every trace sent must be decided on.
    fn wait_for_decisions(&mut self) -> Result<()> {
        let started = Instant::now();
        loop {
            // A late answer is not the end: the limit below is.
            if let Ok(decisions) = self.collector.decisions() {
                self.ledger.decisions = decisions;
            }
            if self.ledger.decided() >= self.ledger.traces {
                return Ok(());
            }
            if started.elapsed() >= DECISION_LIMIT {
                bail!(
                    "of {} traces the policy decided only on {:?}",
                    self.ledger.traces,
                    self.ledger.decisions
                );
            }
            interrupt::check()?;
            self.collector.child.check()?;
            std::thread::sleep(TICK);
        }
    }
}
