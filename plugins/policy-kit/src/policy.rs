//! What a policy is: for most, one function.

use alloc::format;
use alloc::string::String;

use crate::answer::Answer;
use crate::description::Description;
use crate::record::{Malformed, Trace};
use crate::settings::Settings;

/// A policy that decides on each trace by itself.
pub trait Policy: Sized + 'static {
    /// Slots of a span record: as many as [`Policy::describe`] asks for with any settings. `configure`
    /// is refused where the two differ.
    const SLOTS: usize;

    /// In force until the host configures the policy, which it does first of all.
    const DEFAULT: Self;

    /// Reads the settings. What is not read is unknown, and refused; so is whatever `settings` could
    /// not read, in words, and then the settings before stay in force.
    fn configure(settings: &mut Settings) -> Self;

    /// What the policy wants to see of a trace, and what it may answer.
    fn describe(&self) -> Description<'_>;

    /// Decides. The trace has a record of each span that belongs to a group of the description.
    fn decide(&self, trace: &Trace<'_>) -> Answer;
}

/// What [`export!`](crate::export) makes exports of. Every [`Policy`] is one; a policy that learns, or
/// reads its settings in its own way, implements it itself.
pub trait Guest: Sized + 'static {
    /// What it learns, which the host hands over when settings change; `()` for nothing. Without
    /// pointers, and best all zeros while nothing is learnt.
    type State: 'static;

    /// In force until the host configures the policy.
    const DEFAULT: Self;

    /// Nothing is learnt.
    const EMPTY: Self::State;

    /// Reads a settings document: the policy, and the settings in force as JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with the document, for the operator.
    fn configure(document: &[u8]) -> Result<(Self, String), String>;

    /// The description of `ABI.md`, as JSON.
    fn describe(&self) -> String;

    /// Decides on one record, and writes the answer into it.
    ///
    /// # Errors
    ///
    /// [`Malformed`] when the record contradicts itself; nothing is written then.
    fn evaluate(&mut self, state: &mut Self::State, record: &mut [u8]) -> Result<(), Malformed>;

    /// The values of the gauges, as JSON.
    fn report(_state: &Self::State) -> String {
        String::from(r#"{"gauges":[]}"#)
    }
}

impl<P: Policy> Guest for P {
    type State = ();
    const DEFAULT: Self = <P as Policy>::DEFAULT;
    const EMPTY: () = ();

    fn configure(document: &[u8]) -> Result<(Self, String), String> {
        let mut settings = Settings::read(document)?;
        let policy = <P as Policy>::configure(&mut settings);
        let in_force = settings.finish()?;
        let slots = Policy::describe(&policy).slots();
        if slots == P::SLOTS {
            Ok((policy, in_force))
        } else {
            Err(format!(
                "the policy contradicts itself: it describes {slots} slots and reads {}",
                P::SLOTS
            ))
        }
    }

    fn describe(&self) -> String {
        Policy::describe(self).to_json()
    }

    fn evaluate(&mut self, (): &mut (), record: &mut [u8]) -> Result<(), Malformed> {
        let answer = self.decide(&Trace::read(record, P::SLOTS)?);
        answer.write(record)
    }
}
