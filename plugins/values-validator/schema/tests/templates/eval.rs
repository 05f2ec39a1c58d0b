//! Follows the chart's values through its templates: what is read by a name, and what is used.
//!
//! Nothing is rendered. Every branch is taken, and a value is all that it may be. A part of the
//! values is used when it is printed by a template, compared, tested or made part of a text that is;
//! to be carried along (a variable, an argument, a dict) is no use.

use std::collections::{BTreeMap, BTreeSet};

use crate::parse::{Node, Operand, Pipe, Templates};
use crate::schema::Schema;
use crate::value::{Atom, Value, items, names, text};

/// What templates do with the values.
#[derive(Debug, Default)]
pub struct Uses {
    /// Paths whose value, with all in it, is used.
    pub used: BTreeSet<Vec<String>>,
    /// Paths that are tested, or looked for, and no more of what is in them.
    pub tested: BTreeSet<Vec<String>>,
    /// Names that the values have no type for.
    pub untyped: BTreeSet<String>,
}

/// Follows the values through all templates.
pub fn uses(templates: &Templates, schema: &Schema) -> Uses {
    let mut eval = Eval {
        templates,
        schema,
        uses: Uses::default(),
        includes: BTreeMap::new(),
    };
    for nodes in templates.files.values() {
        let printed = eval.execute(nodes, &Value::from([Atom::Root]));
        eval.consume(&printed);
    }
    eval.uses
}

pub struct Eval<'a> {
    templates: &'a Templates,
    pub schema: &'a Schema,
    uses: Uses,
    includes: BTreeMap<(String, Value), Value>,
}

type Scope = Vec<(String, Value)>;

impl Eval<'_> {
    /// What a template prints when it is given a value.
    fn execute(&mut self, nodes: &[Node], dot: &Value) -> Value {
        let mut scope = vec![(String::new(), dot.clone())];
        self.run(nodes, dot, &mut scope)
    }

    fn run(&mut self, nodes: &[Node], dot: &Value, scope: &mut Scope) -> Value {
        let mut printed = Value::new();
        let outer = scope.len();
        for node in nodes {
            match node {
                Node::Pipe(pipe) if pipe.names.is_empty() => {
                    printed.extend(self.pipe(pipe, dot, scope));
                }
                Node::Pipe(pipe) => {
                    let value = self.pipe(pipe, dot, scope);
                    assign(pipe, &[value], scope);
                }
                Node::If(condition, body, otherwise, with) => {
                    let inner = scope.len();
                    let value = self.pipe(condition, dot, scope);
                    assign(condition, std::slice::from_ref(&value), scope);
                    self.touch(&value);
                    let within = if *with { &value } else { dot };
                    printed.extend(self.run(body, within, scope));
                    printed.extend(self.run(otherwise, dot, scope));
                    scope.truncate(inner);
                }
                Node::Range(over, body, otherwise) => {
                    let inner = scope.len();
                    let value = self.pipe(over, dot, scope);
                    self.touch(&value);
                    let within = items(&value, self.schema);
                    let name = names(&value, self.schema);
                    match over.names.len() {
                        2 => assign(over, &[name, within.clone()], scope),
                        _ => assign(over, std::slice::from_ref(&within), scope),
                    }
                    // Twice: what one turn sets the next one reads.
                    self.run(body, &within, scope);
                    printed.extend(self.run(body, &within, scope));
                    printed.extend(self.run(otherwise, dot, scope));
                    scope.truncate(inner);
                }
            }
        }
        scope.truncate(outer);
        printed
    }

    fn pipe(&mut self, pipe: &Pipe, dot: &Value, scope: &Scope) -> Value {
        let mut piped = None;
        for command in &pipe.commands {
            piped = Some(self.command(command, piped, dot, scope));
        }
        piped.unwrap_or_default()
    }

    fn command(
        &mut self,
        command: &[Operand],
        piped: Option<Value>,
        dot: &Value,
        scope: &Scope,
    ) -> Value {
        let Some((first, rest)) = command.split_first() else {
            return Value::new();
        };
        let mut arguments: Vec<Value> = rest.iter().map(|o| self.operand(o, dot, scope)).collect();
        arguments.extend(piped);
        match first {
            Operand::Word(function) => self.call(function, &arguments),
            other => self.operand(other, dot, scope),
        }
    }

    fn operand(&mut self, operand: &Operand, dot: &Value, scope: &Scope) -> Value {
        match operand {
            Operand::Text(text) => Value::from([Atom::Word(text.clone())]),
            Operand::Number(number) => Value::from([Atom::Number(*number)]),
            Operand::Word(function) => self.call(function, &[]),
            Operand::Dot(path) => self.walk(dot.clone(), path),
            Operand::Variable(name, path) => {
                let found = scope.iter().rev().find(|(n, _)| n == name);
                self.walk(found.map(|(_, v)| v.clone()).unwrap_or_default(), path)
            }
            Operand::Group(pipe, path) => {
                let value = self.pipe(pipe, dot, scope);
                self.walk(value, path)
            }
        }
    }

    fn walk(&mut self, mut value: Value, path: &[String]) -> Value {
        for key in path {
            value = self.field(&value, key);
        }
        value
    }

    /// The value of a key. Of parts that are certain each must have it; of others, one.
    pub fn field(&mut self, value: &Value, key: &str) -> Value {
        let mut out = Value::new();
        let mut missing = Vec::new();
        let mut found = false;
        for atom in value {
            match atom {
                Atom::Root if key == "Values" => {
                    out.insert(Atom::Part(Vec::new(), false));
                }
                Atom::Dict(map) => {
                    found |= map.contains_key(key);
                    out.extend(map.get(key).into_iter().flatten().cloned());
                }
                Atom::Part(path, several) => match self.schema.key(path, key) {
                    Some(inner) => {
                        found = true;
                        out.insert(Atom::Part(inner, *several));
                    }
                    None if self.schema.is_closed(path) => missing.push((path, several)),
                    None => {
                        out.insert(Atom::Text(path.clone()));
                    }
                },
                // Read back from a text: whatever it was made of.
                Atom::Text(path) => {
                    out.insert(Atom::Text(path.clone()));
                }
                _ => {}
            }
        }
        for (path, several) in missing {
            if !(*several && found) {
                let name = [path.as_slice(), &[key.to_owned()]].concat().join(".");
                self.uses.untyped.insert(name);
            }
        }
        out
    }

    pub fn include(&mut self, name: &str, dot: &Value) -> Value {
        let key = (name.to_owned(), dot.clone());
        if let Some(known) = self.includes.get(&key) {
            return known.clone();
        }
        self.includes.insert(key.clone(), Value::new());
        let Some(nodes) = self.templates.defines.get(name) else {
            return Value::new();
        };
        let printed = self.execute(nodes, dot);
        self.includes.insert(key, printed.clone());
        printed
    }

    /// Tested: the value itself is used, and not what is in it.
    pub fn touch(&mut self, value: &Value) {
        for atom in value {
            match atom {
                Atom::Part(path, _) | Atom::Text(path) => {
                    self.uses.tested.insert(path.clone());
                }
                _ => {}
            }
        }
    }

    pub fn consume(&mut self, value: &Value) {
        for atom in text(value) {
            if let Atom::Text(path) = atom {
                self.uses.used.insert(path);
            }
        }
    }
}

fn assign(pipe: &Pipe, values: &[Value], scope: &mut Scope) {
    for (name, value) in pipe.names.iter().zip(values) {
        match scope.iter_mut().rev().find(|(n, _)| n == name) {
            Some((_, old)) if !pipe.declares => old.extend(value.iter().cloned()),
            _ => scope.push((name.clone(), value.clone())),
        }
    }
}
