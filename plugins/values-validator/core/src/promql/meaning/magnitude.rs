//! Series of the DCGM exporter, and of spans: a number of another unit than theirs.

use super::{Facts, NEVER, Reader, Topic};
use vllm_catalog::number::Shown;

/// The beginning of a name, its unit, more than any GPU has, and how many of the smaller unit are one.
const UNITS: [(&str, &str, f64, f64); 4] = [
    ("DCGM_FI_DEV_FB_", "MiB", 1e6, 1e6),
    ("DCGM_FI_DEV_POWER_USAGE", "watts", 1e4, 1e3),
    ("DCGM_FI_DEV_SM_CLOCK", "MHz", 1e5, 1e6),
    ("DCGM_FI_DEV_MEM_CLOCK", "MHz", 1e5, 1e6),
];

impl Reader<'_> {
    /// A number that no GPU reaches, because it is of a smaller unit.
    pub(super) fn magnitude(
        &mut self,
        (at, number): (usize, usize),
        operator: &str,
        facts: &Facts,
        limit: f64,
    ) -> bool {
        let Some(name) = facts.series.as_deref().filter(|_| !facts.rate) else {
            return false;
        };
        let spans = name.starts_with("vllm_spans_") && name.ends_with("_seconds_bucket");
        if spans && limit >= 600.0 && operator.starts_with('>') {
            let meant = Shown(limit / 1000.0);
            let doubt = self.doubt(
                Topic::Threshold,
                at,
                format!("`{operator} {}` seconds", Shown(limit)),
                "seconds: nobody waits for ten minutes",
                NEVER.as_str(),
                format!("write {meant}: the series is in seconds"),
            );
            if let Some(doubt) = doubt {
                doubt.edit = Some((number, String::new(), meant.to_string()));
                doubt.sure = false;
            }
            return true;
        }
        let known = |(start, _, most, _): &&(&str, &str, f64, f64)| {
            name.starts_with(start) && limit >= *most
        };
        let Some((_, unit, _, factor)) = UNITS.iter().find(known) else {
            return false;
        };
        let meant = Shown((limit / factor).round());
        let doubt = self.doubt(
            Topic::Threshold,
            at,
            format!(
                "`{operator} {}` for {name}, which is in {unit}",
                Shown(limit)
            ),
            format!("a number of {unit} that a GPU can have"),
            if operator.starts_with('>') {
                NEVER.as_str()
            } else {
                "No GPU has so much: the comparison says nothing."
            },
            format!("write {meant}: {name} is in {unit}"),
        );
        if let Some(doubt) = doubt {
            doubt.edit = Some((number, String::new(), meant.to_string()));
        }
        true
    }
}
