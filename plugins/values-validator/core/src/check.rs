//! The whole check: sources and arguments in, a report out.

use std::sync::LazyLock;

use crate::finding::{Findings, Report, Severity};
use crate::node::{self, Map, Node, Value, Values};
use crate::sorted::sort;
use crate::{
    Finding, Place, Set, SetKind, Source, codes, defaults, embedded, mask, mend, merge, rules, set,
    shape, yaml,
};

/// Most findings of a report.
pub const MOST: usize = 1000;

/// Most values that the rules look at: some compare each with each. The chart's own are a thousand.
const LARGEST: usize = 10_000;

fn size(node: &Node) -> usize {
    let below = node.entries().map(|(_, node)| node).chain(node.items());
    1 + below.map(size).sum::<usize>()
}

/// The chart's own values, for who looks at them; a merge takes its own.
pub(crate) static DEFAULTS: LazyLock<Map> = LazyLock::new(defaults::read);

/// What a user gives helm.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Values files, the later above the earlier.
    pub sources: Vec<Source>,
    /// Arguments in the order of the command line; helm applies them by [`SetKind`], then in order.
    pub sets: Vec<Set>,
}

/// Reads, merges, walks the schema, runs the rules. What cannot be read is a finding, and left out
/// of what the others look at.
#[must_use]
pub fn check(input: &Input) -> Report {
    let (values, mut report) = checked(input);
    crate::config::comments(&mut report);
    mend::verify(input, checked, &values, &mut report);
    mask::mask(&values.root, &mut report);
    report
}

/// The report of an input, and the values that it is about: before edits are tried and secrets hidden.
pub(crate) fn checked(input: &Input) -> (Values, Report) {
    let (values, mut findings, sources) = merged(input);
    // What helm refuses to read, it checks no further; half of the values would look wrong.
    if !findings.0.iter().any(|f| f.code == codes::BAD_YAML.code) {
        shape::walk(&values.root, &sources, &mut findings);
        let count = size(&values.root);
        if count <= LARGEST {
            for rule in rules::ALL {
                (rule.check)(&values, &mut findings);
            }
            #[cfg(feature = "full")]
            rules::stated_rate(&values, &sources, &mut findings);
        } else {
            let finding = codes::TOO_MANY
                .at("", None)
                .found(format!("{count} values"))
                .expected(format!("at most {LARGEST}"))
                .why(text!("What so many mean together is not looked at."))
                .fix(text!(
                    "give the right file, or split it over several releases"
                ));
            findings.push(finding);
        }
    }
    let mut findings = findings.0;
    // The schema says it better, where it says anything.
    let wrong_types: Vec<_> = (findings.iter())
        .filter(|f| f.code == codes::WRONG_TYPE.code)
        .map(|f| f.path.clone())
        .collect();
    findings.retain(|f| f.code != codes::MAP_REPLACED.code || !wrong_types.contains(&f.path));
    sort(&mut findings, |a, b| {
        (a.place.is_none(), a.place, a.code, &a.path, &a.found).cmp(&(
            b.place.is_none(),
            b.place,
            b.code,
            &b.path,
            &b.found,
        ))
    });
    findings.dedup();
    // A rule says better than the schema's pattern what a text is, where it says anything. Only an error
    // takes an error's place: helm refuses the file.
    let said: Vec<bool> = (0..findings.len())
        .map(|at| {
            let finding = &findings[at];
            let beside = |other: Option<&Finding>| {
                other.is_some_and(|other| {
                    other.severity == Severity::Error
                        && other.place == finding.place
                        && other.path == finding.path
                        && other.code != finding.code
                })
            };
            finding.code == codes::BAD_FORMAT.code
                && (beside(findings.get(at + 1)) || (at > 0 && beside(findings.get(at - 1))))
        })
        .collect();
    let mut said = said.into_iter();
    findings.retain(|_| said.next() != Some(true));
    let count = findings.len();
    if count > MOST {
        findings.truncate(MOST);
        let finding = codes::TOO_MANY
            .at("", None)
            .found(format!("{count} findings"))
            .expected(format!("at most {MOST}"))
            .why(text!(
                "So many are no mistakes in values of this chart, but another file."
            ))
            .fix(text!("fix the first ones, or pass the right file"));
        findings.push(finding);
    }
    (values, Report { findings, sources })
}

/// What templates would see, what reading and merging found, and what places refer to.
#[must_use]
pub fn merged(input: &Input) -> (Values, Findings, Vec<Source>) {
    let defaults = Source::new("chart/values.yaml", embedded::defaults());
    let schema = Some(shape::schema::embedded());
    over(defaults, input, schema, |_, _| defaults::read())
}

/// The same with the defaults of another chart.
#[must_use]
pub fn merged_over(defaults: Source, input: &Input) -> (Values, Findings, Vec<Source>) {
    over(defaults, input, None, |defaults, findings| {
        yaml::read(defaults, 0, findings).unwrap_or_default()
    })
}

fn over(
    defaults: Source,
    input: &Input,
    schema: Option<&shape::schema::Schema>,
    read: impl FnOnce(&Source, &mut Findings) -> Map,
) -> (Values, Findings, Vec<Source>) {
    let mut findings = Findings::default();
    let mut sources = vec![defaults];
    sources.extend(input.sources.iter().cloned());
    let mut given = Map::new();
    for (index, source) in (1..).zip(&input.sources) {
        if let Some(map) = yaml::read(source, index, &mut findings) {
            node::over(&mut given, source.own(map));
        }
    }
    let mut numbers = [0; SetKind::ORDER.len()];
    let mut arguments = Vec::new();
    for argument in &input.sets {
        let number = &mut numbers[argument.kind as usize];
        *number += 1;
        arguments.push((argument, sources.len() as u32));
        sources.push(Source::argument(argument, *number));
    }
    for kind in SetKind::ORDER {
        for (argument, index) in arguments.iter().filter(|(a, _)| a.kind == kind) {
            set::apply(argument, *index, &mut given, &mut findings);
        }
    }
    let defaults = read(&sources[0], &mut findings);
    merge::over_defaults(&mut given, defaults, schema, &mut findings);
    let root = Node {
        value: Value::Map(given),
        place: Place {
            source: u32::from(!input.sources.is_empty()),
            // Without a file nothing of the root is written down, and arguments may be below it.
            line: u32::from(!input.sources.is_empty()),
            column: 1,
            end_line: 1,
            end_column: 1,
        },
        key: None,
    };
    (Values { root }, findings, sources)
}
