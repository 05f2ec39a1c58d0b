//! Files and standard input, as the inputs of checks.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use values_validator_core::{Config, Input, Set, SetKind, Source};

use crate::args::Args;

/// Names standard input on the command line and in findings.
const STDIN: &str = "-";

/// Most bytes of a file: a release with its values must fit into a Secret of 1 MiB, so what is
/// longer is no values file.
const LONGEST: u64 = 16 << 20;

/// One input for each check that is asked for.
///
/// # Errors
/// When a file cannot be read or nothing was given, in one line.
pub fn inputs(args: &Args) -> Result<Vec<Input>, String> {
    let mut stdin = Stdin::default();
    let mut below = Vec::new();
    for file in &args.values {
        below.push(source(file, &mut stdin)?);
    }
    let mut sets = args.sets.clone();
    for set in &mut sets {
        if set.kind == SetKind::File {
            *set = from_file(set)?;
        }
    }
    if let Some(at) = &args.at {
        sets = sets.into_iter().filter_map(|set| set.below(at)).collect();
    }
    let input = |sources: Vec<Source>| Input {
        sources: match &args.at {
            Some(at) => sources.into_iter().map(|source| source.below(at)).collect(),
            None => sources,
        },
        sets: sets.clone(),
    };
    if args.files.is_empty() {
        if below.is_empty() && args.sets.is_empty() {
            below.push(unasked(&mut stdin)?);
        }
        return Ok(vec![input(below)]);
    }
    let mut inputs = Vec::new();
    for file in &args.files {
        let mut sources = below.clone();
        sources.push(source(file, &mut stdin)?);
        inputs.push(input(sources));
    }
    Ok(inputs)
}

/// The configuration of the project: that file, or `.vllm-values.yaml` where there is one.
///
/// # Errors
/// When it cannot be read, in one line.
pub fn config(file: Option<&Path>) -> Result<Config, String> {
    const USUAL: &str = ".vllm-values.yaml";
    let name = file.unwrap_or(Path::new(USUAL));
    let bytes = match std::fs::read(name) {
        Ok(bytes) => bytes,
        Err(error) if file.is_none() && error.kind() == io::ErrorKind::NotFound => {
            return Ok(Config::default());
        }
        Err(error) => return Err(format!("{}: {error}", name.display())),
    };
    Config::read(&Source::from_bytes(name.display().to_string(), &bytes))
}

/// `--set-file KEY=FILE` with what the file holds.
fn from_file(set: &Set) -> Result<Set, String> {
    let Some((key, file)) = set.text.split_once('=') else {
        return Err(format!(
            "--set-file {}: found no `=`; expected KEY=FILE",
            set.text
        ));
    };
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("--set-file {key}={file}: {error}"))?;
    Ok(Set::new(SetKind::File, format!("{key}={text}")))
}

/// Standard input where no file is named: in a job of CI it is often there and empty, and then
/// somebody forgot the file.
fn unasked(stdin: &mut Stdin) -> Result<Source, String> {
    const NOTHING: &str =
        "nothing to check; expected values files, --set, or values on standard input";
    if io::stdin().is_terminal() {
        return Err(format!("{NOTHING} (see --help)"));
    }
    let bytes = stdin.read()?;
    if bytes.is_empty() {
        return Err(format!("{NOTHING}, which is empty (see --help)"));
    }
    Ok(Source::from_bytes(STDIN, &bytes))
}

fn source(file: &Path, stdin: &mut Stdin) -> Result<Source, String> {
    let name = file.display().to_string();
    let bytes = if name == STDIN {
        stdin.read()?
    } else {
        let file = File::open(file).map_err(|error| format!("{name}: {error}"))?;
        all(file, &name)?
    };
    Ok(Source::from_bytes(name, &bytes))
}

fn all(from: impl Read, name: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("{name}: {error}"))?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!(
            "{name}: found more than {} MiB; expected a values file",
            LONGEST >> 20
        ));
    }
    Ok(bytes)
}

/// Standard input can be read once.
#[derive(Default)]
struct Stdin {
    taken: bool,
}

impl Stdin {
    fn read(&mut self) -> Result<Vec<u8>, String> {
        if std::mem::replace(&mut self.taken, true) {
            return Err(format!(
                "found '{STDIN}' twice; standard input can be read once"
            ));
        }
        all(io::stdin().lock(), "standard input")
    }
}
