//! PromQL's grammar, by descent.

mod binary;
mod call;
mod labels;
mod operand;
mod postfix;
mod selector;

use super::Fault;
use super::expr::{Expr, Type};
use super::lex::{Token, Tokens, lex};
use crate::finding::in_quotes;

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
            Some(Token::Text(text)) => in_quotes(text),
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

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            fault(self.place(), "nested too deeply")
        } else {
            Ok(())
        }
    }
}
