//! The command line of `vllm serve`, with argparse's refusals.
//!
//! A table and a loop instead of a command-line library: what counts is that the words and the exit
//! code of a refusal are Python's, which every library would have to be bent to.

mod flags;

use flags::{FLAGS, Kind};

/// A refused command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Standard error.
    pub message: String,
    /// 2 from argparse, 1 from an exception.
    pub code: u8,
}

/// What a server is started with, as far as a simulator reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Arguments {
    /// Positional, or `--model`.
    pub model: String,
    /// `--served-model-name`; the model's where none is given.
    pub served: Vec<String>,
    /// `--host`.
    pub host: String,
    /// `--port`.
    pub port: u16,
    /// `--otlp-traces-endpoint`.
    pub traces: Option<String>,
    /// Given as another flag's value, last one last.
    given: Vec<(&'static str, String)>,
}

const USAGE: &str =
    "usage: vllm [-h] [-v] {chat,complete,serve,launch,bench,collect-env,run-batch} ...";
const SERVE_USAGE: &str = "usage: vllm serve [model_tag] [options]";

fn refuse(message: &str) -> Refused {
    Refused {
        message: format!("{USAGE}\nvllm: error: {message}"),
        code: 2,
    }
}

fn refuse_serve(message: &str) -> Refused {
    Refused {
        message: format!("{SERVE_USAGE}\nvllm serve: error: {message}"),
        code: 2,
    }
}

fn raise(message: &str) -> Refused {
    Refused {
        message: message.to_owned(),
        code: 1,
    }
}

impl Arguments {
    /// Reads what follows the program's name.
    ///
    /// # Errors
    /// As the real server, in its words.
    pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, Refused> {
        let mut words = words.into_iter().peekable();
        match words.next().as_deref() {
            Some("serve") => {}
            Some(other) => {
                return Err(refuse(&format!(
                    "argument subparser: invalid choice: '{other}' (choose from chat, complete, serve, launch, bench, collect-env, run-batch)"
                )));
            }
            None => return Err(refuse("the following arguments are required: subparser")),
        }
        let (mut positional, mut unknown, mut given) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(word) = words.next() {
            if !word.starts_with('-') || word == "-" {
                positional.push(word);
                continue;
            }
            let (name, explicit) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let Some((flag, on)) = find(name) else {
                // argparse puts aside what it does not know, and its value's word with it.
                unknown.push(word.clone());
                continue;
            };
            let shown = shown(flag.names, flag.kind);
            let is_value = |next: &String| !next.starts_with('-') || next.parse::<f64>().is_ok();
            let mut values = Vec::new();
            match (flag.kind, explicit) {
                (Kind::Switch, Some(value)) => {
                    let why = format!("argument {shown}: ignored explicit argument '{value}'");
                    return Err(refuse_serve(&why));
                }
                (Kind::Switch, None) => values.push(if on { "True" } else { "False" }.to_owned()),
                (_, Some(value)) => values.push(value),
                (kind, None) => {
                    let many = matches!(kind, Kind::List);
                    while let Some(value) = words.next_if(is_value) {
                        values.push(value);
                        if !many {
                            break;
                        }
                    }
                    if values.is_empty() {
                        let expected = if many {
                            "at least one argument"
                        } else {
                            "one argument"
                        };
                        return Err(refuse_serve(&format!(
                            "argument {shown}: expected {expected}"
                        )));
                    }
                }
            }
            for value in &values {
                check(flag.kind, value)
                    .map_err(|why| refuse_serve(&format!("argument {shown}: {why}")))?;
            }
            given.retain(|(name, _)| *name != flag.names[0]);
            given.extend(values.into_iter().map(|value| (flag.names[0], value)));
        }
        unknown.extend(positional.iter().skip(1).cloned());
        if !unknown.is_empty() {
            let list = unknown.join(" ");
            return Err(refuse(&format!("unrecognized arguments: {list}")));
        }
        Self::from_given(positional.into_iter().next(), given)
    }

    fn from_given(
        positional: Option<String>,
        given: Vec<(&'static str, String)>,
    ) -> Result<Self, Refused> {
        let all = |name: &str| -> Vec<String> {
            let values = given.iter().filter(|(flag, _)| *flag == name);
            values.map(|(_, value)| value.clone()).collect()
        };
        let last = |name: &str| all(name).pop();
        let model = positional
            .or_else(|| last("--model"))
            .unwrap_or_else(|| "Qwen/Qwen3-0.6B".to_owned());
        let traces = last("--otlp-traces-endpoint");
        if traces.is_none() && last("--collect-detailed-traces").is_some() {
            return Err(raise(
                "ValueError: collect_detailed_traces requires `--otlp-traces-endpoint` to be set.",
            ));
        }
        if let Some(share) = last("--gpu-memory-utilization")
            && !share
                .parse()
                .is_ok_and(|share: f64| share > 0.0 && share <= 1.0)
        {
            return Err(raise(&format!(
                "pydantic_core._pydantic_core.ValidationError: 1 validation error for CacheConfig\ngpu_memory_utilization\n  Input should be greater than 0 and less than or equal to 1 [input_value={share}]"
            )));
        }
        let mut served = all("--served-model-name");
        if served.is_empty() {
            served.push(model.clone());
        }
        Ok(Self {
            served,
            host: last("--host").unwrap_or_else(|| "0.0.0.0".to_owned()),
            port: last("--port").and_then(|p| p.parse().ok()).unwrap_or(8000),
            traces,
            model,
            given,
        })
    }

    /// The last value of a flag that takes a number; suffixes as in `32k` are understood.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        let value = self.given.iter().rfind(|(flag, _)| *flag == name)?;
        human(&value.1)
    }

    /// Whether a switch is on; `None` where it was not given.
    #[must_use]
    pub fn switch(&self, name: &str) -> Option<bool> {
        let value = self.given.iter().rfind(|(flag, _)| *flag == name)?;
        Some(value.1 == "True")
    }

    /// Whether a flag was given.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(flag, _)| *flag == name)
    }
}

/// The flag of this name, `_` read as `-`, and whether it is the positive form of a switch.
fn find(name: &str) -> Option<(&'static flags::Flag, bool)> {
    let name = if name.starts_with("--") {
        name.replace('_', "-")
    } else {
        name.to_owned()
    };
    let named = |wanted: &str| FLAGS.iter().find(|flag| flag.names.contains(&wanted));
    if let Some(flag) = named(&name) {
        return Some((flag, true));
    }
    let positive = name.strip_prefix("--no-").map(|rest| format!("--{rest}"))?;
    named(&positive)
        .filter(|flag| flag.kind == Kind::Switch)
        .map(|flag| (flag, false))
}

fn shown(names: &[&str], kind: Kind) -> String {
    let mut all: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    if kind == Kind::Switch {
        all.extend(names.iter().map(|name| name.replacen("--", "--no-", 1)));
    }
    all.join("/")
}

fn check(kind: Kind, value: &str) -> Result<(), String> {
    let good = match kind {
        Kind::Int => value.parse::<i64>().is_ok(),
        Kind::Float => value.parse::<f64>().is_ok(),
        Kind::Size => value == "auto" || value == "-1" || human(value).is_some(),
        Kind::Json => serde_json::from_str::<serde_json::Value>(value).is_ok(),
        Kind::Choice(choices) => choices.contains(&value),
        Kind::Switch | Kind::Text | Kind::List => true,
    };
    if good {
        return Ok(());
    }
    Err(match kind {
        Kind::Int => format!("invalid int value: '{value}'"),
        Kind::Float => format!("invalid float value: '{value}'"),
        Kind::Size => format!("invalid human_readable_int_or_auto value: '{value}'"),
        Kind::Json => format!("invalid loads value: '{value}'"),
        Kind::Choice(choices) => {
            format!(
                "invalid choice: '{value}' (choose from {})",
                choices.join(", ")
            )
        }
        Kind::Switch | Kind::Text | Kind::List => String::new(),
    })
}

/// `32768`, `32k` (thousands), `32K` (1024s), `1.5m`.
fn human(text: &str) -> Option<u64> {
    let factors = [
        ('k', 1e3),
        ('m', 1e6),
        ('g', 1e9),
        ('K', 1024.0),
        ('M', 1_048_576.0),
    ];
    for (suffix, factor) in factors {
        if let Some(number) = text.strip_suffix(suffix) {
            let number: f64 = number.parse().ok().filter(|number| *number >= 0.0)?;
            return Some((number * factor) as u64);
        }
    }
    text.parse().ok()
}

/// What the server says of `VLLM_PORT`, which a Service named `vllm` fills with a URI.
///
/// # Errors
/// As the real server, in its words.
pub fn check_vllm_port(value: Option<&str>) -> Result<(), Refused> {
    let Some(value) = value.filter(|value| value.parse::<i64>().is_err()) else {
        return Ok(());
    };
    let scheme = value.split_once(':').map_or("", |(scheme, _)| scheme);
    if !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(raise(&format!(
            "ValueError: VLLM_PORT '{value}' appears to be a URI. This may be caused by a Kubernetes service discovery issue,check the warning in: https://docs.vllm.ai/en/stable/serving/env_vars.html"
        )));
    }
    Err(raise(&format!(
        "ValueError: VLLM_PORT '{value}' must be a valid integer"
    )))
}
