//! Reading a settings document.

use super::{Baseline, Budget, Errors, Mistakes, Settings, Slowest};
use crate::duration;
use crate::json::{self, EXCERPT, Node, quote};
use crate::models::{LONGEST, NAMED};
use crate::rules::{Limits, OFF, RULES};

/// Largest edit distance at which a key counts as a slip of the pen.
const SLIP: usize = 3;

/// The sections beside the limits.
const SECTIONS: [&str; 5] = ["errors", "slowest", "baseline", "budget", "models"];

/// The names of the measures that `slowest` compares.
pub(super) const MEASURES: [&str; 2] = ["time_to_first_token", "time_per_output_token"];

/// Reads the settings document.
///
/// Keys are the names of [`RULES`], where one that is not named has its default, and the sections,
/// where one that is not named is off.
///
/// # Errors
///
/// [`Mistakes`]: all of them, in the order of the document.
pub fn parse(json: &[u8]) -> Result<Settings, Mistakes> {
    const EXPECTED: &str = r#"expected one JSON object such as {"e2e_latency":"120s"}"#;
    let document = match json::read(json) {
        Ok(document @ Node::Object(_)) => document,
        Ok(other) => {
            return Err(Mistakes(vec![format!(
                "settings: found {other}; {EXPECTED}"
            )]));
        }
        Err(error) => {
            return Err(Mistakes(vec![format!(
                "settings: found {error}; {EXPECTED}"
            )]));
        }
    };

    let mut reader = Reader(Vec::new());
    let mut settings = Settings::DEFAULT;
    let names: Vec<&str> = RULES.iter().map(|rule| rule.name).chain(SECTIONS).collect();
    let mut models = None;
    reader.each(
        "settings",
        &document,
        &names,
        &mut |reader, key, at, node| match key {
            "errors" => settings.errors = reader.section(at, node, Reader::errors),
            "slowest" => settings.slowest = reader.section(at, node, Reader::slowest),
            "baseline" => settings.baseline = reader.section(at, node, Reader::baseline),
            "budget" => settings.budget = reader.section(at, node, Reader::budget),
            "models" => models = Some(node.clone()),
            rule => reader.limit(at, node, rule, &mut settings.limits),
        },
    );
    // Last: what a model does not say is what is said of all.
    if let Some(node) = models {
        settings.models = reader.models("settings.models", &node, settings.limits);
    }
    if reader.0.is_empty() {
        Ok(settings)
    } else {
        Err(Mistakes(reader.0))
    }
}

/// Reads values, and gathers what is wrong with them.
struct Reader(Vec<String>);

impl Reader {
    fn mistake(&mut self, at: &str, found: impl std::fmt::Display, expected: &str) {
        self.0
            .push(format!("{at}: found {found}; expected {expected}"));
    }

    /// Reads the entries of an object whose keys are among `names` (none: any), each once.
    fn each(
        &mut self,
        at: &str,
        node: &Node,
        names: &[&str],
        read: &mut dyn FnMut(&mut Self, &str, &str, &Node),
    ) {
        let Node::Object(entries) = node else {
            return self.mistake(at, node, "an object");
        };
        for (n, (key, node)) in entries.iter().enumerate() {
            let place = format!("{at}.{}", plain(key));
            if !names.is_empty() && !names.contains(&key.as_str()) {
                self.0.push(unknown(at, key, names));
            } else if entries.iter().take(n).any(|(earlier, _)| earlier == key) {
                self.mistake(&place, "it twice", "it once");
            } else {
                read(self, key, &place, node);
            }
        }
    }

    /// A section that can be turned off.
    fn section<T>(
        &mut self,
        at: &str,
        node: &Node,
        read: fn(&mut Self, &str, &Node) -> T,
    ) -> Option<T> {
        match node {
            Node::Bool(false) => None,
            Node::Text(text) if text == "off" => None,
            Node::Object(_) => Some(read(self, at, node)),
            other => {
                self.mistake(at, other, r#"an object, or "off" to turn it off"#);
                None
            }
        }
    }

    fn errors(&mut self, at: &str, node: &Node) -> Errors {
        const EXPECTED: &str = r#"HTTP status codes from 400 to 599, such as 429, or "4xx" or "5xx" for all of a kind"#;
        let mut errors = Errors::DEFAULT;
        self.each(at, node, &["status_codes"], &mut |reader, _, at, node| {
            let Node::List(codes) = node else {
                return reader.mistake(at, node, "a list of status codes");
            };
            errors = Errors::NONE;
            for code in codes {
                let range = match code {
                    Node::Text(text) if text == "4xx" => Some((400, 499)),
                    Node::Text(text) if text == "5xx" => Some((500, 599)),
                    Node::Number(code) if (400.0..600.0).contains(code) && code.fract() == 0.0 => {
                        Some((*code as u16, *code as u16))
                    }
                    _ => None,
                };
                match range {
                    Some((from, to)) => errors = errors.with(from, to),
                    None => reader.mistake(at, code, EXPECTED),
                }
            }
        });
        errors
    }

    fn slowest(&mut self, at: &str, node: &Node) -> Slowest {
        const NAMES: [&str; 5] = ["share", "measures", "at_least", "memory", "minimum"];
        let mut slowest = Slowest::DEFAULT;
        self.each(at, node, &NAMES, &mut |reader, key, at, node| match key {
            "share" => reader.percent(at, node, 0.01, 50.0, &mut slowest.percent),
            "measures" => reader.measures(at, node, &mut slowest),
            "at_least" => reader.number(at, node, 1.0, 100.0, &mut slowest.at_least),
            "memory" => reader.duration(at, node, 60.0, 86_400.0, &mut slowest.memory),
            _ => reader.number(at, node, 1.0, 1e6, &mut slowest.minimum),
        });
        slowest
    }

    fn measures(&mut self, at: &str, node: &Node, slowest: &mut Slowest) {
        let expected = format!("a list of one or both of {}", MEASURES.join(", "));
        let Node::List(measures) = node else {
            return self.mistake(at, node, &expected);
        };
        (slowest.first_token, slowest.output) = (false, false);
        let [first_token, output] = MEASURES;
        for measure in measures {
            match measure {
                Node::Text(text) if text == first_token => slowest.first_token = true,
                Node::Text(text) if text == output => slowest.output = true,
                other => self.mistake(at, other, &expected),
            }
        }
        if measures.is_empty() {
            self.mistake(at, "an empty list", &expected);
        }
    }

    fn baseline(&mut self, at: &str, node: &Node) -> Baseline {
        let mut baseline = Baseline::DEFAULT;
        const NAMES: [&str; 2] = ["share", "per_model_per_hour"];
        self.each(at, node, &NAMES, &mut |reader, key, at, node| match key {
            "share" => reader.percent(at, node, 0.0, 100.0, &mut baseline.percent),
            _ => reader.number(at, node, 0.0, 3600.0, &mut baseline.per_model_per_hour),
        });
        baseline
    }

    fn budget(&mut self, at: &str, node: &Node) -> Budget {
        let mut budget = Budget::DEFAULT;
        const NAMES: [&str; 2] = ["traces_per_minute", "burst"];
        self.each(at, node, &NAMES, &mut |reader, key, at, node| match key {
            "traces_per_minute" => {
                reader.number(at, node, 1.0, 1e6, &mut budget.traces_per_minute);
            }
            // In whole traces the collector decides once a second.
            _ => reader.duration(at, node, 1.0, 3600.0, &mut budget.burst),
        });
        budget
    }

    fn models(&mut self, at: &str, node: &Node, of_all: Limits) -> Vec<(String, Limits)> {
        let names = RULES.map(|rule| rule.name);
        let mut models = Vec::new();
        self.each(at, node, &[], &mut |reader, model, place, node| {
            if model.is_empty() || model.len() > LONGEST {
                let expected = format!("a model's name of 1 to {LONGEST} bytes");
                reader.mistake(at, quote(model), &expected);
            }
            let mut limits = of_all;
            reader.each(place, node, &names, &mut |reader, rule, place, node| {
                reader.limit(place, node, rule, &mut limits);
            });
            models.push((model.to_owned(), limits));
        });
        if models.len() > NAMED {
            let found = format!("{} models", models.len());
            self.mistake(at, found, &format!("at most {NAMED}"));
        }
        models
    }

    /// Reads the limit of a rule.
    fn limit(&mut self, at: &str, node: &Node, rule: &str, limits: &mut Limits) {
        const EXPECTED: &str = r#"a duration such as "120s", "1m30s" or "250ms", or "off""#;
        let seconds = match node {
            // YAML reads a bare `off` as false.
            Node::Bool(false) => OFF,
            Node::Text(text) if text == "off" => OFF,
            Node::Text(text) => match duration::parse(text) {
                Some(seconds) if seconds > 0.0 => seconds,
                Some(_) => {
                    let expected = r#"more than zero, or "off" to turn the rule off"#;
                    return self.mistake(at, node, expected);
                }
                None => return self.mistake(at, node, EXPECTED),
            },
            Node::Number(number) => {
                let found = format!("the number {number}, which has no unit");
                return self.mistake(at, found, EXPECTED);
            }
            other => return self.mistake(at, other, EXPECTED),
        };
        for (limit, of) in limits.0.iter_mut().zip(RULES) {
            if of.name == rule {
                *limit = seconds;
            }
        }
    }

    fn duration(&mut self, at: &str, node: &Node, least: f64, most: f64, place: &mut f64) {
        match node {
            Node::Text(text) => match duration::parse(text) {
                Some(seconds) if (least..=most).contains(&seconds) => *place = seconds,
                _ => {
                    let (least, most) = (duration::format(least), duration::format(most));
                    let expected = format!(r#"a duration from "{least}" to "{most}""#);
                    self.mistake(at, node, &expected);
                }
            },
            other => self.mistake(at, other, r#"a duration such as "30m""#),
        }
    }

    fn percent(&mut self, at: &str, node: &Node, least: f64, most: f64, place: &mut f64) {
        let percent = match node {
            Node::Text(text) => text.strip_suffix('%').and_then(duration::decimal),
            _ => None,
        };
        match percent {
            Some(percent) if (least..=most).contains(&percent) => *place = percent,
            _ => {
                let expected = format!(r#"a percentage from "{least}%" to "{most}%""#);
                self.mistake(at, node, &expected);
            }
        }
    }

    fn number(&mut self, at: &str, node: &Node, least: f64, most: f64, place: &mut f64) {
        let number = match node {
            Node::Number(number) => Some(*number),
            _ => None,
        };
        match number {
            Some(number) if (least..=most).contains(&number) => *place = number,
            _ => self.mistake(at, node, &format!("a number from {least} to {most}")),
        }
    }
}

/// A key as a part of a place: as it is where it is short and plain.
fn plain(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if key.len() <= EXCERPT && !key.is_empty() && key.chars().all(plain) {
        key.to_owned()
    } else {
        quote(key)
    }
}

fn unknown(at: &str, key: &str, names: &[&str]) -> String {
    let mut mistake = format!(
        "{at}: found the unknown key {}; expected one of {}",
        quote(key),
        names.join(", ")
    );
    // The distance takes time and memory by the product of the lengths.
    if key.len() <= EXCERPT {
        let plain = key.to_ascii_lowercase().replace('-', "_");
        let nearest = names
            .iter()
            .map(|name| (strsim::levenshtein(name, &plain), name))
            .min();
        if let Some((distance, name)) = nearest
            && distance <= SLIP
        {
            mistake.push_str(&format!("; did you mean {name}?"));
        }
    }
    mistake
}
