//! What a server with LoRA adapters tells of them: a series for each combination of adapters that run and
//! wait at once, in the order of the requests, whose value is when it was last seen. None is ever removed.

use crate::model::Engine;

/// Names of the adapters; request n uses number n modulo their count. All can be loaded at a time.
const ADAPTERS: [&str; 12] = [
    "chat",
    "sql",
    "legal",
    "support",
    "summary",
    "code",
    "mail",
    "review",
    "search",
    "title",
    "tags",
    "translate",
];

/// Combinations that are kept: a simulator's memory has an end, vLLM's has none here.
const KEPT: usize = 2_000;

/// Virtual seconds between two looks, as the live server's log had it.
const BETWEEN: f64 = 1.0;

/// A combination, and when it was last seen (seconds since 1970).
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Adapters of running requests, separated by commas.
    pub running: String,
    /// Adapters of waiting requests.
    pub waiting: String,
    /// Seconds since 1970.
    pub at: f64,
}

/// Of one server.
#[derive(Debug, Clone, Default)]
pub struct LoraStats {
    /// In the order in which they were first seen.
    pub seen: Vec<Seen>,
    looked: Option<f64>,
}

impl LoraStats {
    /// How many adapters can be loaded at a time (`--max-loras`).
    pub const MAX_LORA: usize = ADAPTERS.len();

    /// Looks at each engine at virtual second `at`, which is the wall's `wall`.
    pub fn look(&mut self, engines: &[Engine], at: f64, wall: f64) {
        if self.looked.is_some_and(|last| at < last + BETWEEN) {
            return;
        }
        self.looked = Some(at);
        for engine in engines {
            let (running, waiting) = (names(engine.running()), names(engine.waiting()));
            let same = |seen: &Seen| seen.running == running && seen.waiting == waiting;
            if let Some(known) = self.seen.iter().position(same) {
                self.seen[known].at = wall;
            } else if self.seen.len() < KEPT {
                self.seen.push(Seen {
                    running,
                    waiting,
                    at: wall,
                });
            }
        }
    }
}

/// The adapters of these requests, each once, in their order.
fn names(requests: impl Iterator<Item = u64>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for request in requests {
        let name = ADAPTERS[(request % ADAPTERS.len() as u64) as usize];
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(",")
}
