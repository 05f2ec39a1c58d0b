//! A matcher: what it compares, and with what.

use super::super::{NEVER, Reader, Topic, glob, unsure};
use super::label::TARGET;
use crate::embedded::Text;
use crate::promql::expr::Matcher;
use vllm_catalog::{Family, Values};

const ALWAYS_FITS: Text = text!("It excludes nothing: every series fits.");

impl Reader<'_> {
    pub(super) fn matcher(
        &mut self,
        name: &str,
        family: Option<&'static Family>,
        matcher: &Matcher,
    ) {
        let Matcher {
            at,
            label,
            operator,
            value,
        } = matcher;
        // A variable of Grafana may be anything.
        if value
            .match_indices('$')
            .any(|(at, _)| value[at + 1..].starts_with(|c: char| c.is_alphabetic() || c == '_'))
        {
            return;
        }
        let equals = *operator == "=";
        let negative = operator.starts_with('!');
        let why = if negative { ALWAYS_FITS } else { NEVER };
        if matches!(*operator, "=" | "!=")
            && (value.contains('*') || value.contains(".+") || value.contains('|'))
        {
            let regex = if equals { "=~" } else { "!~" };
            let pattern = if value.contains(".*") || value.contains(".+") || value.contains('|') {
                value.clone()
            } else {
                value.replace('*', ".*")
            };
            let doubt = self.doubt(
                Topic::Selector,
                *at,
                format!("{label}{operator}{value:?}, which compares letter by letter"),
                format!("{label}{regex}{pattern:?}"),
                why.as_str(),
                format!("write {label}{regex}{pattern:?}"),
            );
            if let Some(doubt) = doubt {
                let old = format!("{label}{operator}{value:?}");
                doubt.edit = Some((*at, old, format!("{label}{regex}{pattern:?}")));
            }
            return;
        }
        if operator.ends_with('~') && value.ends_with('*') && glob(value) {
            let found = format!("{label}{operator}{value:?}");
            let meant = format!("{label}{operator}\"{}.*\"", value.trim_end_matches('*'));
            let doubt = self.doubt(
                Topic::Selector,
                *at,
                found.clone(),
                text!("a regular expression: .* for any text").as_str(),
                text!(
                    "The * repeats the letter before it: names that go on differently do not match."
                )
                .as_str(),
                format!("write {meant}"),
            );
            if let Some(doubt) = doubt {
                doubt.edit = Some((*at, found, meant));
                doubt.sure = false;
            }
            return;
        }
        if *operator == "!~" && matches!(value.as_str(), ".*" | "^.*$") {
            self.doubt(
                Topic::Selector,
                *at,
                format!("{label}!~{value:?}, which excludes every text"),
                text!("a pattern that some series do not match").as_str(),
                NEVER.as_str(),
                format!("write {label}=\"\" for series without it, or leave it out"),
            );
            return;
        }
        if label == "job"
            && equals
            && self.context.own_jobs
            && !value.contains('/')
            // Another job with vllm in its name may be a gateway of the user's own.
            && (family.is_some() || value == "vllm")
        {
            let doubt = self.doubt(
                Topic::Selector,
                *at,
                format!("job={value:?}"),
                text!("a label that this chart's targets have: model, namespace, pod, vllm_monitoring").as_str(),
                NEVER.as_str(),
                text!("write model=\"<the entry's name>\", or leave job out: the chart's jobs are namespace/name").as_str(),
            );
            unsure(doubt);
            return;
        }
        let Some(family) = family else {
            if crate::FULL {
                self.recorded(name, matcher, why.as_str());
            }
            return;
        };
        if label == "model" && !self.context.entries.is_empty() {
            self.entry(matcher);
            return;
        }
        if label == "model_name"
            && equals
            && !self.context.entries.contains(&value.as_str())
            && let Some(near) = crate::shape::nearest(value, self.context.entries.iter().copied())
            && value.len() > 3
            && value
                .chars()
                .filter(char::is_ascii_digit)
                .eq(near.chars().filter(char::is_ascii_digit))
        {
            let old = format!("{label}={value:?}");
            let doubt = self.doubt(
                Topic::Selector,
                *at,
                old.clone(),
                format!("a name that a model has, such as {near}"),
                NEVER.as_str(),
                format!("did you mean {label}={near:?}?"),
            );
            if let Some(doubt) = doubt {
                doubt.edit = Some((*at, old, format!("{label}={near:?}")));
                doubt.sure = false;
            }
            return;
        }
        let bucket = name.ends_with("_bucket");
        if family.name == "http_requests_total" && label == "status" {
            self.status(matcher, why.as_str());
            return;
        }
        let known = family.labels.iter().find(|known| known.name == label);
        if label == "le" && bucket {
            self.bound(family, matcher);
        } else if label == "le" || label == "quantile" {
            self.doubt(
                Topic::Selector,
                *at,
                format!("the label {label} on {name}"),
                format!(
                    "{}_bucket for le; histogram_quantile() for a quantile",
                    family.name
                ),
                why.as_str(),
                format!("read {}_bucket, or leave {label} out", family.name),
            );
        } else if let Some(known) = known {
            let Values::OneOf(all) = known.values else {
                return;
            };
            let texts: Vec<&str> = all.iter().map(|value| value.text).collect();
            if !self.one_of(matcher, &texts, why.as_str())
                && equals
                && label == "finished_reason"
                && value == "abort"
            {
                self.doubt(
                    Topic::Selector,
                    *at,
                    text!("finished_reason=\"abort\"").as_str(),
                    text!("a reason that vLLM counts").as_str(),
                    text!("vLLM does not count requests whose client went away: this stays at 0.").as_str(),
                    text!("compare http_requests_total or the gateway's own metric with vllm:request_success_total").as_str(),
                );
            }
        } else if !TARGET.contains(&label.as_str()) {
            self.label(family, bucket, *at, label, why.as_str());
        }
    }
}
