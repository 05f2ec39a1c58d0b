//! One server: its engines, and what it tells the world of them.

mod ending;

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio::sync::mpsc;

use crate::exposition::Layout;
use crate::http_stats::HttpStats;
use crate::lora::LoraStats;
use crate::model::{Behaviour, Config, End, Engine, Event, Request, Stats, Traffic};
use crate::spans::{Origin, Parent, uuid};
use crate::truth::Truth;

/// Draft tokens where speculative decoding is on.
pub const DRAFT_TOKENS: u32 = 3;

/// Seconds before the tick that a span may end at most: what a skip of virtual time brings ends now.
const LATEST: f64 = 1.0;

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Served names; the first is the label `model_name`.
    pub models: Vec<String>,
    /// Its pod.
    pub name: String,
    /// Sizes and speeds of each engine.
    pub config: Config,
    /// Data-parallel engines.
    pub engines: usize,
    /// What comes by itself to each engine.
    pub traffic: Traffic,
    /// Of all its generators.
    pub seed: u64,
    /// Virtual seconds it has run before the first look at it.
    pub warm_up: f64,
    /// Whether `--otlp-traces-endpoint` was given.
    pub tracing: bool,
    /// Resource attributes of the environment.
    pub environment: Vec<(String, String)>,
}

/// What a server is started with beside its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum With {
    /// Nothing.
    #[default]
    Nothing,
    /// Speculative decoding.
    SpecDecode,
    /// LoRA adapters.
    Lora,
}

/// What a waiting client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// More tokens.
    Tokens(u64),
    /// One of its `n` answers ended.
    Ended(End),
}

#[derive(Debug)]
struct Client {
    pieces: mpsc::UnboundedSender<Piece>,
    parent: Option<Parent>,
    id: String,
    left: u64,
}

/// What happened in a stretch of time.
#[derive(Debug, Default)]
pub struct Output {
    /// To be sent.
    pub spans: Vec<ResourceSpans>,
    /// Of every request that ended.
    pub truth: Vec<Truth>,
}

/// A server.
#[derive(Debug)]
pub struct Replica {
    settings: Settings,
    engines: Vec<Engine>,
    layout: Layout,
    /// What its HTTP layer counts.
    pub http: HttpStats,
    lora: Option<LoraStats>,
    origin: Origin,
    rng: ChaCha8Rng,
    starts: u64,
    tracing: bool,
    up: bool,
    behaviour: Behaviour,
    traffic: Traffic,
    clients: BTreeMap<u64, Client>,
    next_client: u64,
    /// Children to come of own requests with n > 1.
    families: BTreeMap<(usize, u64), u64>,
}

impl Replica {
    /// A server that was started `warm_up` virtual seconds before `at`; `wall` is seconds since 1970.
    /// Its start-up spans are in the first [`Output`].
    #[must_use]
    pub fn new(settings: Settings, at: f64, wall: f64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed ^ 0x5eed);
        let origin = Origin {
            instance: uuid(&mut rng),
            process: 1,
            environment: settings.environment.clone(),
        };
        let started = wall - settings.warm_up;
        let count = settings.engines;
        let mut new = Self {
            layout: Layout::new(&settings.models[0], &settings.config, count, started),
            engines: Vec::new(),
            http: HttpStats::default(),
            lora: None,
            tracing: settings.tracing,
            behaviour: Behaviour::default(),
            traffic: settings.traffic,
            up: true,
            starts: 0,
            clients: BTreeMap::new(),
            next_client: 0,
            families: BTreeMap::new(),
            origin,
            rng,
            settings,
        };
        let begin = at - new.settings.warm_up;
        new.engines = new.fresh_engines(begin);
        // What ended before the first look is in the counters only.
        let _ = new.collect(at, wall, 1.0);
        new
    }

    fn fresh_engines(&mut self, start: f64) -> Vec<Engine> {
        self.starts += 1;
        (0..self.settings.engines as u64)
            .map(|index| {
                let seed = self.settings.seed.wrapping_mul(1_000_003) + 1000 * self.starts + index;
                let config = self.settings.config.clone();
                Engine::new(config, self.traffic, seed, start)
            })
            .collect()
    }

    /// What it was started with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether its process runs.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.up
    }

    /// The numbers of its engines.
    #[must_use]
    pub fn stats(&self) -> Vec<&Stats> {
        self.engines.iter().map(Engine::stats).collect()
    }

    /// The body of `/metrics`; `wall` is seconds since 1970.
    #[must_use]
    pub fn metrics(&self, wall: f64) -> String {
        let lora = self.lora.as_ref();
        self.layout.render(&self.stats(), &self.http, lora, wall)
    }

    /// The start-up spans of the process that runs.
    pub fn start_up_spans(&mut self, wall: f64) -> Vec<ResourceSpans> {
        if self.tracing {
            self.origin.start_up(&mut self.rng, (wall * 1e9) as u64)
        } else {
            Vec::new()
        }
    }

    /// The process dies: nothing is counted for its requests, no span appears.
    pub fn kill(&mut self) {
        self.up = false;
        self.clients.clear();
        self.families.clear();
    }

    /// A new process in its place. Gives its start-up spans.
    pub fn restart(&mut self, at: f64, wall: f64, with: With) -> Vec<ResourceSpans> {
        self.kill();
        let speculative = with == With::SpecDecode;
        self.settings.config.draft_tokens = if speculative { DRAFT_TOKENS } else { 0 };
        self.lora = (with == With::Lora).then(LoraStats::default);
        let Settings {
            models,
            config,
            engines,
            ..
        } = &self.settings;
        self.layout = Layout::new(&models[0], config, *engines, wall);
        self.http = HttpStats::default();
        self.origin.instance = uuid(&mut self.rng);
        self.engines = self.fresh_engines(at);
        self.up = true;
        self.switch(at, self.behaviour.clone(), self.traffic);
        self.start_up_spans(wall)
    }

    /// What it was started with beside its settings.
    #[must_use]
    pub fn with(&self) -> With {
        if self.lora.is_some() {
            With::Lora
        } else if self.settings.config.draft_tokens > 0 {
            With::SpecDecode
        } else {
            With::Nothing
        }
    }

    /// Sends spans, or stops to; a server without an endpoint never does.
    pub fn trace(&mut self, on: bool) {
        self.tracing = on && self.settings.tracing;
    }

    /// Changes behaviour and traffic from virtual second `at` on.
    pub fn switch(&mut self, at: f64, behaviour: Behaviour, traffic: Traffic) {
        let last = self.engines.len() - 1;
        for (index, engine) in self.engines.iter_mut().enumerate() {
            let its_own = if behaviour.last_engine_only && index != last {
                Behaviour::default()
            } else {
                behaviour.clone()
            };
            engine.switch(at, its_own, traffic);
        }
        self.behaviour = behaviour;
        self.traffic = traffic;
    }

    /// A client's request. `None` where the queue is full; otherwise its number and what it will be told.
    pub fn submit(
        &mut self,
        mut request: Request,
        id: String,
        parent: Option<Parent>,
    ) -> Option<(u64, mpsc::UnboundedReceiver<Piece>)> {
        self.next_client += 1;
        let client = self.next_client;
        request.client = Some(client);
        let (pieces, received) = mpsc::unbounded_channel();
        let waiting = Client {
            pieces,
            parent,
            id,
            left: request.n,
        };
        self.clients.insert(client, waiting);
        let least = self
            .engines
            .iter_mut()
            .min_by_key(|engine| engine.stats().running + engine.stats().waiting)?;
        let accepted = least.submit(request);
        if !accepted {
            self.clients.remove(&client);
        }
        accepted.then_some((client, received))
    }

    /// A client went away.
    pub fn abort(&mut self, client: u64) {
        if self.clients.remove(&client).is_some() {
            for engine in &mut self.engines {
                engine.abort(client);
            }
        }
    }

    /// Lives until virtual second `to`, which is the wall's `wall`; `speed` is virtual seconds a second.
    pub fn advance(&mut self, to: f64, wall: f64, speed: f64) -> Output {
        if self.up {
            self.collect(to, wall, speed)
        } else {
            Output::default()
        }
    }

    fn collect(&mut self, to: f64, wall: f64, speed: f64) -> Output {
        let mut output = Output::default();
        let mut spans = Vec::new();
        for index in 0..self.engines.len() {
            self.engines[index].advance(to);
            for event in self.engines[index].take_events() {
                match event {
                    Event::Tokens { client, count } => {
                        self.tell(client, Piece::Tokens(count));
                    }
                    Event::Ended(outcome) => {
                        let ago = ((to - outcome.at) / speed).clamp(0.0, LATEST);
                        let truth = self.ended(index, &outcome, wall - ago, &mut spans);
                        output.truth.push(truth);
                    }
                }
            }
        }
        if let Some(lora) = &mut self.lora {
            lora.look(&self.engines, to, wall);
        }
        if !spans.is_empty() {
            output.spans.push(self.origin.requests(spans));
        }
        output
    }
}

/// The route of a kind of request.
#[must_use]
pub fn handler(chat: bool) -> &'static str {
    if chat {
        "/v1/chat/completions"
    } else {
        "/v1/completions"
    }
}
