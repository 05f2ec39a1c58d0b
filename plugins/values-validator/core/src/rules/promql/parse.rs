//! PromQL's grammar, by descent.

use super::Fault;
use super::functions::{NAMES, aggregation, find};
use super::lex::{Token, Tokens, lex};

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
    const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "a number",
            Self::Vector => "an instant vector",
            Self::Matrix => "a range vector, such as metric[5m]",
            Self::Text => "a text in quotes",
        }
    }
}

/// Deeper than any rule; the stack of a browser is small.
const DEEPEST: usize = 60;

struct Parser {
    tokens: Tokens,
    at: usize,
    depth: usize,
    end: usize,
    metrics: Vec<String>,
}

type Parsed<T = Type> = Result<T, Fault>;

/// The metrics of an expression that gives a vector or a number.
pub fn parse(text: &str) -> Parsed<Vec<String>> {
    let mut parser = Parser {
        tokens: lex(text)?,
        at: 0,
        depth: 0,
        end: text.len(),
        metrics: Vec::new(),
    };
    let gives = parser.binary(0)?;
    if parser.at < parser.tokens.len() {
        return parser.fault("one more operand or the end");
    }
    match gives {
        Type::Vector | Type::Scalar => Ok(parser.metrics),
        Type::Matrix => fault(
            0,
            "a range vector cannot be alerted on: put rate(…) or max_over_time(…) round it",
        ),
        Type::Text => fault(0, "a text cannot be alerted on"),
    }
}

fn fault<T>(at: usize, text: impl Into<String>) -> Parsed<T> {
    Err(Fault {
        at,
        text: text.into(),
    })
}

/// Binary operators, the loosest first; `^` is the tightest and binds to the right.
const LEVELS: [&[&str]; 6] = [
    &["or"],
    &["and", "unless"],
    &["==", "!=", "<=", "<", ">=", ">"],
    &["+", "-"],
    &["*", "/", "%", "atan2"],
    &["^"],
];

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(at, _)| *at)
    }

    fn fault<T>(&self, expected: &str) -> Parsed<T> {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(Token::Sign(sign)) => format!("`{sign}`"),
            Some(Token::Name(name)) => format!("`{name}`"),
            Some(Token::Text(text)) => format!("{text:?}"),
            Some(Token::Number) => "a number".to_owned(),
            Some(Token::Duration | Token::NoTime) => "a duration".to_owned(),
        };
        fault(
            self.place(),
            format!("{found}, where {expected} is expected"),
        )
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(found)) if *found == sign)
    }

    fn word(&self) -> Option<String> {
        match self.peek() {
            Some(Token::Name(name)) => Some(name.to_ascii_lowercase()),
            _ => None,
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        self.at += usize::from(is);
        is
    }

    fn need(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign) {
            Ok(())
        } else {
            self.fault(&format!("`{sign}`"))
        }
    }

    fn operator(&self, level: usize) -> Option<&'static str> {
        let operators = LEVELS.get(level)?;
        let word = self.word();
        operators
            .iter()
            .copied()
            .find(|op| self.is(op) || word.as_deref() == Some(op))
    }

    fn binary(&mut self, level: usize) -> Parsed {
        if level == LEVELS.len() {
            return self.postfix();
        }
        // A sign binds like multiplication, looser than `^`.
        if level == LEVELS.len() - 1 && (self.is("-") || self.is("+")) {
            let at = self.place();
            self.at += 1;
            self.deeper()?;
            let gives = self.binary(level)?;
            self.depth -= 1;
            return match gives {
                Type::Scalar | Type::Vector => Ok(gives),
                _ => fault(at, format!("a sign before {}", gives.name())),
            };
        }
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(level) {
            let at = self.place();
            self.at += 1;
            let (boolean, matching) = self.modifiers()?;
            self.deeper()?;
            let right = if operator == "^" {
                self.binary(level)?
            } else {
                self.binary(level + 1)?
            };
            self.depth -= 1;
            left = combined(at, operator, left, right, boolean, matching)?;
        }
        Ok(left)
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            fault(self.place(), "nested too deeply")
        } else {
            Ok(())
        }
    }

    /// `bool on (a) group_left (b)`
    fn modifiers(&mut self) -> Parsed<(bool, bool)> {
        let boolean = self.word().as_deref() == Some("bool");
        self.at += usize::from(boolean);
        let mut matching = false;
        if matches!(self.word().as_deref(), Some("on" | "ignoring")) {
            self.at += 1;
            self.labels()?;
            matching = true;
            if matches!(self.word().as_deref(), Some("group_left" | "group_right")) {
                self.at += 1;
                if self.is("(") {
                    self.labels()?;
                }
            }
        }
        Ok((boolean, matching))
    }

    /// `(a, b)`
    fn labels(&mut self) -> Parsed<()> {
        self.need("(")?;
        while !self.take(")") {
            match self.peek() {
                Some(Token::Name(name)) if !name.contains(':') => self.at += 1,
                Some(Token::Text(_)) => self.at += 1,
                _ => return self.fault("a label's name"),
            }
            if !self.is(")") {
                self.need(",")?;
            }
        }
        Ok(())
    }

    /// An operand with its ranges, offsets and moments.
    fn postfix(&mut self) -> Parsed {
        let at = self.place();
        let (mut gives, selector) = self.primary()?;
        let mut ranged = false;
        loop {
            if self.is("[") {
                let range = self.place();
                self.at += 1;
                let subquery = self.range()?;
                if gives != Type::Vector && !(subquery && gives == Type::Scalar) {
                    return fault(range, format!("a range after {}", gives.name()));
                }
                if !subquery && (!selector || ranged) {
                    return fault(
                        range,
                        "a range after an expression; write a subquery: [5m:]",
                    );
                }
                gives = Type::Matrix;
                ranged = true;
            } else if self.word().as_deref() == Some("offset") {
                self.at += 1;
                let _ = self.take("-") || self.take("+");
                self.time()?;
                self.movable(at, selector, ranged)?;
            } else if self.take("@") {
                let _ = self.take("-") || self.take("+");
                match (self.word().as_deref(), self.peek()) {
                    (Some("start" | "end"), _) => {
                        self.at += 1;
                        self.need("(")?;
                        self.need(")")?;
                    }
                    (_, Some(Token::Number)) => self.at += 1,
                    _ => return self.fault("a time"),
                }
                self.movable(at, selector, ranged)?;
            } else {
                return Ok(gives);
            }
        }
    }

    fn movable(&self, at: usize, selector: bool, ranged: bool) -> Parsed<()> {
        if selector || ranged {
            Ok(())
        } else {
            fault(at, "offset and @ move selectors and subqueries only")
        }
    }

    fn time(&mut self) -> Parsed<()> {
        match self.peek() {
            Some(Token::Duration | Token::NoTime | Token::Number) => {
                self.at += 1;
                Ok(())
            }
            _ => self.fault("a duration, such as 5m,"),
        }
    }

    /// `5m]` or `1h:5m]`; whether it is a subquery's.
    fn range(&mut self) -> Parsed<bool> {
        if self.peek() == Some(&Token::NoTime) {
            return self.fault("a duration above 0");
        }
        self.time()?;
        let subquery = self.take(":");
        if subquery && !self.is("]") {
            self.time()?;
        }
        self.need("]")?;
        Ok(subquery)
    }

    /// Type, and whether it is a selector.
    fn primary(&mut self) -> Parsed<(Type, bool)> {
        let at = self.place();
        match self.peek().cloned() {
            Some(Token::Number | Token::Duration | Token::NoTime) => {
                self.at += 1;
                Ok((Type::Scalar, false))
            }
            Some(Token::Text(_)) => {
                self.at += 1;
                Ok((Type::Text, false))
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                self.deeper()?;
                let gives = self.binary(0)?;
                self.depth -= 1;
                self.need(")")?;
                Ok((gives, false))
            }
            Some(Token::Sign("{")) => {
                if !self.matchers()? {
                    return fault(
                        at,
                        "a selector that matches everything; name a metric or a label",
                    );
                }
                Ok((Type::Vector, true))
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                let lower = name.to_ascii_lowercase();
                if let Some(parameter) = aggregation(&lower)
                    && (self.is("(") || matches!(self.word().as_deref(), Some("by" | "without")))
                {
                    return self.aggregate(at, &name, parameter);
                }
                if self.is("(") {
                    return self.call(at, &name);
                }
                if matches!(
                    lower.as_str(),
                    "on" | "ignoring" | "bool" | "group_left" | "group_right"
                ) {
                    self.at -= 1;
                    return self.fault("an operand");
                }
                self.metrics.push(name);
                if self.is("{") {
                    self.matchers()?;
                }
                Ok((Type::Vector, true))
            }
            _ => self.fault("an operand"),
        }
    }

    /// `{a="b", c=~"d"}`; whether one of them excludes the empty text. A quoted name is a metric's.
    fn matchers(&mut self) -> Parsed<bool> {
        self.need("{")?;
        let mut selects = false;
        while !self.take("}") {
            let quoted = matches!(self.peek(), Some(Token::Text(_)));
            let name = match self.peek().cloned() {
                Some(Token::Text(name)) => name,
                Some(Token::Name(name)) if !name.contains(':') => name,
                _ => return self.fault("a label's name"),
            };
            self.at += 1;
            if quoted && (self.is(",") || self.is("}")) {
                self.metrics.push(name);
                selects = true;
            } else {
                selects |= self.matcher(&name)?;
            }
            if !self.is("}") {
                self.need(",")?;
            }
        }
        Ok(selects)
    }

    fn matcher(&mut self, name: &str) -> Parsed<bool> {
        let operator = ["=~", "!~", "!=", "="].into_iter().find(|op| self.is(op));
        let Some(operator) = operator else {
            return self.fault("=, !=, =~ or !~");
        };
        self.at += 1;
        let Some(Token::Text(text)) = self.peek().cloned() else {
            return self.fault("a text in quotes");
        };
        let at = self.place();
        self.at += 1;
        if name == "__name__" && operator == "=" {
            self.metrics.push(text.clone());
        }
        if operator.contains('~') {
            let pattern = text.replace("\\\\", "\\");
            match regex_lite::Regex::new(&format!("^(?:{pattern})$")) {
                // A few classes of RE2 are unknown to it: only brackets that do not match are sure.
                Err(_) if pattern.matches('(').count() != pattern.matches(')').count() => {
                    return fault(
                        at,
                        format!("{text:?}, a pattern whose brackets do not match"),
                    );
                }
                Err(_) => return Ok(true),
                Ok(pattern) => return Ok(pattern.is_match("") == (operator == "!~")),
            }
        }
        Ok(text.is_empty() == (operator == "!="))
    }

    fn grouping(&mut self) -> Parsed<bool> {
        let is = matches!(self.word().as_deref(), Some("by" | "without"));
        if is {
            self.at += 1;
            self.labels()?;
        }
        Ok(is)
    }

    fn aggregate(
        &mut self,
        at: usize,
        name: &str,
        parameter: Option<Type>,
    ) -> Parsed<(Type, bool)> {
        let grouped = self.grouping()?;
        let takes: &[Type] = match parameter {
            None => &[Type::Vector],
            Some(Type::Text) => &[Type::Text, Type::Vector],
            Some(_) => &[Type::Scalar, Type::Vector],
        };
        let given = self.arguments()?;
        self.fits(at, name, takes, 0, false, &given)?;
        if !grouped {
            self.grouping()?;
        }
        Ok((Type::Vector, false))
    }

    fn call(&mut self, at: usize, name: &str) -> Parsed<(Type, bool)> {
        let Some(function) = find(name) else {
            let near = NAMES
                .iter()
                .filter(|known| strsim::damerau_levenshtein(known, name) <= 2);
            let near = near.min_by_key(|known| strsim::damerau_levenshtein(known, name));
            let meant = near.map_or(String::new(), |near| format!("; `{near}` is meant?"));
            return fault(at, format!("the unknown function `{name}`{meant}"));
        };
        let given = self.arguments()?;
        self.fits(
            at,
            name,
            function.takes,
            function.optional,
            function.repeated,
            &given,
        )?;
        Ok((function.gives, false))
    }

    fn arguments(&mut self) -> Parsed<Vec<(usize, Type)>> {
        self.need("(")?;
        self.deeper()?;
        let mut given = Vec::new();
        while !self.take(")") {
            let at = self.place();
            given.push((at, self.binary(0)?));
            if !self.is(")") {
                self.need(",")?;
                if self.is(")") {
                    return self.fault("one more argument");
                }
            }
        }
        self.depth -= 1;
        Ok(given)
    }

    fn fits(
        &self,
        at: usize,
        name: &str,
        takes: &[Type],
        optional: usize,
        repeated: bool,
        given: &[(usize, Type)],
    ) -> Parsed<()> {
        let least = takes.len() - optional;
        if given.len() < least || (given.len() > takes.len() && !repeated) {
            return fault(
                at,
                format!(
                    "{name} with {} arguments, it takes {}",
                    given.len(),
                    takes.len()
                ),
            );
        }
        for (index, (at, has)) in given.iter().enumerate() {
            let wanted = takes
                .get(index)
                .or(takes.last())
                .copied()
                .unwrap_or(Type::Vector);
            if *has != wanted {
                return fault(
                    *at,
                    format!("{name} takes {} here, not {}", wanted.name(), has.name()),
                );
            }
        }
        Ok(())
    }
}

/// The type of `left operator right`.
fn combined(
    at: usize,
    operator: &str,
    left: Type,
    right: Type,
    boolean: bool,
    matching: bool,
) -> Parsed {
    for side in [left, right] {
        if !matches!(side, Type::Scalar | Type::Vector) {
            return fault(at, format!("`{operator}` beside {}", side.name()));
        }
    }
    let scalars = left == Type::Scalar && right == Type::Scalar;
    let comparison = LEVELS[2].contains(&operator);
    if boolean && !comparison {
        return fault(
            at,
            format!("bool after `{operator}`, which is no comparison"),
        );
    }
    if scalars && comparison && !boolean {
        return fault(at, format!("`{operator}` between numbers needs bool"));
    }
    if matches!(operator, "and" | "or" | "unless")
        && (left == Type::Scalar || right == Type::Scalar)
    {
        return fault(at, format!("`{operator}` beside a number"));
    }
    if matching && (left == Type::Scalar || right == Type::Scalar) {
        return fault(at, "on and ignoring match vectors, not numbers");
    }
    Ok(if scalars { Type::Scalar } else { Type::Vector })
}
