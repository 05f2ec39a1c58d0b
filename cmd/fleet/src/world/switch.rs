//! What can be asked of a world.

use crate::model::Scenario;

/// What is asked of [`World::switch`]; absent fields stay as they are.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Its name.
    pub scenario: Option<String>,
    /// The only model whose servers it changes; absent: all, `""`: all again.
    pub model: Option<String>,
    /// To each engine, a virtual second.
    pub requests_per_second: Option<f64>,
    /// Share of requests of more than two minutes.
    pub slow_share: Option<f64>,
    /// Share of clients that go away.
    pub abort_share: Option<f64>,
    /// Virtual seconds a second.
    pub speed: Option<f64>,
    /// Virtual seconds that pass at once, after all else was switched.
    pub skip: Option<f64>,
}

impl Switch {
    /// The scenario, where all fields are within their bounds.
    ///
    /// # Errors
    /// Names the field, what was found and what is expected.
    pub(super) fn check(&self) -> Result<Option<Scenario>, String> {
        within("requests_per_second", self.requests_per_second, 0.0, 1e4)?;
        within("slow_share", self.slow_share, 0.0, 1.0)?;
        within("abort_share", self.abort_share, 0.0, 1.0)?;
        within("speed", self.speed, 0.01, 1000.0)?;
        within("skip", self.skip, 0.0, 86_400.0)?;
        self.scenario.as_deref().map(str::parse).transpose()
    }
}

fn within(field: &str, value: Option<f64>, least: f64, most: f64) -> Result<(), String> {
    match value {
        Some(value) if !(least..=most).contains(&value) => Err(format!(
            "{field}: found {value}, expected a number from {least} to {most}"
        )),
        _ => Ok(()),
    }
}
