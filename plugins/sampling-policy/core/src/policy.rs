//! The decision.

use policy_kit::Guest;

use crate::answer::{Answer, NOT_SAMPLED, SAMPLED};
use crate::budget::{Class, Randomness, Rate};
use crate::clock::{MINUTE, SECOND};
use crate::layout::{self, LIMITS_SPAN, REQUESTS, SPAN};
use crate::models::{ENTRIES, Model, NAMED};
use crate::reasons::{BASELINE, ERROR, FIRST_LIMIT, REASONS, SLOW_FIRST_TOKEN, SLOW_OUTPUT};
use crate::record::{Malformed, Record, Text};
use crate::report::report;
use crate::request::Request;
use crate::rules::Limits;
use crate::settings::{self, Baseline, Settings, Slowest};
use crate::sketch::minute_factor;
use crate::state::State;

/// The first trace of each model and reason within this time is kept whatever the budget says, in
/// nanoseconds.
const DIVERSITY: u64 = 300 * SECOND;

/// The settings in force, prepared for deciding.
#[derive(Debug, Clone)]
pub struct Policy {
    settings: Settings,
    /// Whether the settings are limits alone.
    alone: bool,
    /// What is left of an observation after a minute.
    factor: f32,
    /// Which limits the model of an entry has: 0 not looked up yet, 1 those of all, from 2 on those
    /// of a model of the settings.
    limits: [u8; ENTRIES],
}

impl Policy {
    /// With the settings of an empty document.
    pub const DEFAULT: Self = Self {
        settings: Settings::DEFAULT,
        alone: true,
        factor: 0.0,
        limits: [0; ENTRIES],
    };

    /// With these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let memory = settings
            .slowest
            .map_or(1.0, |slowest| slowest.memory / 60.0);
        Self {
            alone: settings.limits_alone(),
            factor: minute_factor(memory),
            settings,
            limits: [0; ENTRIES],
        }
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Decides on one record and writes the answer into it.
    ///
    /// `record` is exactly one record as `ABI.md` lays it out, by the description of these settings.
    /// On an error nothing is written, so the decision that the host set beforehand (-1, no
    /// decision) stays, and nothing is learnt.
    ///
    /// # Errors
    ///
    /// [`Malformed`] when the record contradicts itself.
    #[inline]
    pub fn evaluate(&mut self, state: &mut State, record: &mut [u8]) -> Result<(), Malformed> {
        let answer = if self.alone {
            let spans = Record::<LIMITS_SPAN>::read(record)?.spans();
            let mut found = Found::NOTHING;
            for (number, span) in (1..).zip(spans) {
                found.limits(
                    number,
                    &layout::request(&span, false),
                    &self.settings.limits,
                );
            }
            found.answer(SAMPLED, 1.0)
        } else {
            let record = Record::<SPAN>::read(record)?;
            self.decide(state, &record)
        };
        answer.write(record)
    }

    fn decide(&mut self, state: &mut State, record: &Record<'_, SPAN>) -> Answer {
        state.check();
        let now = state.clock.read(record.header().now());
        let minute = now / MINUTE;
        let mut found = Found::NOTHING;
        let mut first = None;
        for (number, span) in (1..).zip(record.spans()) {
            if let Some(errors) = &self.settings.errors
                && found.reason > ERROR
                && let Some(code) = layout::failed(&span, errors)
            {
                found = Found {
                    reason: ERROR,
                    span: number,
                    value: code,
                    ..Found::NOTHING
                };
            }
            if span.group() != REQUESTS {
                continue;
            }
            let request = layout::request(&span, true);
            let text = layout::model(&span);
            let name = record.text(text);
            let entry = state.models.find(name);
            let limits = *self.limits_of(entry, name);
            first.get_or_insert((number, entry, text));
            let Some(model) = state.models.get_mut(entry) else {
                continue; // there is an entry of every number that is given out
            };
            let before = found.reason;
            if let Some(slowest) = &self.settings.slowest {
                model.settle(minute, self.factor, &slowest.slow());
                found.slowest(number, &request, slowest, model);
            }
            found.limits(number, &request, &limits);
            if found.reason < before {
                found.entry = Some((entry, text));
                if found.reason == FIRST_LIMIT + 1
                    && let Some(sketch) = model.of_prompt(request.prompt_tokens)
                {
                    found.typical = sketch.typical();
                }
            }
        }
        if found.entry.is_none() {
            found.entry = first.map(|(_, entry, text)| (entry, text));
        }
        self.grant(state, record, found, first.map(|(number, ..)| number), now)
    }

    /// The limits of the model that has an entry.
    #[inline]
    fn limits_of(&mut self, entry: usize, name: &[u8]) -> &Limits {
        let models = &self.settings.models;
        let of_all = &self.settings.limits;
        if models.is_empty() {
            return of_all;
        }
        let look_up = || {
            models
                .iter()
                .position(|(model, _)| model.as_bytes() == name)
        };
        let at = match self.limits.get_mut(entry) {
            // Many models share the last entry.
            Some(known) if entry < NAMED => {
                if *known == 0 {
                    *known = look_up().map_or(1, |at| at as u8 + 2);
                }
                usize::from(*known).checked_sub(2)
            }
            _ => look_up(),
        };
        at.and_then(|at| models.get(at))
            .map_or(of_all, |(_, limits)| limits)
    }

    /// Holds what was found against the budget.
    fn grant(
        &self,
        state: &mut State,
        record: &Record<'_, SPAN>,
        mut found: Found,
        request: Option<u32>,
        now: u64,
    ) -> Answer {
        let randomness = Randomness::of(record.header().random());
        let budget = self.settings.budget;
        let rate = budget.map(|budget| budget.rate(record.header().deciders()));
        if let Some(rate) = rate {
            state.bucket.fill(rate, now);
        }
        // The share of its reason's traces that the budget sees.
        let mut share = 1.0;
        if found.reason == NONE {
            let (Some(baseline), Some(span)) = (&self.settings.baseline, request) else {
                return Answer::NOT_SAMPLED;
            };
            (found.reason, found.span) = (BASELINE, span);
            share = baseline.percent / 100.0;
            if self.due(state, &found, baseline, rate, now) {
                return found.answer(SAMPLED, 1.0);
            }
            if !randomness.within(share) {
                return Answer::NOT_SAMPLED;
            }
        }
        let Some(probability) = self.admit(state, &found, rate, randomness, share, now) else {
            return found.answer(NOT_SAMPLED, 0.0);
        };
        if found.reason == BASELINE
            && let Some(model) = found.model(state)
        {
            model.baseline = now.max(1);
        }
        found.answer(SAMPLED, 1.0 / probability)
    }

    /// Whether a model's trace is kept for comparison because too few were lately, and the budget
    /// has room for it. It was not chosen by chance, so it stands for itself alone.
    fn due(
        &self,
        state: &mut State,
        found: &Found,
        baseline: &Baseline,
        rate: Option<Rate>,
        now: u64,
    ) -> bool {
        if baseline.per_model_per_hour <= 0.0 {
            return false;
        }
        let interval = (3600.0 / baseline.per_model_per_hour * SECOND as f64) as u64;
        let due = found.model(state).is_some_and(|model| {
            model.baseline == 0 || now.saturating_sub(model.baseline) >= interval
        });
        // A probability below 1: more is asked for than there is, perhaps by more important reasons.
        let free = state.bucket.probability(Class::Baseline) >= 1.0;
        let room = due && rate.is_none_or(|rate| free && state.bucket.take(rate, Class::Baseline));
        if room {
            if rate.is_some() {
                state.bucket.arrived(Class::Baseline);
            }
            if let Some(model) = found.model(state) {
                model.baseline = now.max(1);
                if let Some(first) = model.first.get_mut(BASELINE as usize - 1) {
                    *first = now.max(1);
                }
            }
        }
        room
    }

    /// The probability with which the trace is kept, if it is.
    fn admit(
        &self,
        state: &mut State,
        found: &Found,
        rate: Option<Rate>,
        randomness: Randomness,
        share: f64,
        now: u64,
    ) -> Option<f64> {
        let Some(rate) = rate else {
            return Some(share); // nothing is limited
        };
        let class = found.class();
        state.bucket.arrived(class);
        let place = match found.entry {
            Some((entry, _)) => state.models.get_mut(entry).map(|model| &mut model.first),
            None => Some(&mut state.first),
        };
        if let Some(last) = place.and_then(|first| first.get_mut(found.reason as usize - 1))
            && (*last == 0 || now.saturating_sub(*last) >= DIVERSITY)
        {
            *last = now.max(1);
            state.bucket.charge();
            return Some(1.0); // certain, so it stands for itself alone
        }
        let probability = share * state.bucket.probability(class);
        (randomness.within(probability) && state.bucket.take(rate, class)).then_some(probability)
    }
}

impl Guest for Policy {
    type State = State;
    const DEFAULT: Self = Self::DEFAULT;
    const EMPTY: State = State::EMPTY;

    fn configure(document: &[u8]) -> Result<(Self, String), String> {
        let settings = settings::parse(document).map_err(|mistakes| mistakes.to_string())?;
        let in_force = settings::to_json(&settings);
        Ok((Self::new(settings), in_force))
    }

    fn describe(&self) -> String {
        layout::describe(&self.settings)
    }

    #[inline]
    fn evaluate(&mut self, state: &mut State, record: &mut [u8]) -> Result<(), Malformed> {
        Self::evaluate(self, state, record)
    }

    fn report(state: &State) -> String {
        report(state)
    }
}

/// A reason that is no reason: after all others.
const NONE: u32 = REASONS.len() as u32 + 1;

/// The first reason that was found so far.
#[derive(Debug, Clone, Copy)]
struct Found {
    reason: u32,
    span: u32,
    value: f64,
    limit: f64,
    typical: f64,
    cause: u32,
    /// The entry of the model, and where its name stands.
    entry: Option<(usize, Text)>,
}

impl Found {
    const NOTHING: Self = Self {
        reason: NONE,
        span: 0,
        value: 0.0,
        limit: 0.0,
        typical: 0.0,
        cause: 0,
        entry: None,
    };

    /// Takes a request's reason if it comes before what was found so far.
    #[inline]
    fn take(
        &mut self,
        reason: u32,
        span: u32,
        request: &Request,
        [value, limit, typical]: [f64; 3],
    ) {
        if reason < self.reason {
            *self = Self {
                reason,
                span,
                value,
                limit,
                typical,
                cause: request.cause(reason),
                entry: None,
            };
        }
    }

    /// Holds a request against the limits.
    #[inline]
    fn limits(&mut self, span: u32, request: &Request, limits: &Limits) {
        let values = [request.e2e, request.first_token, request.decode];
        for (reason, (value, limit)) in (FIRST_LIMIT..).zip(values.into_iter().zip(limits.0)) {
            // Equal does not exceed; neither does NaN, an absent attribute.
            if value > limit {
                self.take(reason, span, request, [value, limit, 0.0]);
                return;
            }
        }
    }

    /// Holds a request against the learnt limits, then learns from it.
    #[inline]
    fn slowest(&mut self, span: u32, request: &Request, slowest: &Slowest, model: &mut Model) {
        if !request.possible() {
            return;
        }
        if slowest.first_token
            && request.first_token >= 0.0
            && let Some(sketch) = model.of_prompt(request.prompt_tokens)
        {
            let seconds = request.first_token;
            if let Some(limit) = sketch.limit()
                && seconds > limit
            {
                let values = [seconds, limit, sketch.typical()];
                self.take(SLOW_FIRST_TOKEN, span, request, values);
            }
            sketch.observe(seconds);
        }
        if slowest.output
            && let Some(seconds) = request.per_output_token()
        {
            let sketch = &mut model.output;
            if let Some(limit) = sketch.limit()
                && seconds > limit
            {
                self.take(
                    SLOW_OUTPUT,
                    span,
                    request,
                    [seconds, limit, sketch.typical()],
                );
            }
            sketch.observe(seconds);
        }
    }

    fn class(&self) -> Class {
        REASONS
            .get(self.reason as usize - 1)
            .map_or(Class::Baseline, |reason| reason.class)
    }

    fn model<'s>(&self, state: &'s mut State) -> Option<&'s mut Model> {
        self.entry
            .and_then(|(entry, _)| state.models.get_mut(entry))
    }

    /// The answer, if anything was found.
    #[inline]
    fn answer(&self, decision: i32, adjusted_count: f64) -> Answer {
        if self.reason == NONE {
            return Answer::NOT_SAMPLED;
        }
        // A model without a name has an entry, but no label.
        let (model, name) = match self.entry {
            Some((entry, name)) if name.length > 0 => (entry as u32 + 1, name),
            _ => (0, Text::default()),
        };
        Answer {
            decision,
            reason: self.reason,
            value: self.value,
            limit: self.limit,
            adjusted_count,
            typical: self.typical,
            cause: self.cause,
            span: self.span,
            model,
            name,
        }
    }
}
