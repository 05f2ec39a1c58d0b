//! `capture`: records a running vLLM into `tests/fixtures/vllm/<release>/`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use capture::{Options, Receiver, record};
use lexopt::ValueExt as _;

const USAGE: &str = "\
capture --release 0.34.0 --model NAME [--url http://127.0.0.1:8000] [--variant TEXT] [--minutes 6] [--otlp 127.0.0.1:4317]

Records a vLLM server into tests/fixtures/vllm/<release>[/<variant>]: start this first, then the server, so that its
start-up spans are recorded too:

  OTEL_TRACES_SAMPLER=always_on vllm serve … --otlp-traces-endpoint http://127.0.0.1:4317

A server that asks for a token finds it in VLLM_API_KEY. The prompts are fixed sentences; nothing else is sent.
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("capture: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let (mut release, mut model, mut variant) = (None, None, None);
    let mut url = "http://127.0.0.1:8000".to_owned();
    let mut otlp: SocketAddr = ([127, 0, 0, 1], 4317).into();
    let mut minutes = 6.0_f64;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("release") => release = Some(arguments.value()?.string()?),
            lexopt::Arg::Long("variant") => variant = Some(arguments.value()?.string()?),
            lexopt::Arg::Long("model") => model = Some(arguments.value()?.string()?),
            lexopt::Arg::Long("url") => url = arguments.value()?.string()?,
            lexopt::Arg::Long("otlp") => otlp = arguments.value()?.parse()?,
            lexopt::Arg::Long("minutes") => minutes = arguments.value()?.parse()?,
            lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                print!("{USAGE}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let release = release.context("--release is missing, such as --release 0.34.0")?;
    if !release.split('.').all(|part| part.parse::<u32>().is_ok()) {
        bail!("--release: found {release:?}, expected numbers such as 0.34.0");
    }
    if !(minutes > 0.0 && minutes.is_finite()) {
        bail!("--minutes: found {minutes}, expected a number above 0");
    }
    let mut folder = captures::fixtures().join(&release);
    folder.extend(variant);
    let receiver = Receiver::start(otlp)?;
    let options = Options {
        url,
        model: model.context("--model is missing: the name that the server serves")?,
        token: std::env::var("VLLM_API_KEY").ok(),
        folder,
        load: Duration::from_secs_f64(minutes * 60.0),
        every: Duration::from_secs(5),
    };
    record(&options, &receiver, |line| eprintln!("capture: {line}"))?;
    eprintln!(
        "capture: now `cargo test -p vllm-catalog`: each difference it names is a line for plugins/catalog"
    );
    Ok(())
}
