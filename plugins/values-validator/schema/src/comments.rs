//! The comments of values.yaml: above a key stands its description, word for word.
//!
//! A key without a comment stays without: what several sections share need not be said in each. Of
//! a comment with an empty line (`#`) in it, what follows that line is its own.

use serde_json::Value;

const WIDTH: usize = 100;

/// values.yaml with the descriptions of the schema in its comments.
#[must_use]
pub fn comments(text: &str, schema: &Value) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut path: Vec<(usize, &str)> = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if let Some(key) = key(line.trim_start()) {
            path.retain(|(outer, _)| *outer < indent);
            path.push((indent, key));
            if let Some(description) = described(schema, &path) {
                describe(&mut out, indent, description);
            }
        }
        out.push(line.to_owned());
    }
    out.join("\n") + "\n"
}

fn key(line: &str) -> Option<&str> {
    let (key, rest) = line.split_once(':')?;
    let name = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (name && !key.is_empty() && (rest.is_empty() || rest.starts_with(' '))).then_some(key)
}

fn described<'a>(schema: &'a Value, path: &[(usize, &str)]) -> Option<&'a str> {
    let mut property = schema;
    for (_, key) in path {
        if let Some(name) = property["$ref"].as_str() {
            property = &schema["$defs"][name.trim_start_matches("#/$defs/")];
        }
        property = property["properties"].get(*key)?;
    }
    property["description"].as_str()
}

/// Puts a description in place of the comment at the end of some lines, if there is one and it
/// says something else.
fn describe(lines: &mut Vec<String>, indent: usize, description: &str) {
    let mark = format!("{}#", " ".repeat(indent));
    let comment = |line: &&String| line.starts_with(&mark);
    let start = lines.len() - lines.iter().rev().take_while(comment).count();
    let length = lines[start..]
        .iter()
        .take_while(|line| **line != mark)
        .count();
    let found = lines[start..start + length].iter();
    let found: Vec<&str> = found
        .flat_map(|line| line[mark.len()..].split_whitespace())
        .collect();
    if length > 0 && found != description.split_whitespace().collect::<Vec<_>>() {
        lines.splice(start..start + length, wrapped(description, &mark));
    }
}

fn wrapped(text: &str, mark: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = mark.to_owned();
        for word in paragraph.split_whitespace() {
            if line != mark && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::replace(&mut line, mark.to_owned()));
            }
            line.push(' ');
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::comments;
    use serde_json::json;

    const TEXT: &str = "\
# About the file.

# The first.
a:
  # Something old, which
  # is said no more.
  b: 1
  c: 2
  # Of the list.
  #
  #   - an example
  list: []
# Not a key of the schema.
x: {b: 2}
";

    #[test]
    fn a_comment_says_what_the_type_says() {
        let inner = json!({"properties": {
            "b": {"description": "Something new.\nword: a meaning."},
            "c": {"description": "Said nowhere."},
            "list": {"description": "Of this list."},
        }});
        let schema = json!({
            "properties": {"a": {"$ref": "#/$defs/a", "description": "The first."}},
            "$defs": {"a": inner},
        });
        let expected = TEXT
            .replace("# Something old, which\n", "# Something new.\n")
            .replace("# is said no more.\n", "# word: a meaning.\n")
            .replace("# Of the list.\n", "# Of this list.\n");
        let found = comments(TEXT, &schema);
        assert_eq!(found, expected);
        assert_eq!(comments(&found, &schema), found);
    }

    #[test]
    fn a_long_description_is_wrapped_and_an_equal_one_left_alone() {
        let words = "word ".repeat(50);
        let schema = json!({"properties": {"a": {"description": words.trim()}}});
        let found = comments("# x\na: 1\n", &schema);
        assert!(found.lines().all(|line| line.len() <= 100), "{found}");
        let narrow = format!(
            "# {}\n# {}\na: 1\n",
            "word ".repeat(10).trim(),
            "word ".repeat(40).trim()
        );
        assert_eq!(comments(&narrow, &schema), narrow);
    }
}
