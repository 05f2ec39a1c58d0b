//! Where servers and spans come from: the simulated fleet, or what was captured and recorded.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use fleet::exporter::Exporter;
use fleet::model::{Scenario, Traffic as Arrivals};
use fleet::plan::{Group, Plan};
use fleet::server;
use fleet::world::{Switch, World};
use harness::traffic::Traffic;
use harness::{otlp, repo};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::agents::Agents;
use crate::captured::{MODEL, QUIET_MODEL, captured};
use crate::ledger::Ledger;
use crate::replay::{self, Replica};

/// Port of vLLM's /metrics, as in the demo's values.
pub const VLLM_PORT: u16 = 18000;

/// Virtual seconds a second: what takes minutes is seen in seconds.
pub const SPEED: f64 = 10.0;

/// Time between two looks of the model at the clock.
const TICK: Duration = Duration::from_millis(50);

/// Time between two exports.
const EXPORT_DELAY: Duration = Duration::from_millis(500);

/// Time for the last spans.
const LAST_SPANS: Duration = Duration::from_secs(20);

/// Replayed traces at each look.
const PER_TICK: usize = 30;

/// The simulated fleet.
pub struct Fleet {
    /// Its servers.
    pub world: Arc<World>,
    /// Port of `/fleet` on loopback.
    pub control: u16,
    runtime: Runtime,
    stop: Arc<AtomicBool>,
    ticking: Option<JoinHandle<()>>,
    read: u64,
}

impl Fleet {
    /// Starts it; spans go to the collector's `otlp` port, or nowhere.
    ///
    /// # Errors
    /// When an address is taken.
    pub fn start(replicas: usize, otlp: Option<u16>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let [control] = repo::free_ports::<1>()?;
        let plan = Plan {
            groups: vec![
                Group {
                    model: MODEL.to_owned(),
                    replicas,
                    traffic: Arrivals {
                        slow_share: 0.004,
                        ..Arrivals::default()
                    },
                },
                Group {
                    model: QUIET_MODEL.to_owned(),
                    replicas: 2,
                    traffic: Arrivals {
                        requests_per_second: 0.2,
                        slow_share: 0.0,
                        ..Arrivals::default()
                    },
                },
            ],
            first: Ipv4Addr::new(127, 0, 1, 1),
            port: VLLM_PORT,
            seed: 1,
            warm_up: 600.0,
            tracing: otlp.is_some(),
            namespace: "inference".to_owned(),
        };
        let world = runtime.block_on(async {
            let exporter = otlp
                .map(|port| Exporter::start(&format!("http://127.0.0.1:{port}"), EXPORT_DELAY))
                .transpose()?;
            let world = World::new(plan.servers(), SPEED, exporter, None);
            let address = SocketAddr::from(([127, 0, 0, 1], control));
            server::serve_control(address, Arc::clone(&world)).await?;
            server::serve_all(&world).await?;
            anyhow::Ok(world)
        })?;
        let only_model = Switch {
            model: Some(MODEL.to_owned()),
            ..Switch::default()
        };
        world.switch(&only_model).map_err(|why| anyhow!(why))?;
        let stop = Arc::new(AtomicBool::new(false));
        let (ticked, stopped) = (Arc::clone(&world), Arc::clone(&stop));
        let ticking = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                ticked.tick();
                std::thread::sleep(TICK);
            }
        });
        Ok(Self {
            world,
            control,
            runtime,
            stop,
            ticking: Some(ticking),
            read: 0,
        })
    }

    /// Switches the scenario.
    ///
    /// # Errors
    /// Never with a scenario of the list; the fleet's words otherwise.
    pub fn play(&self, scenario: Scenario) -> Result<()> {
        let switch = Switch {
            scenario: Some(scenario.as_str().to_owned()),
            ..Switch::default()
        };
        self.world.switch(&switch).map_err(|why| anyhow!(why))
    }

    fn read(&mut self, ledger: &mut Ledger) {
        let (truth, next) = self.world.truth(self.read);
        self.read = next;
        truth.iter().for_each(|truth| ledger.note(truth));
    }

    /// Lets no more time pass, sends the last spans.
    fn finish(&mut self, ledger: &mut Ledger) {
        self.halt();
        self.read(ledger);
        ledger.traces += self.world.start_ups();
        self.runtime.block_on(self.world.stop(LAST_SPANS));
    }

    fn halt(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(ticking) = self.ticking.take() {
            // A panic of the model has been printed; the demo's verdict will miss its traces.
            let _ = ticking.join();
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.halt();
    }
}

/// Captured scrapes, served again.
pub struct Replay {
    /// The servers.
    pub replicas: Vec<Replica>,
}

impl Replay {
    /// Begins to serve.
    ///
    /// # Errors
    /// When an address is taken.
    pub fn start() -> Result<Self> {
        let archive = captured().join("scrapes.tar.gz");
        let series = std::fs::File::open(&archive)
            .map_err(anyhow::Error::from)
            .and_then(harness::capture::bodies)
            .with_context(|| archive.display().to_string())?;
        let replicas = replay::fleet();
        let started = Instant::now();
        for replica in &replicas {
            replica.serve(VLLM_PORT, &series, started)?;
        }
        Ok(Self { replicas })
    }
}

/// What is sent to the collector by the demo itself.
pub struct Spans {
    sender: otlp::Sender,
    /// Made of captured spans, without end; `None` where a recording was sent whole.
    traffic: Option<Traffic>,
}

impl Spans {
    /// Sends a recording, once.
    ///
    /// # Errors
    /// When it cannot be read or the collector refuses it.
    pub fn recorded(file: &Path, port: u16, ledger: &mut Ledger) -> Result<Self> {
        let mut sender = otlp::Sender::connect(port)?;
        for export in otlp::read_lines(file)? {
            sender.send(&export)?;
            ledger.note_export(&export);
        }
        Ok(Self {
            sender,
            traffic: None,
        })
    }

    /// Captured spans with new ids and times, some of them planted.
    ///
    /// # Errors
    /// When the capture cannot be read.
    pub fn captured(port: u16) -> Result<Self> {
        let exports: Vec<Value> = otlp::read_lines(&captured().join("traces.jsonl"))?;
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let seed = since.context("the clock stands before 1970")?.as_nanos() as u64 | 1;
        Ok(Self {
            sender: otlp::Sender::connect(port)?,
            traffic: Some(Traffic::new(&exports, seed)?),
        })
    }
}

/// All that feeds the collector and Prometheus.
pub struct Source {
    /// The simulated servers, where they are not replayed.
    pub fleet: Option<Fleet>,
    /// Callers beside it.
    pub agents: Option<Agents>,
    /// Spans that are no fleet's.
    pub spans: Option<Spans>,
}

impl Source {
    /// Sends what is due, notes what has happened.
    ///
    /// # Errors
    /// When the collector refuses spans.
    pub fn tick(&mut self, ledger: &mut Ledger) -> Result<()> {
        if let Some(fleet) = &mut self.fleet {
            fleet.read(ledger);
        }
        if let Some(agents) = &mut self.agents {
            agents.tick(ledger)?;
        }
        if let Some(Spans {
            sender,
            traffic: Some(traffic),
        }) = &mut self.spans
        {
            for _ in 0..PER_TICK {
                let trace = traffic.next()?;
                sender.send(&trace.export)?;
                ledger.note_export(&trace.export);
            }
        }
        Ok(())
    }

    /// No more traces; the last ones are sent.
    pub fn finish(&mut self, ledger: &mut Ledger) {
        if let Some(fleet) = &mut self.fleet {
            fleet.finish(ledger);
        }
        self.agents = None;
        self.spans = None;
    }
}
