//! The chart's schema by paths of keys. `[]` is an item of a list, `*` an entry of a free map.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// The schema of the values.
pub struct Schema(pub Json);

impl Schema {
    fn resolve<'a>(&'a self, schema: &'a Json) -> &'a Json {
        match schema["$ref"].as_str() {
            Some(name) => self.resolve(&self.0["$defs"][name.trim_start_matches("#/$defs/")]),
            None => schema,
        }
    }

    fn step<'a>(&'a self, schema: &'a Json, key: &str) -> Option<&'a Json> {
        let inner = match key {
            "[]" => &schema["items"],
            "*" => &schema["additionalProperties"],
            _ => &schema["properties"][key],
        };
        // `true`: any value.
        (!inner.is_null() && inner != false).then(|| self.resolve(inner))
    }

    /// The schema at a path, if there is one.
    pub fn at(&self, path: &[String]) -> Option<&Json> {
        let mut schema = self.resolve(&self.0);
        for key in path {
            schema = self.step(schema, key)?;
        }
        Some(schema)
    }

    /// The path of a key in the value at a path, if the schema has it.
    pub fn key(&self, path: &[String], key: &str) -> Option<Vec<String>> {
        let named = [path, &[key.to_owned()]].concat();
        let free = [path, &["*".to_owned()]].concat();
        [named, free].into_iter().find(|p| self.at(p).is_some())
    }

    /// The paths of whatever may be in the value at a path.
    pub fn inner(&self, path: &[String]) -> Vec<Vec<String>> {
        let Some(schema) = self.at(path) else {
            return Vec::new();
        };
        let named = schema["properties"].as_object().into_iter().flatten();
        let named = named.map(|(key, _)| key.as_str());
        let keys = named.chain(["[]", "*"]);
        keys.map(|key| [path, &[key.to_owned()]].concat())
            .filter(|p| self.at(p).is_some())
            .collect()
    }

    /// Whether the value at a path has keys that the schema names.
    pub fn is_closed(&self, path: &[String]) -> bool {
        self.at(path).is_some_and(|schema| {
            schema["properties"].is_object() && schema["additionalProperties"] == false
        })
    }

    /// The paths of all keys that hold a value and not keys of this chart: scalars, lists of them,
    /// free maps, types of Kubernetes.
    pub fn leaves(&self) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        self.collect(&self.0, "", &mut out);
        out
    }

    fn collect(&self, schema: &Json, path: &str, out: &mut BTreeSet<String>) {
        let foreign = schema["$ref"].as_str().is_some_and(|name| {
            name.trim_start_matches("#/$defs/")
                .starts_with(char::is_uppercase)
        });
        let inner = self.resolve(schema);
        let join = |key: &str| {
            if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            }
        };
        let before = out.len();
        if !foreign {
            for (key, property) in inner["properties"].as_object().into_iter().flatten() {
                self.collect(property, &join(key), out);
            }
            for (key, word) in [("items", "[]"), ("additionalProperties", "*")] {
                let items = self.resolve(&inner[key]);
                let entries = &inner[key]["$ref"];
                let foreign = entries.as_str().is_some_and(|n| {
                    n.contains("/$defs/") && n[8..].starts_with(char::is_uppercase)
                });
                if items["properties"].is_object() && !foreign {
                    self.collect(&inner[key], &join(word), out);
                }
            }
        }
        if out.len() == before {
            out.insert(path.to_owned());
        }
    }
}
