//! The command line.

use std::path::PathBuf;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, ValueEnum};
use values_validator_core::{Set, SetKind};

/// Checks values of the chart vllm-monitoring before they are installed.
///
/// Says by file, line and column what is wrong, why it matters and how to fix it. Status 0: no
/// error; 1: errors in the values; 2: wrong arguments or a file that cannot be read.
/// `vllm-values lint FILE…` checks the PromQL of rule files and dashboards (see vllm-values lint --help).
#[derive(Debug, Parser)]
#[command(name = "vllm-values", version, max_term_width = 100)]
pub struct Args {
    /// Values files, each checked by itself, over those of --values; `-` is standard input
    ///
    /// Without any file, standard input is checked.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Values file of one release; given several times, later ones win, as with helm
    #[arg(
        short = 'f',
        long = "values",
        value_name = "FILE",
        value_delimiter = ','
    )]
    pub values: Vec<PathBuf>,

    /// Set a value over the files, as with helm: a.b=1,c={x,y}
    #[arg(long, value_name = "KEY=VALUE", allow_hyphen_values = true)]
    set: Vec<String>,

    /// Set a text over the files
    #[arg(long, value_name = "KEY=VALUE", allow_hyphen_values = true)]
    set_string: Vec<String>,

    /// Set JSON over the files: a.b={"c": 1}
    #[arg(long, value_name = "KEY=JSON", allow_hyphen_values = true)]
    set_json: Vec<String>,

    /// Set a text over the files, from a file
    #[arg(long, value_name = "KEY=FILE", allow_hyphen_values = true)]
    set_file: Vec<String>,

    /// Set a text over the files, without commas and braces having a meaning
    #[arg(long, value_name = "KEY=VALUE", allow_hyphen_values = true)]
    set_literal: Vec<String>,

    /// Values of a chart that has this one below it: the key of this chart in its values
    #[arg(long, value_name = "KEY")]
    pub at: Option<String>,

    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// Show the edits that the findings propose, as a diff
    #[arg(long)]
    pub diff: bool,

    /// Show the edits as a diff, and make them in the files
    #[arg(long)]
    pub fix: bool,

    /// Explain a code and end
    #[arg(long, value_name = "CODE")]
    pub explain: Option<String>,

    /// Configuration of the project; .vllm-values.yaml is read where it is there
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Warnings are errors
    #[arg(long)]
    pub strict: bool,

    /// Colours; NO_COLOR and CLICOLOR_FORCE are heard where it is auto
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,

    /// The arguments that set values, in the order of the command line.
    #[arg(skip)]
    pub sets: Vec<Set>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: with an excerpt and a caret
    Text,
    /// For programs: one JSON object
    Json,
    /// For GitHub Actions: annotations at the lines of a change
    Github,
    /// For code scanning: SARIF 2.1.0
    Sarif,
}

/// When there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// In a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<Color> for anstream::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

impl Args {
    /// Those of this process; ends it where they are wrong, or ask for help.
    pub fn get() -> Self {
        let mut command = Self::command();
        // As a plugin of Helm it is called otherwise.
        if std::env::var_os("HELM_PLUGIN_NAME").is_some() {
            command = command.bin_name("helm vllm-values");
        }
        let matches = command.get_matches();
        match Self::from_arg_matches(&matches) {
            Ok(args) => args.with_sets(&matches),
            Err(error) => error.exit(),
        }
    }

    fn with_sets(mut self, matches: &ArgMatches) -> Self {
        let mut sets = Vec::new();
        for (id, kind, texts) in [
            ("set", SetKind::Set, &self.set),
            ("set_string", SetKind::String, &self.set_string),
            ("set_json", SetKind::Json, &self.set_json),
            ("set_file", SetKind::File, &self.set_file),
            ("set_literal", SetKind::Literal, &self.set_literal),
        ] {
            let indices = matches.indices_of(id).into_iter().flatten();
            sets.extend(indices.zip(texts.iter().map(|text| Set::new(kind, text))));
        }
        sets.sort_by_key(|(index, _)| *index);
        self.sets = sets.into_iter().map(|(_, set)| set).collect();
        self
    }
}
