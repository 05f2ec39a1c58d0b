//! PromQL as a tree.

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A number.
    Scalar,
    /// A sample of each series.
    Vector,
    /// Samples of each series over a range.
    Matrix,
    /// A text.
    Text,
}

impl Type {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "a number",
            Self::Vector => "an instant vector",
            Self::Matrix => "a range vector, such as metric[5m]",
            Self::Text => "a text in quotes",
        }
    }
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Bytes from the start of the text.
    pub at: usize,
    /// Its type.
    pub gives: Type,
    /// What it is.
    pub kind: Kind,
}

/// `le="0.5"`
#[derive(Debug, Clone, PartialEq)]
pub struct Matcher {
    /// Bytes from the start of the text to the label's name.
    pub at: usize,
    /// The label.
    pub label: String,
    /// `=`, `!=`, `=~` or `!~`
    pub operator: &'static str,
    /// The text, without quotes and escapes.
    pub value: String,
}

/// A label in `by (…)`, `on (…)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Bytes from the start of the text.
    pub at: usize,
    /// Its name.
    pub name: String,
}

/// Labels kept (`by`, `on`) or left out (`without`, `ignoring`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grouping {
    /// Whether those named are left out.
    pub without: bool,
    /// Those named.
    pub labels: Vec<Label>,
}

/// `group_left (a)`: which side has several series for one of the other, and the labels it takes from there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Many {
    /// Whether it is the right side.
    pub right: bool,
    /// Labels of the other side.
    pub labels: Vec<Label>,
}

/// What an expression is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `90`, `5m`
    Number(f64),
    /// `"a"`
    Text(String),
    /// `name{label="a"}`
    Selector {
        /// The metric; empty where no single name is given.
        name: String,
        /// All but the name's.
        matchers: Vec<Matcher>,
    },
    /// `x[5m]`, `x[1h:5m]`
    Range {
        /// What is looked back on.
        of: Box<Expr>,
        /// How long, in seconds.
        seconds: f64,
        /// Whether it is a subquery.
        subquery: bool,
        /// Where its length is a number without a unit, and that number.
        unitless: Option<(usize, f64)>,
    },
    /// `x offset 5m`, `x @ end()`
    Moved {
        /// What is moved in time.
        of: Box<Expr>,
        /// As in [`Kind::Range`].
        unitless: Option<(usize, f64)>,
        /// How far back, in seconds; 0 where that is not known.
        #[cfg(feature = "full")]
        back: f64,
    },
    /// `rate(x)`
    Call {
        /// The function.
        name: String,
        /// What it is given.
        arguments: Vec<Expr>,
    },
    /// `sum by (a) (x)`
    Aggregate {
        /// In small letters.
        name: String,
        /// None: everything becomes one.
        grouping: Option<Grouping>,
        /// Of `topk` and its like.
        parameter: Option<Box<Expr>>,
        /// What is put together.
        of: Box<Expr>,
    },
    /// `a / on (b) c`
    Binary {
        /// The operator.
        operator: &'static str,
        /// Whether `bool` follows it.
        boolean: bool,
        /// `on` or `ignoring`.
        matching: Option<Grouping>,
        /// `group_left` or `group_right`.
        many: Option<Many>,
        /// Before it.
        left: Box<Expr>,
        /// Behind it.
        right: Box<Expr>,
    },
    /// `-x`
    Negative(Box<Expr>),
}

impl Expr {
    /// The expressions that this one is made of.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Number(_) | Kind::Text(_) | Kind::Selector { .. } => Vec::new(),
            Kind::Range { of, .. } | Kind::Moved { of, .. } | Kind::Negative(of) => vec![of],
            Kind::Call { arguments, .. } => arguments.iter().collect(),
            Kind::Aggregate { parameter, of, .. } => {
                parameter.iter().map(|p| &**p).chain([&**of]).collect()
            }
            Kind::Binary { left, right, .. } => vec![left, right],
        }
    }

    /// The names of all metrics, in their order, with their places.
    pub fn metrics(&self, out: &mut Vec<(usize, String)>) {
        if let Kind::Selector { name, .. } = &self.kind
            && !name.is_empty()
        {
            out.push((self.at, name.clone()));
        }
        for part in self.parts() {
            part.metrics(out);
        }
    }

    /// The number that it is, where it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match &self.kind {
            Kind::Number(number) => Some(*number),
            Kind::Negative(of) => Some(-of.number()?),
            Kind::Binary {
                operator,
                left,
                right,
                ..
            } => {
                let (a, b) = (left.number()?, right.number()?);
                match *operator {
                    "+" => Some(a + b),
                    "-" => Some(a - b),
                    "*" => Some(a * b),
                    "/" => Some(a / b),
                    "^" => power(a, b),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// A power with a whole exponent; of others, which nobody writes, `pow` would be 9 kB of a module.
fn power(base: f64, exponent: f64) -> Option<f64> {
    let times = exponent.abs();
    if times.fract() != 0.0 || times > 308.0 {
        return None;
    }
    let mut product = 1.0;
    let mut done = 0.0;
    while done < times {
        product *= base;
        done += 1.0;
    }
    Some(if exponent < 0.0 {
        1.0 / product
    } else {
        product
    })
}
