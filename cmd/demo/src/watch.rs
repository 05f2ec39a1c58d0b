//! Questions that are asked again and again beside everything else: a late or refused answer delays neither
//! keys nor the script, and ends nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

/// So long after the last answer somebody is told.
const LATE: Duration = Duration::from_secs(5);

/// What is asked, and its newest answer.
pub struct Watch<T> {
    who: &'static str,
    state: Arc<Mutex<State<T>>>,
    stop: Arc<AtomicBool>,
}

struct State<T> {
    /// Not taken yet.
    newest: Option<T>,
    answered: Instant,
    refused: Option<String>,
}

impl<T: Send + 'static> Watch<T> {
    /// Asks `who`, with `every` between an answer and the next question.
    pub fn start(
        who: &'static str,
        every: Duration,
        mut ask: impl FnMut() -> Result<T> + Send + 'static,
    ) -> Self {
        let state = Arc::new(Mutex::new(State {
            newest: None,
            answered: Instant::now(),
            refused: None,
        }));
        let stop = Arc::new(AtomicBool::new(false));
        let (told, stopped) = (Arc::clone(&state), Arc::clone(&stop));
        // Not joined: a question that is open when all ends is nobody's any more.
        std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let answer = ask();
                let mut state = lock(&told);
                match answer {
                    Ok(answer) => {
                        *state = State {
                            newest: Some(answer),
                            answered: Instant::now(),
                            refused: None,
                        };
                    }
                    Err(why) => state.refused = Some(format!("{why:#}")),
                }
                drop(state);
                std::thread::sleep(every);
            }
        });
        Self { who, state, stop }
    }

    /// The newest answer, once.
    pub fn take(&self) -> Option<T> {
        lock(&self.state).newest.take()
    }

    /// Where there is none for long: who does not answer, since when, and with what error.
    pub fn late(&self) -> Option<String> {
        let state = lock(&self.state);
        let since = state.answered.elapsed();
        let why = state.refused.as_ref();
        let why = why.map_or(String::new(), |why| format!(" ({why})"));
        (since >= LATE).then(|| {
            format!(
                "{} has not answered for {} s{why}; the demo goes on",
                self.who,
                since.as_secs()
            )
        })
    }
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use anyhow::bail;
    use harness::http::Prometheus;

    use super::*;

    const SOON: Duration = Duration::from_millis(1);
    const LIMIT: Duration = Duration::from_secs(60);

    fn wait<T>(mut what: impl FnMut() -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(found) = what() {
                return found;
            }
            assert!(started.elapsed() < LIMIT);
            std::thread::sleep(SOON);
        }
    }

    #[test]
    fn a_late_answer_of_prometheus_is_told_and_waited_for_by_nobody() {
        let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.server_addr());
        let (release, released) = mpsc::channel::<()>();
        let answering = std::thread::spawn(move || {
            let request = server.recv().unwrap();
            released.recv().unwrap();
            let body = r#"{"status": "success", "data": {"alerts": []}}"#;
            request
                .respond(tiny_http::Response::from_string(body))
                .unwrap();
        });
        let watch = Watch::start("Prometheus", LIMIT, move || {
            Prometheus { url: url.clone() }.alerts()
        });
        let asked = Instant::now();
        assert!(watch.take().is_none() && watch.late().is_none());
        assert!(asked.elapsed() < LATE, "it waited for the answer");
        let late = wait(|| watch.late());
        assert!(
            late.starts_with("Prometheus has not answered for 5 s;"),
            "{late}"
        );
        release.send(()).unwrap();
        assert!(wait(|| watch.take()).is_empty());
        assert!(watch.late().is_none());
        answering.join().unwrap();
    }

    #[test]
    fn a_refused_answer_is_told_with_its_error_and_asked_for_again() {
        let times = Mutex::new(0);
        let watch = Watch::start("Prometheus", SOON, move || {
            let mut times = lock(&times);
            *times += 1;
            match *times {
                1..=3 => bail!("503"),
                4 => Ok(*times),
                _ => bail!("502"),
            }
        });
        assert_eq!(wait(|| watch.take()), 4);
        let late = wait(|| watch.late());
        assert!(late.ends_with("s (502); the demo goes on"), "{late}");
    }
}
