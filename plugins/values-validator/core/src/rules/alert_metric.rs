//! An alert on a series that is not exported never fires. vLLM has renamed metrics over time, and what
//! is on the web is often old; counters end in `_total`, and a histogram has `_bucket`, `_sum` and
//! `_count` only. Names are looked up as the deployed versions of vLLM have them; where the chart does not
//! deploy vLLM's own image, what older releases export is a warning. So are names that a router, a plugin
//! or a rule of your own may give; those of known routers are not reported. What `metrics.profile` does not
//! store cannot be read either.

use vllm_catalog::{FAMILIES, Kind, Version, family_of_series, is_undescribed, renamed};

use super::Rule;
use vllm_catalog::chart_file::kept;

use super::expressions::{inside, length, parsed, quotes};
use super::look::{models, on, text as text_at};
use crate::embedded::Text;
use crate::{Findings, Severity, Values};

/// Metrics in `rules.additionalAlerts[].expr`.
pub const RULE: Rule = Rule {
    code: "alert-metric",
    severity: Severity::Error,
    title: text!("An added alert reads a metric that this vLLM does not export"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
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
                    let place = inside(node.place, text, at);
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
                    if let Some(meant) = meant.filter(|_| quotes(node.place, text).is_some()) {
                        let mut word = place;
                        word.end_column = place.column + length(&name);
                        finding = finding.replace(word, meant);
                    }
                    if !sure {
                        finding.severity = Severity::Warning;
                    }
                    finding
                }
                None => {
                    let needed = "tracing.spanMetrics.enabled";
                    let spans = crate::FULL && name.starts_with("vllm_spans_");
                    let off = |node: &&crate::Node| spans && node.as_bool() == Some(false);
                    if let Some(switch) = values.get(needed).filter(off) {
                        let mut finding = RULE
                            .at(path.clone(), inside(node.place, text, at))
                            .found(format!("{name}, with {needed}: false"))
                            .expected(text!("a series that vLLM exports or this chart records"))
                            .why("Nothing gives it, so the alert never fires.")
                            .fix(format!("set {needed}: true"))
                            .replace(switch.place, "true");
                        finding.severity = Severity::Warning;
                        findings.push(finding);
                        continue;
                    }
                    let Some((switch, profile)) = profile.filter(|(_, p)| !kept(p, &name)) else {
                        continue;
                    };
                    let mut finding = RULE
                        .finds(
                            path.clone(),
                            inside(node.place, text, at),
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

/// Which versions of vLLM export what is read.
struct Fleet {
    /// Those that this release deploys; the newest known where none says its version.
    versions: Vec<Version>,
    /// Whether there may be others.
    others: bool,
    /// Whether spans are counted by this chart's collector alone.
    spans: bool,
}

impl Fleet {
    fn of(values: &Values) -> Self {
        let models = models(values);
        let mut versions: Vec<Version> = models
            .iter()
            .filter_map(|model| Some(model.release()?.1))
            .collect();
        let others = models.iter().any(|model| model.release().is_none());
        if versions.is_empty() {
            versions.push(Version::NEWEST);
        }
        // Tempo's and Alloy's series may be there where traces are sent on.
        let sent = |kind: &str| values.map(kind).next().is_some();
        let spans = crate::FULL
            && on(values, "tracing.spanMetrics.enabled")
            && !sent("tracing.exporters.otlp")
            && !sent("tracing.exporters.otlphttp");
        Self {
            versions,
            others,
            spans,
        }
    }
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

/// A name that nothing exports.
struct Missing {
    found: String,
    /// The name that is meant, where there is no doubt.
    meant: Option<String>,
    fix: String,
    /// Whether nothing else can export it.
    sure: bool,
}

/// Counters of KV transfers, which the catalogue does not describe: their names are read with the ending alone.
const KV_COUNTERS: [&str; 3] = [
    "vllm:nixl_num_failed_notifications_total",
    "vllm:nixl_num_failed_transfers_total",
    "vllm:nixl_num_kv_expired_reqs_total",
];

/// What request routers in front of vLLM export under its prefix: vLLM production-stack's.
const ROUTERS: Text = text!(
    "vllm:avg_decoding_length vllm:avg_itl vllm:avg_latency vllm:current_qps vllm:healthy_pods_total vllm:num_decoding_requests vllm:num_incoming_requests_total vllm:num_prefill_requests vllm:num_requests_uncompleted vllm:router_queueing_delay_seconds vllm:allocated_blocks vllm:pending_reserved_blocks vllm:errors_total vllm:input_tokens vllm:output_tokens vllm:total_kv_blocks"
);

/// What is wrong with a name.
fn missing(name: &str, fleet: &Fleet) -> Option<Missing> {
    let plain = |found: String, meant: Option<String>, fix: String| {
        Some(Missing {
            found,
            meant,
            fix,
            sure: true,
        })
    };
    if !name.starts_with("vllm:") {
        return other(name, fleet.spans);
    }
    if let Some(family) = family_of_series(name) {
        let mut versions = fleet.versions.iter();
        let without = versions.find(|version| !family.releases.holds(**version))?;
        let gone = family.releases.until.and_then(|_| renamed(name));
        let (found, (meant, fix)) = match gone {
            Some(entry) => (
                format!("{name}, gone since vLLM {}", entry.gone),
                successor(name, entry),
            ),
            None => (
                format!("{name}, which vLLM {without} does not have yet"),
                (
                    None,
                    format!("it is there from {} on", family.releases.since),
                ),
            ),
        };
        return Some(Missing {
            found,
            meant: meant.filter(|_| !fleet.others),
            fix,
            sure: !fleet.others,
        });
    }
    if let Some(counter) = KV_COUNTERS
        .iter()
        .find(|known| known.strip_suffix("_total") == Some(name))
    {
        return plain(
            format!("{name}, a counter without its ending"),
            Some((*counter).to_owned()),
            format!("write {counter}"),
        );
    }
    if is_undescribed(name)
        || ROUTERS.as_str().split(' ').any(|router| router == name)
        || name.ends_with("_created")
    {
        return None;
    }
    if let Some(entry) = renamed(name) {
        let (meant, fix) = successor(name, entry);
        return plain(
            format!("{name}, gone since vLLM {}", entry.gone),
            meant,
            fix,
        );
    }
    let counter = format!("{name}_total");
    if family_of_series(&counter).is_some() {
        let fix = format!("write {counter}");
        return plain(
            format!("{name}, a counter without its ending"),
            Some(counter),
            fix,
        );
    }
    if FAMILIES
        .iter()
        .any(|f| f.name == name && matches!(f.kind, Kind::Histogram | Kind::Summary))
    {
        let words =
            format!("write {name}_bucket for quantiles, {name}_sum / {name}_count for the mean");
        return plain(
            format!("{name}, a histogram, which has no series of its own name"),
            None,
            words,
        );
    }
    let series = FAMILIES.iter().flat_map(|family| {
        ["", "_bucket", "_sum", "_count"]
            .map(|suffix| format!("{}{suffix}", family.name))
            .into_iter()
            .filter(|series| family.has_series(series))
    });
    let series: Vec<String> = series.collect();
    let long = [
        (":ttft", ":time_to_first_token"),
        (":tpot", ":request_time_per_output_token"),
        (":itl", ":inter_token_latency"),
        (":e2e_latency", ":e2e_request_latency"),
    ];
    let long = { long.into_iter() }
        .find(|(short, _)| name.contains(short))
        .map(|(short, long)| name.replace(short, long))
        .filter(|long| series.contains(long));
    let near = long.or_else(|| nearest(name, series.iter().cloned()));
    // Other words, or in another order: a guess.
    let words = crate::shape::reworded(name, series.iter().map(String::as_str));
    if let (None, Some(words)) = (&near, words) {
        return Some(Missing {
            found: format!("{name}, which no vLLM exports"),
            fix: format!("did you mean {words}?"),
            meant: Some(words.to_owned()),
            sure: false,
        });
    }
    Some(Missing {
        found: format!("{name}, which no vLLM exports"),
        sure: near.is_some(),
        fix: near.as_ref().map_or_else(
            || "see docs/queries.md, or GET /metrics of a server, for what there is".to_owned(),
            |near| format!("did you mean {near}?"),
        ),
        meant: near,
    })
}

/// The series whose name differs by three letters at most.
fn nearest(name: &str, series: impl Iterator<Item = String>) -> Option<String> {
    series
        .map(|known| (strsim::damerau_levenshtein(&known, name), known))
        .filter(|(distance, _)| *distance <= 3)
        .min()
        .map(|(_, near)| near)
}

/// A name that does not begin with vLLM's prefix.
fn other(name: &str, spans: bool) -> Option<Missing> {
    // What the collector counts of spans, and as another one names it.
    if crate::FULL
        && let Some(rest) = (name.strip_prefix("vllm_spans_"))
            .or_else(|| name.strip_prefix("traces_spanmetrics_").filter(|_| spans))
    {
        let end = ["_bucket", "_count", "_sum"]
            .into_iter()
            .find(|end| rest.ends_with(end));
        let meant = match end {
            Some(end) => format!("vllm_spans_duration_seconds{end}"),
            None => "vllm_spans_calls_total".to_owned(),
        };
        return (meant != name).then(|| Missing {
            found: format!("{name}, which this chart's collector does not give"),
            fix: format!("write {meant}"),
            meant: Some(meant),
            sure: false,
        });
    }
    if let Some(rest) = name.strip_prefix("vllm_") {
        let meant = format!("vllm:{rest}");
        let known = family_of_series(&meant).is_some() || renamed(&meant).is_some();
        return known.then(|| Missing {
            found: format!("{name}, with _ where vLLM writes a colon"),
            fix: format!("write {meant}"),
            meant: Some(meant),
            sure: false,
        });
    }
    // What the HTTP server exports beside vLLM, with one letter wrong.
    if name.starts_with("http_") && family_of_series(name).is_none() {
        let http = (FAMILIES
            .iter()
            .filter(|family| family.name.starts_with("http_")))
        .flat_map(|family| {
            ["", "_bucket", "_sum", "_count"].map(|end| format!("{}{end}", family.name))
        });
        let near = { http }.find(|known| strsim::damerau_levenshtein(known, name) == 1)?;
        return Some(Missing {
            found: format!("{name}, which vLLM's HTTP server does not export"),
            fix: format!("did you mean {near}?"),
            meant: Some(near),
            sure: false,
        });
    }
    let (level, rest) = name.split_once(':')?;
    let levels = [
        "collector",
        "engine",
        "entry",
        "gpu",
        "model",
        "pod",
        "release",
    ];
    let own = rest.starts_with("vllm_") || rest.starts_with("otelcol_");
    let recorded = crate::embedded::recorded;
    // No level of the chart's.
    let other = crate::FULL && ["container", "instance", "replica", "server"].contains(&level);
    if !(levels.contains(&level) || other) || !own || recorded().any(|known| known == name) {
        return None;
    }
    let stem = rest.split(':').next().unwrap_or(rest);
    let mut of_stem: Vec<&str> = recorded()
        .filter(|known| known.split(':').nth(1) == Some(stem))
        .collect();
    // Of a quantile the other ones.
    let quantile = |known: &&str| known.starts_with(level) && known.contains(":p");
    if name.contains(":p") && of_stem.iter().any(quantile) {
        of_stem.retain(quantile);
    }
    // The same of another level.
    let mut same =
        (of_stem.iter()).filter(|known| known.split_once(':').is_some_and(|k| k.1 == rest));
    if crate::FULL
        && let (Some(only), None) = (same.next(), same.next())
    {
        of_stem = vec![only];
    }
    let near = nearest(name, recorded().map(str::to_owned));
    let fix = match (&near, &of_stem[..]) {
        (_, [only]) => format!("write {only}"),
        (_, [_, ..]) => format!("write one of {}", of_stem.join(", ")),
        (Some(near), []) => format!("did you mean {near}?"),
        (None, []) => "see docs/queries.md for what the chart records".to_owned(),
    };
    Some(Missing {
        found: format!("{name}, which the chart's rules do not record"),
        meant: match of_stem[..] {
            [only] => Some(only.to_owned()),
            [] => near,
            _ => None,
        },
        fix,
        sure: false,
    })
}

/// The series that says the same now, with the old one's suffix, and words.
fn successor(name: &str, entry: &vllm_catalog::Renamed) -> (Option<String>, String) {
    let suffix = ["_bucket", "_sum", "_count"]
        .into_iter()
        .find(|s| name.ends_with(s))
        .unwrap_or("");
    match entry.now {
        [] => (None, entry.instead.to_owned()),
        [first, ..] => {
            let now = format!("{first}{suffix}");
            (Some(now.clone()), format!("write {now}: {}", entry.instead))
        }
    }
}
