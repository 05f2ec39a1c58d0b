//! Bounds of buckets.

use super::super::{NEVER, Reader, Topic};
use crate::promql::expr::Matcher;
use crate::re2;
use vllm_catalog::{Family, le_text};

impl Reader<'_> {
    pub(super) fn bound(&mut self, family: &Family, matcher: &Matcher) {
        let Some(bounds) = family.bounds.filter(|_| !self.context.own_buckets) else {
            return;
        };
        let value = matcher.value.as_str();
        if bounds.depends_on_max_model_len() || value.is_empty() {
            return;
        }
        let texts: Vec<String> = bounds
            .finite(0)
            .iter()
            .map(|bound| le_text(*bound).python)
            .chain(["+Inf".into()])
            .collect();
        let fits = match matcher.operator {
            "=" | "!=" => texts.iter().any(|text| text == value),
            _ => re2::whole(value).is_none_or(|p| texts.iter().any(|t| p.is_match(t))),
        };
        if fits {
            return;
        }
        let seconds = crate::units::float(value);
        let same = seconds.filter(|s| bounds.finite(0).contains(s));
        let near = seconds.map(|s| bounds.neighbours(s));
        let (expected, fix) = match (same, near) {
            (Some(same), _) => {
                let text = le_text(same).python;
                (
                    format!("le=\"{text}\", as vLLM writes it"),
                    format!("write le=\"{text}\""),
                )
            }
            (None, Some(near)) => {
                let sides: Vec<String> = [near.below, near.above]
                    .into_iter()
                    .flatten()
                    .map(|bound| format!("le=\"{}\"", le_text(bound).python))
                    .collect();
                (
                    text!("a bound of the histogram").as_str().to_owned(),
                    format!("write {}", sides.join(" or ")),
                )
            }
            _ => (
                text!("a bound of the histogram").as_str().to_owned(),
                format!("write one of {}", texts.join(", ")),
            ),
        };
        let found = format!(
            "le{}{value:?}, which no bucket of {} has",
            matcher.operator, family.name
        );
        let doubt = self.doubt(
            Topic::Selector,
            matcher.at,
            found,
            expected,
            NEVER.as_str(),
            fix,
        );
        if let (Some(doubt), Some(same)) = (doubt, same) {
            let new = format!("le=\"{}\"", le_text(same).python);
            doubt.edit = Some((matcher.at, format!("le={value:?}"), new));
        }
    }
}
