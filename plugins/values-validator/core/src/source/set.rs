//! Arguments of the command line.

/// Which of helm's flags an argument was given with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetKind {
    /// `--set-json`: applied first, whatever the order on the command line.
    Json,
    /// `--set`
    Set,
    /// `--set-string`
    String,
    /// `--set-file`, with what the file holds in the place of its name.
    File,
    /// `--set-literal`: applied last.
    Literal,
}

impl SetKind {
    /// All of them, in the order in which helm applies them.
    pub const ORDER: [Self; 5] = [
        Self::Json,
        Self::Set,
        Self::String,
        Self::File,
        Self::Literal,
    ];

    /// The flag, as it is typed.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Json => "--set-json",
            Self::Set => "--set",
            Self::String => "--set-string",
            Self::File => "--set-file",
            Self::Literal => "--set-literal",
        }
    }
}

/// One argument of `--set` and its like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// The flag.
    pub kind: SetKind,
    /// What followed it: `a.b=1,c={x,y}`.
    pub text: String,
}

impl Set {
    /// The argument for a chart that is below a key of another's values; none where it is not about it.
    #[must_use]
    pub fn below(self, key: &str) -> Option<Self> {
        let rest = self.text.strip_prefix(key)?.strip_prefix('.')?;
        Some(Self::new(self.kind, rest))
    }

    /// An argument of that flag.
    #[must_use]
    pub fn new(kind: SetKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }
}
