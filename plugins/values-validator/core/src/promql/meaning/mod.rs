//! What an expression means: whether it can ever give a result, always gives one, or reads something
//! else than was meant. Types, labels, bounds and units come from the catalog; of names that it lacks
//! nothing is said beyond Prometheus' own conventions.

#[cfg(feature = "full")]
mod against;
mod aggregate;
#[cfg(feature = "full")]
mod ahead;
mod apart;
mod binary;
#[cfg(feature = "full")]
mod both;
mod bounds;
mod call;
#[cfg(feature = "full")]
mod clash;
mod condition;
#[cfg(feature = "full")]
mod counted;
#[cfg(feature = "full")]
mod function;
#[cfg(feature = "full")]
mod gauge;
mod kept;
#[cfg(feature = "full")]
mod lost;
mod magnitude;
#[cfg(feature = "full")]
mod partly;
mod partners;
#[cfg(feature = "full")]
mod past;
#[cfg(feature = "full")]
mod period;
#[cfg(feature = "full")]
mod quiet;
#[cfg(feature = "full")]
mod quotient;
#[cfg(feature = "full")]
mod samples;
mod selector;
#[cfg(feature = "full")]
mod served;
mod share;
#[cfg(feature = "full")]
mod sides;
#[cfg(feature = "full")]
mod target;
#[cfg(feature = "full")]
mod together;
mod tree;
#[cfg(feature = "full")]
mod unmatched;

#[cfg(feature = "full")]
pub use clash::clash;
pub use kept::{Kept, kept};
#[cfg(feature = "full")]
pub use target::Targets;
#[cfg(feature = "full")]
pub use together::{same_series, together};

use crate::embedded::Text;
use crate::promql::expr::{Expr, Kind};
use crate::sorted::{Names, sort};
use tree::sums;
use vllm_catalog::Family;

/// Which rule a [`Doubt`] belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Counters and their rates.
    Rate,
    /// `histogram_quantile`.
    Quantile,
    /// Names and values of labels.
    Selector,
    /// A comparison that is never or always true.
    Threshold,
    /// No comparison at all.
    Condition,
    /// A range too short for its samples.
    Window,
    /// Two sides whose labels differ.
    Matching,
}

/// Something in an expression that cannot be meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// Which rule says so.
    pub topic: Topic,
    /// Bytes from the start of the text.
    pub at: usize,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// The consequence.
    pub why: &'static str,
    /// What to do.
    pub fix: String,
    /// Where, the word there (empty: a number), and what to write in its place, where there is no doubt.
    pub edit: Option<(usize, String, String)>,
    /// Whether it can only be wrong: false where another exporter may have it so.
    pub sure: bool,
}

/// What is known of where an expression is evaluated.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Seconds between two scrapes of vLLM; none: unknown.
    pub interval: Option<f64>,
    /// Whether vLLM's servers have bucket bounds of their own.
    pub own_buckets: bool,
    /// Whether the expression is an alert's.
    pub alert: bool,
    /// Whether this chart's own scrape gives the label job: `namespace/name`, never a plain word.
    pub own_jobs: bool,
    /// The entries of `models`, which the label model names; empty where they cannot be known.
    pub entries: &'a [&'a str],
    /// Names of the chart's alerts and of those added; empty where they cannot be known.
    pub alerts: &'a [&'a str],
    /// Windows of the objectives, of which the chart records the error ratios; empty where they cannot be known.
    pub windows: &'a [&'a str],
    /// Labels that Prometheus adds to what leaves it, and no series of its own has.
    pub external: &'a [&'a str],
    /// What an alert says in its annotations.
    pub said: &'a str,
    #[cfg(feature = "full")]
    /// The expression itself, of which an edit may need a part; empty where it is not known.
    pub text: &'a str,
    #[cfg(feature = "full")]
    /// Seconds that samples are kept, and whether somebody chose them; none: unknown.
    pub kept: Option<(f64, bool)>,
    #[cfg(feature = "full")]
    /// Whether a model has several pods.
    pub several: bool,
    #[cfg(feature = "full")]
    /// Further names of models, each with the name that the label model_name has; empty where they cannot be known.
    pub served: &'a [(&'a str, &'a str)],
    #[cfg(feature = "full")]
    /// What is known of the targets.
    pub targets: Targets<'a>,
    #[cfg(feature = "full")]
    /// What each model runs at a time; empty where other servers may have the same series.
    pub running: &'a [Running<'a>],
}

/// The requests that a model runs at a time.
#[cfg(feature = "full")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Running<'a> {
    /// The name of its entry, which its series have too.
    pub name: &'a str,
    /// The most of a pod, and the most pods; none: it is not bounded, or not known.
    pub most: Option<(f64, f64)>,
}

/// Everything doubtful in an expression, in the order of its text.
#[must_use]
pub fn doubts(expr: &Expr, context: Context<'_>) -> Vec<Doubt> {
    let mut reader = Reader {
        context,
        doubts: Vec::new(),
    };
    reader.read(expr, Use::Value);
    if context.alert {
        reader.condition(expr);
    }
    let mut doubts = reader.doubts;
    #[cfg(feature = "full")]
    {
        quotient::add(&mut doubts, expr, context.text);
        target::add(&mut doubts, expr, context);
        samples::add(&mut doubts, expr, context);
        ahead::add(&mut doubts, expr, context);
        both::add(&mut doubts, expr, context);
        sides::add(&mut doubts, expr, context.alert, context.text);
        past::add(&mut doubts, expr, context);
        function::add(&mut doubts, expr, context);
        if context.alert {
            period::add(&mut doubts, expr, context);
            quiet::add(&mut doubts, expr, context.text, context.said);
            partly::mend(&mut doubts, expr, true);
            quiet::none(&mut doubts, expr, context.text);
        }
        clash::add(&mut doubts, expr, context.text);
    }
    sort(&mut doubts, |a, b| a.at.cmp(&b.at));
    doubts.dedup();
    doubts
}

/// What surrounds an expression.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Use {
    /// Its value counts.
    Value,
    /// Only its growth counts.
    Rate,
    /// Only that it is there counts.
    Presence,
}

#[derive(Debug, Clone, PartialEq)]
enum Labels {
    Unknown,
    /// As scraped: these, and the target's.
    Open(Names),
    /// These and no others.
    Closed(Names),
}

#[derive(Debug, Clone)]
struct Facts {
    labels: Labels,
    low: f64,
    high: f64,
    #[cfg(feature = "full")]
    /// Most of the sum of all series, where that is known.
    whole: f64,
    /// Whose values it still has, put together or not.
    family: Option<&'static Family>,
    /// The series that are read, where it is one name's.
    series: Option<String>,
    /// Whether it is a counter that nothing has taken the rate of.
    raw: bool,
    /// Whether it is a rate.
    rate: bool,
}

const UNKNOWN: Facts = Facts {
    labels: Labels::Unknown,
    low: f64::NEG_INFINITY,
    high: f64::INFINITY,
    #[cfg(feature = "full")]
    whole: f64::INFINITY,
    family: None,
    series: None,
    raw: false,
    rate: false,
};

struct Reader<'a> {
    context: Context<'a>,
    doubts: Vec<Doubt>,
}

const NEVER: Text = text!("It never gives a result, so the alert never fires.");
const ALWAYS: Text = text!("It is always true, so the alert fires all the time.");

impl Reader<'_> {
    fn doubt(
        &mut self,
        topic: Topic,
        at: usize,
        found: impl Into<String>,
        expected: impl Into<String>,
        why: &'static str,
        fix: impl Into<String>,
    ) -> Option<&mut Doubt> {
        self.doubts.push(Doubt {
            topic,
            at,
            found: found.into(),
            expected: expected.into(),
            why,
            fix: fix.into(),
            edit: None,
            sure: true,
        });
        self.doubts.last_mut()
    }

    fn read(&mut self, expr: &Expr, used: Use) -> Facts {
        match &expr.kind {
            Kind::Number(number) => Facts {
                low: *number,
                high: *number,
                ..UNKNOWN
            },
            Kind::Text(_) => UNKNOWN,
            Kind::Selector { name, matchers } => self.selector(expr.at, name, matchers, used),
            Kind::Moved { of, unitless, .. } => {
                self.unit(*unitless);
                self.read(of, used)
            }
            Kind::Negative(of) => {
                let facts = self.read(of, used);
                Facts {
                    low: -facts.high,
                    high: -facts.low,
                    ..facts
                }
            }
            Kind::Range {
                of,
                subquery,
                unitless,
                ..
            } => {
                self.unit(*unitless);
                if *subquery && used == Use::Rate && sums(of) {
                    let facts = self.read(of, Use::Presence);
                    if facts.raw {
                        self.doubt(
                            Topic::Rate,
                            of.at,
                            "the rate of a sum",
                            text!("the sum of rates: sum(rate(metric[5m]))").as_str(),
                            text!("When one server restarts, the sum falls, and the rate jumps.")
                                .as_str(),
                            text!(
                                "take the rate first, then the sum: sum by (…) (rate(metric[5m]))"
                            )
                            .as_str(),
                        );
                    }
                    return Facts {
                        raw: false,
                        ..facts
                    };
                }
                self.read(of, used)
            }
            Kind::Call { name, arguments } => self.call(expr.at, name, arguments, used),
            Kind::Aggregate {
                name,
                grouping,
                parameter,
                of,
            } => {
                if name == "quantile"
                    && let Some(q) = parameter.as_ref().and_then(|p| p.number())
                {
                    let number = parameter.as_ref().map_or(0, |p| p.at);
                    self.fraction((expr.at, number), name, q);
                }
                self.aggregate((expr.at, name), grouping.as_ref(), of, used)
            }
            Kind::Binary {
                operator,
                boolean,
                matching,
                many,
                left,
                right,
            } => self.binary(
                expr,
                (operator, *boolean, matching.as_ref(), many.is_some()),
                left,
                right,
                used,
            ),
        }
    }
}

/// Whether a pattern that ends in `*` is a shell's: nothing else in it is a regular expression's.
fn glob(value: &str) -> bool {
    let stem = value.trim_end_matches('*').trim_start_matches('^');
    stem.len() > 1
        && stem
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_/".contains(c))
}

fn unsure(doubt: Option<&mut Doubt>) {
    if let Some(doubt) = doubt {
        doubt.sure = false;
    }
}
