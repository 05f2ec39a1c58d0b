//! The command line of `vllm serve`, as far as a chart's user writes it.

use lexopt::{Arg, Parser};

/// Options of the real server that take a value; they are accepted and change nothing here.
const WITH_VALUE: [&str; 21] = [
    "collect-detailed-traces",
    "data-parallel-size",
    "download-dir",
    "dtype",
    "gpu-memory-utilization",
    "host",
    "kv-cache-dtype",
    "kv-transfer-config",
    "load-format",
    "max-model-len",
    "max-num-batched-tokens",
    "max-num-seqs",
    "pipeline-parallel-size",
    "quantization",
    "reasoning-parser",
    "seed",
    "speculative-config",
    "tensor-parallel-size",
    "tokenizer",
    "tool-call-parser",
    "uvicorn-log-level",
];

/// Options of the real server that take none.
const WITHOUT_VALUE: [&str; 8] = [
    "disable-log-requests",
    "enable-auto-tool-choice",
    "enable-chunked-prefill",
    "enable-expert-parallel",
    "enable-prefix-caching",
    "enforce-eager",
    "no-enable-prefix-caching",
    "trust-remote-code",
];

/// What is done with the command line.
#[derive(Debug, PartialEq)]
pub struct Arguments {
    /// `--port`.
    pub port: u16,
    /// `--served-model-name`, else the model.
    pub served_name: String,
    /// `--otlp-traces-endpoint`.
    pub otlp_endpoint: Option<String>,
}

/// A command line that the real server refuses; what argparse says of it.
#[derive(Debug, PartialEq)]
pub struct Usage(pub String);

impl From<lexopt::Error> for Usage {
    fn from(error: lexopt::Error) -> Self {
        Self(error.to_string())
    }
}

/// Reads `[serve] [MODEL] --option…`; an image's entry point may hold `serve` itself.
///
/// # Errors
/// When an option is none of vLLM's, lacks its value, or has a wrong one.
pub fn parse(mut parser: Parser) -> Result<Arguments, Usage> {
    let (mut port, mut model, mut served, mut otlp_endpoint) = (8000, None, None, None);
    let mut first = true;
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Value(value) if first && value == "serve" => {}
            Arg::Value(value) if model.is_none() => model = Some(text(value)?),
            Arg::Long("model") => model = Some(text(parser.value()?)?),
            Arg::Long("served-model-name") => served = Some(text(parser.value()?)?),
            Arg::Long("otlp-traces-endpoint") => otlp_endpoint = Some(text(parser.value()?)?),
            Arg::Long("port") => {
                let value = text(parser.value()?)?;
                port = value
                    .parse()
                    .map_err(|_| Usage(format!("argument --port: invalid int value: '{value}'")))?;
            }
            Arg::Long(name) if WITH_VALUE.contains(&name) => {
                parser.value()?;
            }
            Arg::Long(name) if WITHOUT_VALUE.contains(&name) => {}
            Arg::Long(name) => return Err(Usage(format!("unrecognized arguments: --{name}"))),
            Arg::Short(name) => return Err(Usage(format!("unrecognized arguments: -{name}"))),
            Arg::Value(value) => {
                return Err(Usage(format!("unrecognized arguments: {}", text(value)?)));
            }
        }
        first = false;
    }
    let model = model.unwrap_or_else(|| "Qwen/Qwen3-0.6B".to_owned()); // the real default
    Ok(Arguments {
        port,
        served_name: served.unwrap_or(model),
        otlp_endpoint,
    })
}

fn text(value: std::ffi::OsString) -> Result<String, Usage> {
    value
        .into_string()
        .map_err(|value| Usage(format!("not UTF-8: {}", value.to_string_lossy())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, Usage> {
        parse(Parser::from_args(line.split_whitespace()))
    }

    #[test]
    fn the_charts_command_line_is_understood() {
        let line = "--model=Qwen/Qwen3 --served-model-name=qwen3 --port=8001 --tensor-parallel-size=4 --otlp-traces-endpoint=http://c:4317";
        let arguments = Arguments {
            port: 8001,
            served_name: "qwen3".to_owned(),
            otlp_endpoint: Some("http://c:4317".to_owned()),
        };
        assert_eq!(read(line).unwrap(), arguments);
    }

    #[test]
    fn without_options_the_model_is_the_name_and_nothing_is_traced() {
        let arguments = read("serve Qwen/Qwen3 --enforce-eager").unwrap();
        assert_eq!((arguments.port, arguments.otlp_endpoint), (8000, None));
        assert_eq!(arguments.served_name, "Qwen/Qwen3");
    }

    #[test]
    fn what_argparse_refuses_is_refused() {
        for (line, said) in [
            (
                "--otlp-endpoint=http://c:4317",
                "unrecognized arguments: --otlp-endpoint",
            ),
            ("--port=http", "invalid int value"),
            ("a b", "unrecognized arguments: b"),
            ("--model", "missing"),
        ] {
            let Usage(error) = read(line).unwrap_err();
            assert!(error.contains(said), "{line}: {error}");
        }
    }
}
