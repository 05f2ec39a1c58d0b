//! Values of a series over time, in promtool's notation, and what can happen to them.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail};

/// One scrape of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sample {
    /// A value.
    Value(f64),
    /// Nothing arrived.
    Missing,
    /// The series was seen to be gone.
    Stale,
}

/// The scrapes of a series, one a minute.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline(pub Vec<Sample>);

impl Timeline {
    /// Reads promtool's notation: `1 2 _ stale`, `0+60x10`, `5x10`, `_x3`.
    ///
    /// # Errors
    /// When a word is none of these.
    pub fn parse(text: &str) -> Result<Self> {
        let mut samples = Vec::new();
        for word in text.split_whitespace() {
            let (what, times) = match word.split_once('x') {
                Some((what, times)) => {
                    (what, Some(times.parse::<usize>().context(word.to_owned())?))
                }
                None => (word, None),
            };
            match what {
                "_" => samples.extend(vec![Sample::Missing; times.unwrap_or(1)]),
                "stale" => samples.push(Sample::Stale),
                _ => {
                    let (start, step) = start_and_step(what).with_context(|| word.to_owned())?;
                    // `axN` is a value and N repetitions of it.
                    samples.extend(
                        (0..=times.unwrap_or(0))
                            .map(|i| Sample::Value(step.mul_add(i as f64, start))),
                    );
                }
            }
        }
        if samples.is_empty() {
            bail!("values: found nothing, expected samples such as 0+60x10");
        }
        Ok(Self(samples))
    }

    /// The same in promtool's notation.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for sample in &self.0 {
            let _ = match sample {
                Sample::Value(value) => write!(text, "{value} "),
                Sample::Missing => write!(text, "_ "),
                Sample::Stale => write!(text, "stale "),
            };
        }
        text
    }

    /// Two scrapes are lost from `minute` on: the first one is noticed, as a refused scrape is.
    #[must_use]
    pub fn with_gap(&self, minute: usize) -> Self {
        let mut samples = self.0.clone();
        for (at, lost) in [(minute, Sample::Stale), (minute + 1, Sample::Missing)] {
            if let Some(sample) = samples.get_mut(at) {
                *sample = lost;
            }
        }
        Self(samples)
    }

    /// A counter whose process starts anew at `minute`.
    #[must_use]
    pub fn with_reset(&self, minute: usize) -> Self {
        let base = self.value_before(minute);
        let fresh = |(i, sample): (usize, &Sample)| match sample {
            Sample::Value(value) if i >= minute => Sample::Value(value - base),
            other => *other,
        };
        Self(self.0.iter().enumerate().map(fresh).collect())
    }

    /// Nothing from `minute` on: the target has left discovery.
    #[must_use]
    pub fn ended_at(&self, minute: usize) -> Self {
        let mut samples = self.0[..minute.min(self.0.len())].to_vec();
        samples.push(Sample::Stale);
        Self(samples)
    }

    /// This until `minute`, then `next` from its own beginning; a counter goes on from where it is.
    #[must_use]
    pub fn then(&self, minute: usize, next: &Self, counter: bool) -> Self {
        let mut samples = self.ended_at(minute).0;
        samples.pop();
        let base = if counter {
            self.value_before(minute)
        } else {
            0.0
        };
        let goes_on = |sample: &Sample| match sample {
            Sample::Value(value) => Sample::Value(value + base),
            other => *other,
        };
        samples.extend(next.0.iter().map(goes_on));
        Self(samples)
    }

    fn value_before(&self, minute: usize) -> f64 {
        let values = self.0.iter().take(minute).rev();
        values
            .into_iter()
            .find_map(|sample| match sample {
                Sample::Value(value) => Some(*value),
                _ => None,
            })
            .unwrap_or(0.0)
    }
}

/// `0+60` is (0, 60), `5-1` is (5, -1), `7` is (7, 0).
fn start_and_step(text: &str) -> Result<(f64, f64)> {
    let sign = text
        .char_indices()
        .skip(1)
        .find(|(_, c)| matches!(c, '+' | '-'));
    Ok(match sign {
        Some((at, _)) => (text[..at].parse()?, text[at..].parse()?),
        None => (text.parse()?, 0.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, change: impl Fn(&Timeline) -> Timeline) -> String {
        change(&Timeline::parse(text).unwrap())
            .text()
            .trim()
            .to_owned()
    }

    #[test]
    fn promtools_notation_is_read() {
        let same = |t: &Timeline| t.clone();
        assert_eq!(
            after("0+2x3 5x1 _x2 9-1x1 stale", same),
            "0 2 4 6 5 5 _ _ 9 8 stale"
        );
        assert!(Timeline::parse("nonsense").is_err());
        assert!(Timeline::parse("").is_err());
    }

    #[test]
    fn gaps_resets_and_ends_are_where_they_are_said_to_be() {
        assert_eq!(after("0+1x4", |t| t.with_gap(2)), "0 1 stale _ 4");
        assert_eq!(after("0+10x4", |t| t.with_reset(3)), "0 10 20 10 20");
        assert_eq!(after("0+1x4", |t| t.ended_at(2)), "0 1 stale");
    }

    #[test]
    fn a_counter_goes_on_and_a_gauge_does_not() {
        let next = Timeline::parse("0+5x2").unwrap();
        assert_eq!(after("0+1x4", |t| t.then(3, &next, true)), "0 1 2 2 7 12");
        assert_eq!(after("7x4", |t| t.then(2, &next, false)), "7 7 0 5 10");
    }
}
