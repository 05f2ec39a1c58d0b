//! An alert on a series that is not exported never fires. vLLM has renamed metrics over time, and what
//! is on the web is often old; counters end in `_total`, and a histogram has `_bucket`, `_sum` and
//! `_count` only. Names are looked up as the deployed versions of vLLM have them; where the chart does not
//! deploy vLLM's own image, what older releases export is a warning. So are names that a router, a plugin
//! or a rule of your own may give; those of known routers are not reported. What `metrics.profile` does not
//! store cannot be read either.

#[cfg(feature = "full")]
mod argument;
#[cfg(feature = "full")]
mod configured;
mod fleet;
mod missing;
mod near;
mod other;
#[cfg(feature = "full")]
mod summary;
#[cfg(feature = "full")]
mod switched;
mod unread;

use super::Rule;
use super::expressions::{length, parsed, within, written};
use super::look::{on, text as text_at};
use crate::{Findings, Severity, Values};
use fleet::Fleet;
use missing::missing;
use near::Missing;
use vllm_catalog::Version;
use vllm_catalog::chart_file::kept;

/// Metrics in `rules.additionalAlerts[].expr`.
pub const RULE: Rule = Rule {
    code: "alert-metric",
    severity: Severity::Error,
    title: text!("An added alert reads a metric that this vLLM does not export"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    configured::check(values, findings);
    let fleet = Fleet::of(values);
    let profile = (values.get("metrics.profile"))
        .filter(|_| on(values, "metrics.scrape.enabled"))
        .and_then(|node| Some((node, node.as_str()?)));
    for (path, node, text, expr) in parsed(values) {
        let mut names = Vec::new();
        expr.metrics(&mut names);
        for (at, name) in names {
            let mut finding = match missing(&name, &fleet) {
                Some(missing) => {
                    let Missing {
                        found,
                        meant,
                        fix,
                        sure,
                    } = missing;
                    let place = within(node, text, at);
                    let buckets =
                        found.contains("a histogram,") && text.contains("histogram_quantile(");
                    let mut finding = RULE
                        .at(path.clone(), &place)
                        .found(found)
                        .expected(text!("a series that vLLM exports or this chart records"))
                        .why(if sure {
                            "No series has that name, so the alert never fires."
                        } else {
                            "Unless something else exports it, no series has that name and the alert never fires."
                        })
                        .fix(fix);
                    let meant = meant.or_else(|| buckets.then(|| format!("{name}_bucket")));
                    if let Some(meant) = meant.filter(|_| written(node, text, (at, &name))) {
                        let mut word = place;
                        word.end_column = place.column + length(&name);
                        finding = finding.replace(word, meant);
                    }
                    if !sure {
                        finding.severity = Severity::Warning;
                    }
                    #[cfg(feature = "full")]
                    if finding.found.contains("a histogram,")
                        && let Some((old, new)) = summary::quantile(&text[at..], &name)
                    {
                        finding = finding.fix(format!("write {new}"));
                        // What is put together by other labels keeps those.
                        if written(node, text, (at, &name)) && !text[..at].contains('(') {
                            let mut word = within(node, text, at);
                            word.end_column = word.column + length(old);
                            finding = finding.replace(word, new);
                        }
                    }
                    #[cfg(feature = "full")]
                    if !crate::promql::dead(&expr, &|own| own == name) {
                        finding.severity = Severity::Warning;
                        finding = finding.why(if absent_of(&text[..at]) {
                            "No series has that name: absent() gives 1 for it all the time."
                        } else {
                            "No series has that name: this part of the expression gives nothing."
                        });
                    }
                    finding
                }
                None => {
                    #[cfg(feature = "full")]
                    if let Some((switch, given, fix)) = switched::off(values, &name) {
                        let state = if switch.contains(' ') { "" } else { ": false" };
                        let finding = RULE
                            .warning(path.clone(), within(node, text, at))
                            .found(format!("{name}, with {switch}{state}"))
                            .expected(text!("a series that vLLM exports or this chart records"))
                            .why("Nothing gives it, so the alert never fires.")
                            .fix(fix)
                            .related(given.place, "what takes it away");
                        findings.push(if state.is_empty() {
                            finding
                        } else {
                            finding.replace(given.place, "true")
                        });
                        continue;
                    }
                    let place = within(node, text, at);
                    #[cfg(feature = "full")]
                    if let Some(finding) = argument::check(values, &path, place, &expr, &name) {
                        findings.push(finding);
                        continue;
                    }
                    if crate::FULL
                        && let Some(finding) = unread::unread(values, &path, place, &name)
                    {
                        findings.push(finding);
                        continue;
                    }
                    let needed = "tracing.spanMetrics.enabled";
                    let spans = crate::FULL && name.starts_with("vllm_spans_");
                    let off = |node: &&crate::Node| node.as_bool() == Some(false);
                    if spans && let Some(switch) = values.get(needed).filter(off) {
                        findings.push(
                            RULE.warning(path.clone(), within(node, text, at))
                                .found(format!("{name}, with {needed}: false"))
                                .expected(text!("a series that vLLM exports or this chart records"))
                                .why("Nothing gives it, so the alert never fires.")
                                .fix(format!("set {needed}: true"))
                                .replace(switch.place, "true"),
                        );
                        continue;
                    }
                    let Some((switch, profile)) = profile.filter(|(_, p)| !kept(p, &name)) else {
                        continue;
                    };
                    let mut finding = RULE
                        .finds(
                            path.clone(),
                            within(node, text, at),
                            format!("{name}, which metrics.profile: {profile} does not store"),
                            text!("a series that is stored"),
                            text!("Prometheus drops it at the scrape, so the alert never fires."),
                        )
                        .fix(match profile {
                            "minimal" if kept("standard", &name) => "set metrics.profile: standard",
                            _ => "set metrics.profile: full",
                        })
                        .related(switch.place, "the profile");
                    // Another target of a Prometheus that is not this chart's may have it.
                    if !name.starts_with("vllm:") && text_at(values, "metrics.mode") != "standalone"
                    {
                        finding.severity = Severity::Warning;
                    }
                    finding
                }
            };
            finding.path = path.clone();
            findings.push(finding);
        }
    }
}

/// Whether what comes next is all that `absent()` is given.
#[cfg(feature = "full")]
fn absent_of(before: &str) -> bool {
    let before = before.trim_end();
    ["absent(", "absent_over_time("]
        .iter()
        .any(|call| before.ends_with(call))
}

/// What is wrong with a name where that release of vLLM runs: what was found, the name that is meant where
/// there is no doubt, what to do, and whether nothing else can export it.
pub(crate) fn absent(
    name: &str,
    version: Version,
) -> Option<(String, Option<String>, String, bool)> {
    let fleet = Fleet {
        versions: vec![version],
        others: false,
        spans: false,
    };
    missing(name, &fleet).map(|m| (m.found, m.meant, m.fix, m.sure))
}
