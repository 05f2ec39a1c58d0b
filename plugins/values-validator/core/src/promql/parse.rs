//! PromQL's grammar, by descent.

use super::Fault;
use super::expr::{Expr, Grouping, Kind, Label, Many, Matcher, Type};
use super::functions::{EXPERIMENTAL, NAMES, aggregation, find};
use super::lex::{Token, Tokens, lex};

/// Deeper than any rule; the stack of a browser is small.
const DEEPEST: usize = 60;

struct Parser {
    tokens: Tokens,
    at: usize,
    depth: usize,
    end: usize,
}

type Parsed<T = Expr> = Result<T, Fault>;

/// Reads an expression that gives a vector or a number.
pub fn parse(text: &str) -> Parsed {
    let mut parser = Parser {
        tokens: lex(text)?,
        at: 0,
        depth: 0,
        end: text.len(),
    };
    let expr = parser.binary(0)?;
    if parser.at < parser.tokens.len() {
        return parser.fault(text!("one more operand or the end").as_str());
    }
    match expr.gives {
        Type::Vector | Type::Scalar => Ok(expr),
        Type::Matrix => fault(
            0,
            text!("a range vector cannot be alerted on: put rate(…) or max_over_time(…) round it")
                .as_str(),
        ),
        Type::Text => fault(0, text!("a text cannot be alerted on").as_str()),
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
            Some(Token::Number(_)) => "a number".to_owned(),
            Some(Token::Duration(_)) => "a duration".to_owned(),
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
            let negative = self
                .tokens
                .get(self.at - 1)
                .is_some_and(|(_, t)| *t == Token::Sign("-"));
            let of = self.binary(level)?;
            self.depth -= 1;
            return match of.gives {
                Type::Scalar | Type::Vector if negative => Ok(Expr {
                    at,
                    gives: of.gives,
                    kind: Kind::Negative(Box::new(of)),
                }),
                Type::Scalar | Type::Vector => Ok(of),
                gives => fault(at, format!("a sign before {}", gives.name())),
            };
        }
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(level) {
            let at = self.place();
            self.at += 1;
            let (boolean, matching, many) = self.modifiers()?;
            self.deeper()?;
            let right = if operator == "^" {
                self.binary(level)?
            } else {
                self.binary(level + 1)?
            };
            self.depth -= 1;
            let gives = combined(
                at,
                operator,
                left.gives,
                right.gives,
                boolean,
                matching.is_some(),
            )?;
            left = Expr {
                at,
                gives,
                kind: Kind::Binary {
                    operator,
                    boolean,
                    matching,
                    many,
                    left: Box::new(left),
                    right: Box::new(right),
                },
            };
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
    fn modifiers(&mut self) -> Parsed<(bool, Option<Grouping>, Option<Many>)> {
        let boolean = self.word().as_deref() == Some("bool");
        self.at += usize::from(boolean);
        let (mut matching, mut many) = (None, None);
        if let Some("on" | "ignoring") = self.word().as_deref() {
            let without = self.word().as_deref() == Some("ignoring");
            self.at += 1;
            let labels = self.labels()?;
            matching = Some(Grouping { without, labels });
            let word = self.word();
            if let Some(side @ ("group_left" | "group_right")) = word.as_deref() {
                self.at += 1;
                let labels = if self.is("(") {
                    self.labels()?
                } else {
                    Vec::new()
                };
                let right = side == "group_right";
                many = Some(Many { right, labels });
            }
        }
        Ok((boolean, matching, many))
    }

    /// `(a, b)`
    fn labels(&mut self) -> Parsed<Vec<Label>> {
        self.need("(")?;
        let mut labels = Vec::new();
        while !self.take(")") {
            let at = self.place();
            let name = match self.peek() {
                Some(Token::Name(name)) if !name.contains(':') => name.clone(),
                Some(Token::Text(name)) => name.clone(),
                _ => return self.fault("a label's name"),
            };
            self.at += 1;
            labels.push(Label { at, name });
            if !self.is(")") {
                self.need(",")?;
            }
        }
        Ok(labels)
    }

    /// An operand with its ranges, offsets and moments.
    fn postfix(&mut self) -> Parsed {
        let at = self.place();
        let mut expr = self.primary()?;
        let selector = matches!(expr.kind, Kind::Selector { .. })
            && !matches!(self.tokens.get(self.at - 1), Some((_, Token::Sign(")"))));
        let (mut ranged, mut moved) = (false, false);
        loop {
            let gives = expr.gives;
            if self.is("[") {
                let range = self.place();
                self.at += 1;
                let unitless = self.unitless();
                let (seconds, subquery) = self.range()?;
                if gives != Type::Vector && !(subquery && gives == Type::Scalar) {
                    return fault(range, format!("a range after {}", gives.name()));
                }
                if !subquery && moved {
                    return fault(
                        range,
                        text!("a range behind an offset; write it before: metric[5m] offset 1d")
                            .as_str(),
                    );
                }
                if !subquery && (!selector || ranged) {
                    return fault(
                        range,
                        text!("a range after an expression; write a subquery: [5m:]").as_str(),
                    );
                }
                expr = Expr {
                    at: range,
                    gives: Type::Matrix,
                    kind: Kind::Range {
                        of: Box::new(expr),
                        seconds,
                        subquery,
                        unitless,
                    },
                };
                ranged = true;
                continue;
            }
            let mut unitless = None;
            if self.word().as_deref() == Some("offset") {
                self.at += 1;
                let _ = self.take("-") || self.take("+");
                unitless = self.unitless();
                self.time()?;
            } else if self.take("@") {
                let _ = self.take("-") || self.take("+");
                match (self.word().as_deref(), self.peek()) {
                    (Some("start" | "end"), _) => {
                        self.at += 1;
                        self.need("(")?;
                        self.need(")")?;
                    }
                    (_, Some(Token::Number(_))) => self.at += 1,
                    _ => return self.fault("a time"),
                }
            } else {
                return Ok(expr);
            }
            self.movable(at, selector, ranged)?;
            moved = true;
            expr = Expr {
                at,
                gives,
                kind: Kind::Moved {
                    of: Box::new(expr),
                    unitless,
                },
            };
        }
    }

    fn movable(&self, at: usize, selector: bool, ranged: bool) -> Parsed<()> {
        if selector || ranged {
            Ok(())
        } else {
            fault(
                at,
                text!("offset and @ move selectors and subqueries only").as_str(),
            )
        }
    }

    /// A number where a duration is meant: Prometheus takes it for seconds.
    fn unitless(&self) -> Option<(usize, f64)> {
        match self.peek() {
            Some(Token::Number(number)) => Some((self.place(), *number)),
            _ => None,
        }
    }

    fn time(&mut self) -> Parsed<f64> {
        match self.peek() {
            Some(Token::Duration(seconds) | Token::Number(seconds)) => {
                let seconds = *seconds;
                self.at += 1;
                Ok(seconds)
            }
            _ => self.fault("a duration, such as 5m,"),
        }
    }

    /// `5m]` or `1h:5m]`: how long, and whether it is a subquery's.
    fn range(&mut self) -> Parsed<(f64, bool)> {
        if let Some(Token::Duration(0.0)) = self.peek() {
            return self.fault("a duration above 0");
        }
        let seconds = self.time()?;
        let subquery = self.take(":");
        if subquery && !self.is("]") {
            self.time()?;
        }
        self.need("]")?;
        Ok((seconds, subquery))
    }

    fn primary(&mut self) -> Parsed {
        let at = self.place();
        let expr = |gives, kind| Ok(Expr { at, gives, kind });
        match self.peek().cloned() {
            Some(Token::Number(number) | Token::Duration(number)) => {
                self.at += 1;
                expr(Type::Scalar, Kind::Number(number))
            }
            Some(Token::Text(text)) => {
                self.at += 1;
                expr(Type::Text, Kind::Text(text))
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                self.deeper()?;
                let inside = self.binary(0)?;
                self.depth -= 1;
                self.need(")")?;
                Ok(inside)
            }
            Some(Token::Sign("{")) => {
                let (name, matchers, selects) = self.matchers(String::new())?;
                if !selects {
                    return fault(
                        at,
                        text!("a selector that matches everything; name a metric or a label")
                            .as_str(),
                    );
                }
                expr(Type::Vector, Kind::Selector { name, matchers })
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
                let (name, matchers) = if self.is("{") {
                    let (name, matchers, _) = self.matchers(name)?;
                    (name, matchers)
                } else {
                    (name, Vec::new())
                };
                expr(Type::Vector, Kind::Selector { name, matchers })
            }
            _ => self.fault("an operand"),
        }
    }

    /// `{a="b", c=~"d"}`: the metric's name, the matchers, and whether one of them excludes the empty
    /// text. A quoted name is a metric's.
    fn matchers(&mut self, mut metric: String) -> Parsed<(String, Vec<Matcher>, bool)> {
        self.need("{")?;
        let mut matchers = Vec::new();
        let mut selects = false;
        while !self.take("}") {
            let at = self.place();
            let quoted = matches!(self.peek(), Some(Token::Text(_)));
            let label = match self.peek().cloned() {
                Some(Token::Text(name)) => name,
                Some(Token::Name(name)) if !name.contains(':') => name,
                _ => return self.fault("a label's name"),
            };
            self.at += 1;
            if quoted && (self.is(",") || self.is("}")) {
                metric = label;
                selects = true;
            } else {
                let (operator, value, excludes) = self.matcher()?;
                selects |= excludes;
                if label == "__name__" && operator == "=" {
                    metric = value;
                } else {
                    matchers.push(Matcher {
                        at,
                        label,
                        operator,
                        value,
                    });
                }
            }
            if !self.is("}") {
                self.need(",")?;
            }
        }
        Ok((metric, matchers, selects))
    }

    /// `=~"b"`, and whether it excludes the empty text.
    fn matcher(&mut self) -> Parsed<(&'static str, String, bool)> {
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
        let mut excludes = text.is_empty() == (operator == "!=");
        if operator.contains('~') {
            if let Some(why) = crate::re2::refused(&text) {
                return fault(at, format!("the pattern {text:?} ({why})"));
            }
            excludes =
                crate::re2::whole(&text).is_none_or(|p| p.is_match("") == (operator == "!~"));
        }
        Ok((operator, text, excludes))
    }

    fn grouping(&mut self) -> Parsed<Option<Grouping>> {
        let without = match self.word().as_deref() {
            Some("by") => false,
            Some("without") => true,
            _ => return Ok(None),
        };
        self.at += 1;
        let labels = self.labels()?;
        Ok(Some(Grouping { without, labels }))
    }

    fn aggregate(&mut self, at: usize, name: &str, parameter: Option<Type>) -> Parsed {
        let mut grouping = self.grouping()?;
        let takes: &[Type] = match parameter {
            None => &[Type::Vector],
            Some(Type::Text) => &[Type::Text, Type::Vector],
            Some(_) => &[Type::Scalar, Type::Vector],
        };
        let mut given = self.arguments()?;
        fits(at, name, takes, 0, false, &given)?;
        if grouping.is_none() {
            grouping = self.grouping()?;
        }
        let Some(of) = given.pop() else {
            return self.fault("an operand");
        };
        Ok(Expr {
            at,
            gives: Type::Vector,
            kind: Kind::Aggregate {
                name: name.to_ascii_lowercase(),
                grouping,
                parameter: given.pop().map(Box::new),
                of: Box::new(of),
            },
        })
    }

    fn call(&mut self, at: usize, name: &str) -> Parsed {
        let Some(function) = find(name) else {
            let near = NAMES
                .iter()
                .filter(|known| strsim::damerau_levenshtein(known, name) <= 2);
            let near = near.min_by_key(|known| strsim::damerau_levenshtein(known, name));
            if EXPERIMENTAL.contains(&name) {
                return fault(
                    at,
                    format!("{name}, an experimental function, which Prometheus leaves off"),
                );
            }
            let meant = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
            return fault(at, format!("the unknown function {name}{meant}"));
        };
        let arguments = self.arguments()?;
        fits(
            at,
            name,
            function.takes,
            function.optional,
            function.repeated,
            &arguments,
        )?;
        // The pattern of label_replace, compared with the whole text.
        if name == "label_replace"
            && let Some(Expr {
                at,
                kind: Kind::Text(pattern),
                ..
            }) = arguments.get(4)
            && let Some(why) = crate::re2::refused(pattern)
        {
            return fault(*at, format!("the pattern {pattern:?} ({why})"));
        }
        Ok(Expr {
            at,
            gives: function.gives,
            kind: Kind::Call {
                name: name.to_owned(),
                arguments,
            },
        })
    }

    fn arguments(&mut self) -> Parsed<Vec<Expr>> {
        self.need("(")?;
        self.deeper()?;
        let mut given = Vec::new();
        while !self.take(")") {
            given.push(self.binary(0)?);
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
}

fn fits(
    at: usize,
    name: &str,
    takes: &[Type],
    optional: usize,
    repeated: bool,
    given: &[Expr],
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
    for (index, argument) in given.iter().enumerate() {
        let wanted = takes
            .get(index)
            .or(takes.last())
            .copied()
            .unwrap_or(Type::Vector);
        if argument.gives != wanted {
            return fault(
                argument.at,
                format!(
                    "{name} takes {} here, not {}",
                    wanted.name(),
                    argument.gives.name()
                ),
            );
        }
    }
    Ok(())
}

/// The type of `left operator right`.
fn combined(
    at: usize,
    operator: &str,
    left: Type,
    right: Type,
    boolean: bool,
    matching: bool,
) -> Parsed<Type> {
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
        return fault(
            at,
            text!("on and ignoring match vectors, not numbers").as_str(),
        );
    }
    Ok(if scalars { Type::Scalar } else { Type::Vector })
}
