//! A refresh of a dashboard: what it reads, and which panels stay empty.

use anyhow::{Context, Result, ensure};

use crate::off::Off;
use crate::{Asked, History, STEP, ask};

/// Every server exports it, and counts nothing without a KV connector: its ratio is no number.
const AT_ZERO: &str = "vllm:external_prefix_cache_queries_total";

/// A table of what is wrong, which is right to be empty.
pub const ONLY_WHAT_IS_WRONG: &str = "Which objectives are missed?";

/// What a refresh was.
#[derive(Debug, Clone, Copy)]
pub struct Refresh {
    /// Samples that Prometheus read.
    pub samples: u64,
    /// CPU seconds that it used.
    pub cpu: f64,
    /// Queries that had an answer.
    pub answered: usize,
}

impl History {
    /// Asks once for all of these, over the whole time in steps of [`STEP`].
    ///
    /// # Errors
    /// When Prometheus refuses a query.
    pub fn refresh(&self, queries: &[Asked]) -> Result<Refresh> {
        self.each(queries, |_, _| Ok(()))
    }

    /// The same, and holds that a query has an answer exactly where what it reads is exported.
    ///
    /// # Errors
    /// When Prometheus refuses a query, one has no answer though all that it reads is there, or one has
    /// an answer out of nothing.
    pub fn proven(&self, queries: &[Asked]) -> Result<Refresh> {
        let mut off = Off::new(&self.rules, |name| {
            name == AT_ZERO || !self.exported.contains(name)
        });
        let mut wrong = Vec::new();
        let refresh = self.each(queries, |query, answered| {
            let nothing_wrong = !answered && query.place.ends_with(ONLY_WHAT_IS_WRONG);
            if answered == off.query(&query.expr)? && !nothing_wrong {
                let what = if answered { "an" } else { "no" };
                wrong.push(format!("{}: {what} answer: {}", query.place, query.expr));
            }
            Ok(())
        })?;
        ensure!(wrong.is_empty(), "{wrong:#?}");
        Ok(refresh)
    }

    fn each(
        &self,
        queries: &[Asked],
        mut look: impl FnMut(&Asked, bool) -> Result<()>,
    ) -> Result<Refresh> {
        let (start, end) = (self.time.0, self.time.1 - STEP);
        let before = self.store.cpu()?;
        let (mut samples, mut answered) = (0, 0);
        for query in queries {
            let answer = if query.instant {
                ask::at(&self.store.url, &query.expr, end)
            } else {
                ask::range(&self.store.url, &query.expr, (start, end), STEP)
            };
            let answer = answer.with_context(|| query.place.clone())?;
            samples += answer.samples;
            answered += usize::from(!answer.series.is_empty());
            look(query, !answer.series.is_empty())?;
        }
        Ok(Refresh {
            samples,
            cpu: self.store.cpu()? - before,
            answered,
        })
    }
}
