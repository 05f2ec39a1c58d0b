//! What the functions of templates do with what they are given. One that is not named here makes a
//! text of it.

use crate::eval::Eval;
use crate::value::{Atom, Value, items, names, text, words};

impl Eval<'_> {
    /// What a function gives for its arguments.
    pub fn call(&mut self, function: &str, arguments: &[Value]) -> Value {
        let all = || arguments.iter().flatten().cloned().collect::<Value>();
        match function {
            "include" | "template" => {
                let dot = arguments.get(1).cloned().unwrap_or_default();
                let names = arguments.first().map(words).unwrap_or_default();
                names
                    .into_iter()
                    .flat_map(|n| self.include(n, &dot))
                    .collect()
            }
            "index" | "get" => {
                let mut value = arguments.first().cloned().unwrap_or_default();
                for key in arguments.iter().skip(1) {
                    value = self.element(&value, key);
                }
                value
            }
            "dig" => {
                let Some(([keys @ .., default], [of])) = arguments
                    .len()
                    .checked_sub(1)
                    .map(|last| arguments.split_at(last))
                else {
                    return all();
                };
                let mut value = of.clone();
                for key in keys {
                    value = self.element(&value, key);
                }
                value.extend(default.iter().cloned());
                value
            }
            "hasKey" => {
                if let [of, key] = arguments {
                    let value = self.element(of, key);
                    self.touch(&value);
                }
                Value::new()
            }
            "pick" => {
                let (of, keys) = arguments
                    .split_first()
                    .map_or((Value::new(), &[][..]), |(a, b)| (a.clone(), b));
                let keys: Vec<&str> = keys.iter().flat_map(words).collect();
                let map = keys.iter().map(|k| ((*k).to_owned(), self.field(&of, k)));
                Value::from([Atom::Dict(map.collect())])
            }
            "dict" => {
                let pairs = arguments.chunks(2).filter_map(|pair| match pair {
                    [key, value] => Some((words(key).first()?.to_string(), value.clone())),
                    _ => None,
                });
                Value::from([Atom::Dict(pairs.collect())])
            }
            "set" => {
                if let [_, _, value] = arguments {
                    self.consume(value);
                }
                arguments.first().cloned().unwrap_or_default()
            }
            "list" => Value::from([Atom::List(arguments.to_vec())]),
            "append" | "prepend" | "concat" | "without" => {
                let all: Value = arguments
                    .iter()
                    .enumerate()
                    .flat_map(|(i, v)| match (function, i) {
                        ("append" | "prepend", 1..) => v.clone(),
                        _ => items(v, self.schema),
                    })
                    .collect();
                Value::from([Atom::List(vec![all])])
            }
            "first" | "last" => items(&all(), self.schema),
            "keys" => Value::from([Atom::List(vec![names(&all(), self.schema)])]),
            "values" => Value::from([Atom::List(vec![items(&all(), self.schema)])]),
            "default" | "coalesce" | "and" | "or" | "ternary" => {
                arguments.iter().for_each(|value| self.touch(value));
                all()
            }
            "not" | "empty" | "len" | "kindIs" | "kindOf" => {
                self.touch(&all());
                Value::new()
            }
            "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "has" | "contains" | "regexMatch"
            | "hasPrefix" | "hasSuffix" | "fail" => {
                self.consume(&all());
                Value::new()
            }
            // A name that is put together of words that stand in the template, such as a template's.
            "printf" => {
                let mut value = text(&all());
                let Some((format, given)) = arguments.split_first() else {
                    return value;
                };
                let mut texts: Vec<String> = words(format)
                    .into_iter()
                    .map(|word| word.to_string())
                    .collect();
                for argument in given {
                    let put = words(argument);
                    texts = texts
                        .iter()
                        .flat_map(|text| put.iter().map(move |word| text.replacen("%s", word, 1)))
                        .collect();
                }
                value.extend(texts.into_iter().map(Atom::Word));
                value
            }
            "fromYaml" | "fromYamlArray" => {
                let mut value = all();
                value.insert(Atom::Other);
                value
            }
            "merge" | "mergeOverwrite" | "omit" | "deepCopy" | "uniq" | "sortAlpha" | "compact"
            | "toYaml" | "toJson" | "toPrettyJson" | "fromJson" | "fromJsonArray" => all(),
            _ => text(&all()),
        }
    }

    /// The value of a key, or any where the template does not say which.
    fn element(&mut self, value: &Value, key: &Value) -> Value {
        self.consume(key);
        if let Some(Atom::Number(at)) = key.first() {
            let position = |atom: &Atom| match atom {
                Atom::List(items) => items.get(*at).or(items.first()).cloned(),
                other => Some(items(&Value::from([other.clone()]), self.schema)),
            };
            return value.iter().filter_map(position).flatten().collect();
        }
        let keys = words(key);
        if keys.is_empty() || key.contains(&Atom::Other) {
            return items(value, self.schema);
        }
        let keys = keys.into_iter();
        keys.flat_map(|k| self.field(value, k)).collect()
    }
}
