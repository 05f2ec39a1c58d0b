//! The tree of a Go template.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use crate::lex::{Token, actions};

/// What a template does.
#[derive(Clone, Debug)]
pub enum Node {
    /// Writes a pipeline's value, or sets a variable.
    Pipe(Pipe),
    /// `if` and `with`: the condition, what is done if it holds and if it does not. `true`: `.` is
    /// the condition's value.
    If(Pipe, Vec<Node>, Vec<Node>, bool),
    /// `range`.
    Range(Pipe, Vec<Node>, Vec<Node>),
}

/// `$a, $b := command | command`.
#[derive(Clone, Debug, Default)]
pub struct Pipe {
    /// Variables that take the value.
    pub names: Vec<String>,
    /// Whether they are new.
    pub declares: bool,
    /// Its commands, the first one first.
    pub commands: Vec<Vec<Operand>>,
}

/// A part of a command.
#[derive(Clone, Debug)]
pub enum Operand {
    Text(String),
    Number(usize),
    /// A function's name, or true, false, nil.
    Word(String),
    /// `.a.b`
    Dot(Vec<String>),
    /// `$a.b.c`
    Variable(String, Vec<String>),
    /// `(…).a.b`
    Group(Pipe, Vec<String>),
}

/// The defines of templates by name, and what stands outside of them.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    pub defines: BTreeMap<String, Vec<Node>>,
    pub files: BTreeMap<String, Vec<Node>>,
}

impl Templates {
    /// Adds a file.
    pub fn add(&mut self, name: &str, text: &str) -> Result<()> {
        let actions = actions(text).with_context(|| name.to_owned())?;
        let mut parser = Parser {
            actions,
            at: 0,
            templates: self,
        };
        let (nodes, _) = parser.body(false).with_context(|| name.to_owned())?;
        self.files.insert(name.to_owned(), nodes);
        Ok(())
    }
}

struct Parser<'a> {
    actions: Vec<(Vec<Token>, usize)>,
    at: usize,
    templates: &'a mut Templates,
}

impl Parser<'_> {
    /// Nodes up to `end` or `else`, whose tokens it returns.
    fn body(&mut self, inner: bool) -> Result<(Vec<Node>, Vec<Token>)> {
        let mut nodes = Vec::new();
        while let Some((tokens, line)) = self.actions.get(self.at).cloned() {
            self.at += 1;
            let word = match tokens.first() {
                Some(Token::Word(word)) => word.as_str(),
                _ => "",
            };
            let rest = tokens.get(1..).unwrap_or_default().to_vec();
            match word {
                "end" | "else" if inner => return Ok((nodes, tokens)),
                "if" | "with" | "range" => {
                    let node = self.block(word, &rest);
                    nodes.push(node.with_context(|| format!("line {line}"))?);
                }
                "define" => {
                    let [Token::Text(name)] = rest.as_slice() else {
                        bail!("line {line}: define takes a name");
                    };
                    let (body, _) = self.body(true)?;
                    self.templates.defines.insert(name.clone(), body);
                }
                "break" | "continue" => {}
                _ => {
                    let pipe = pipe(&tokens).with_context(|| format!("line {line}"))?;
                    nodes.push(Node::Pipe(pipe));
                }
            }
        }
        if inner {
            bail!("a block does not end");
        }
        Ok((nodes, Vec::new()))
    }

    fn block(&mut self, word: &str, condition: &[Token]) -> Result<Node> {
        let condition = pipe(condition)?;
        let (body, ended) = self.body(true)?;
        let otherwise = match ended.as_slice() {
            [Token::Word(end)] if end == "end" => Vec::new(),
            [_] => self.body(true)?.0,
            [_, Token::Word(word), rest @ ..] => vec![self.block(word, rest)?],
            other => bail!("unexpected {other:?}"),
        };
        Ok(match word {
            "range" => Node::Range(condition, body, otherwise),
            _ => Node::If(condition, body, otherwise, word == "with"),
        })
    }
}

fn pipe(tokens: &[Token]) -> Result<Pipe> {
    let mut out = Pipe::default();
    let mut tokens = tokens;
    let assigns = |t: &Token| matches!(t, Token::Word(w) if w == ":=" || w == "=");
    if let Some(at) = tokens.iter().position(assigns)
        && !tokens[..at].contains(&Token::Open)
    {
        for token in &tokens[..at] {
            if let Token::Variable(name) = token {
                out.names.push(name.clone());
            }
        }
        out.declares = tokens[at] == Token::Word(":=".to_owned());
        tokens = &tokens[at + 1..];
    }
    let mut rest = tokens;
    out.commands = commands(&mut rest)?;
    if !rest.is_empty() {
        bail!("unexpected {rest:?}");
    }
    Ok(out)
}

/// Commands up to an unmatched `)` or the end.
fn commands(rest: &mut &[Token]) -> Result<Vec<Vec<Operand>>> {
    let mut commands = vec![Vec::new()];
    while let Some((token, after)) = rest.split_first() {
        if *token == Token::Close {
            break;
        }
        *rest = after;
        let operand = match token {
            Token::Word(bar) if bar == "|" => {
                commands.push(Vec::new());
                continue;
            }
            Token::Text(text) => Operand::Text(text.clone()),
            Token::Number(number) => Operand::Number(*number),
            Token::Word(word) => Operand::Word(word.clone()),
            Token::Variable(name) => Operand::Variable(name.clone(), fields(rest)),
            Token::Field(name, _) => {
                let mut path = Vec::from_iter((!name.is_empty()).then(|| name.clone()));
                path.extend(fields(rest));
                Operand::Dot(path)
            }
            Token::Open => {
                let commands = commands_in(rest)?;
                Operand::Group(commands, fields(rest))
            }
            Token::Close => bail!("unexpected )"),
        };
        if let Some(command) = commands.last_mut() {
            command.push(operand);
        }
    }
    Ok(commands)
}

fn commands_in(rest: &mut &[Token]) -> Result<Pipe> {
    let commands = commands(rest)?;
    match rest.split_first() {
        Some((Token::Close, after)) => *rest = after,
        _ => bail!("a ( is not closed"),
    }
    Ok(Pipe {
        commands,
        ..Pipe::default()
    })
}

/// The fields that follow without a space.
fn fields(rest: &mut &[Token]) -> Vec<String> {
    let mut out = Vec::new();
    while let Some((Token::Field(name, true), after)) = rest.split_first() {
        out.push(name.clone());
        *rest = after;
    }
    out
}
