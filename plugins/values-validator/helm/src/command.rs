//! What the plugin does with its arguments and standard input; knows no host.

use values_validator_core::{Input, Report, Set, SetKind, Severity, Source, check, render};

/// Shown for `--help`.
const USAGE: &str = "\
Checks values of the chart vllm-monitoring before they are installed.

Usage:
  helm vllm-values [flags] < values.yaml
  helm get values RELEASE -o yaml | helm vllm-values [flags]

Flags:
      --format FORMAT      text (default), json, sarif, or github (annotations of a workflow run)
      --name FILE          what findings call standard input (default: values.yaml)
      --set KEY=VALUE      as of helm install, over the file; also --set-string, --set-json and --set-literal
      --strict             warnings are errors
  -h, --help               this text

Findings go to standard output. The status is 1 where there is an error, else 0.
Helm gives a plugin no files: for several files at once, use the native command vllm-values.
";

/// What is written and how it ends.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// For standard output.
    pub output: String,
    /// Why it fails, in one line; Helm prints it.
    pub error: Option<String>,
}

#[derive(Clone, Copy)]
enum Format {
    Text,
    Json,
    Github,
    Sarif,
}

struct Options {
    format: Format,
    name: String,
    sets: Vec<Set>,
    strict: bool,
}

/// Runs the plugin. `read` gives standard input and is called only when it is needed.
pub fn run(arguments: &[String], read: impl FnOnce() -> Result<Vec<u8>, String>) -> Outcome {
    match answer(arguments, read) {
        Ok(outcome) => outcome,
        Err(error) => Outcome {
            output: String::new(),
            error: Some(error),
        },
    }
}

fn answer(
    arguments: &[String],
    read: impl FnOnce() -> Result<Vec<u8>, String>,
) -> Result<Outcome, String> {
    let Some(options) = parse(arguments)? else {
        return Ok(Outcome {
            output: USAGE.to_owned(),
            error: None,
        });
    };
    let bytes = read()?;
    if bytes.is_empty() && options.sets.is_empty() {
        return Err(
            "standard input is empty; expected values: helm vllm-values < values.yaml".to_owned(),
        );
    }
    let input = Input {
        sources: vec![Source::from_bytes(options.name, &bytes)],
        sets: options.sets,
    };
    let report = check(&input);
    let output = match options.format {
        Format::Text => render::text(&report),
        Format::Json => render::json(&report),
        Format::Github => render::github(&report),
        Format::Sarif => render::sarif(&report),
    };
    Ok(Outcome {
        output,
        error: verdict(&report, options.strict),
    })
}

/// Why a report fails, if it does.
fn verdict(report: &Report, strict: bool) -> Option<String> {
    let warned = strict && report.count(Severity::Warning) > 0;
    (report.failed() || warned).then(|| format!("values: {}", render::summary(report)))
}

/// `None` where help is asked for.
fn parse(arguments: &[String]) -> Result<Option<Options>, String> {
    use lexopt::prelude::*;

    let mut options = Options {
        format: Format::Text,
        name: "values.yaml".to_owned(),
        sets: Vec::new(),
        strict: false,
    };
    let text = |parser: &mut lexopt::Parser| {
        let value = parser.value().map_err(|error| error.to_string())?;
        value.string().map_err(|error| error.to_string())
    };
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        let kind = match argument {
            Long("set") => SetKind::Set,
            Long("set-string") => SetKind::String,
            Long("set-json") => SetKind::Json,
            Long("set-literal") => SetKind::Literal,
            Long("format") => {
                options.format = match text(&mut parser)?.as_str() {
                    "text" => Format::Text,
                    "json" => Format::Json,
                    "github" => Format::Github,
                    "sarif" => Format::Sarif,
                    other => {
                        return Err(format!(
                            "--format: found '{other}'; expected text, json, sarif or github"
                        ));
                    }
                };
                continue;
            }
            Long("name") => {
                options.name = text(&mut parser)?;
                continue;
            }
            Long("strict") => {
                options.strict = true;
                continue;
            }
            Short('h') | Long("help") => return Ok(None),
            Short('f') | Long("values") => {
                return Err(
                    "-f: Helm gives a plugin no files; write `helm vllm-values < FILE`, or use the native command for several files".to_owned(),
                );
            }
            Value(value) if value == "-" => continue,
            Value(value) => {
                return Err(format!(
                    "found the argument '{}'; Helm gives a plugin no files: write `helm vllm-values < FILE`",
                    value.to_string_lossy()
                ));
            }
            other => {
                return Err(format!(
                    "{}; see helm vllm-values --help",
                    other.unexpected()
                ));
            }
        };
        options.sets.push(Set::new(kind, text(&mut parser)?));
    }
    Ok(Some(options))
}
