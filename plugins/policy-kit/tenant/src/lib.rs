//! An example of a policy that has nothing to do with latency: keeps every trace of some tenants, by an
//! attribute that a gateway writes onto its span, and of all other traces a share.

use policy_kit::{Answer, Description, Group, Policy, Settings, Trace};

/// The policy with its settings.
pub struct Tenants {
    /// Whose traces are all kept.
    tenants: Vec<String>,
    /// The share of all other traces, 0 to 1.
    share: f64,
}

/// Where senders write the tenant.
const KEYS: [&str; 2] = ["tenant.id", "app.tenant"];

/// Slots, in the order of `ABI.md`: texts of the span, one for each key, then texts of the resource, one
/// for the first key that is there.
const SLOTS: usize = KEYS.len() + 1;

/// Reasons, by their place in the description, counted from 1.
const TENANT: u32 = 1;
const SHARE: u32 = 2;

impl Policy for Tenants {
    const SLOTS: usize = SLOTS;
    const DEFAULT: Self = Self {
        tenants: Vec::new(),
        share: 0.0,
    };

    fn configure(settings: &mut Settings) -> Self {
        Self {
            tenants: settings.texts("tenants", &[]),
            share: settings.number("percent", 0.0, [0.0, 100.0]) / 100.0,
        }
    }

    fn describe(&self) -> Description<'_> {
        Description {
            name: "tenant-policy",
            version: env!("CARGO_PKG_VERSION"),
            trace: vec!["trace_id"],
            groups: vec![Group::default()], // whatever has such an attribute
            strings: KEYS.to_vec(),
            resource_strings: vec![KEYS.as_slice()],
            reasons: vec!["tenant", "share"],
            ..Description::default()
        }
    }

    fn decide(&self, trace: &Trace<'_>) -> Answer {
        for (number, span) in (1..).zip(trace.spans()) {
            let asks = |slot| {
                let tenant = trace.text(&span, slot);
                self.tenants.iter().any(|listed| listed == tenant)
            };
            if (0..SLOTS).any(asks) {
                return Answer::keep(TENANT).about(number);
            }
        }
        // The same traces on every collector, and each time that spans of one arrive.
        let [_, bytes @ ..] = trace.header().random();
        let random = bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        if (random as f64) < self.share * (1_u64 << 56) as f64 {
            return Answer {
                adjusted_count: 1.0 / self.share,
                ..Answer::keep(SHARE).about(1)
            };
        }
        Answer::NOT_SAMPLED
    }
}

policy_kit::export!(Tenants);
