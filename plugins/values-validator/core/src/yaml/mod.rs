//! YAML as helm 4 reads it: documents split at `---`, each read as YAML 1.1 is by sigs.k8s.io/yaml,
//! later documents merged over earlier ones.

mod decode;
mod dialect;
mod explain;
mod relax;
mod scalar;
mod tree;

use crate::codes::BAD_YAML;
use crate::node::{Map, Value, over, quoted};
use crate::{Finding, Findings, Place, Source};

pub use scalar::{float_key, number, resolve};

/// Deepest nesting, aliases followed. Helm's own limit is 10,000; the chart's values need 12.
pub const DEEPEST: usize = 100;

/// Most bytes of a source. Helm has no limit; Kubernetes stores a release of 1 MiB, compressed.
pub const LONGEST: usize = 4 << 20;

/// Reads a source; `index` is what places get. None when helm would refuse it: the reason is among
/// the findings then.
pub fn read(source: &Source, index: u32, findings: &mut Findings) -> Option<Map> {
    match documents(source, index, findings) {
        Ok(map) => Some(map),
        Err(finding) => {
            findings.push(*finding);
            None
        }
    }
}

fn documents(source: &Source, index: u32, findings: &mut Findings) -> Result<Map, Box<Finding>> {
    let start = point(index, 1, 1);
    if source.text.len() > LONGEST {
        return Err(refusal(
            start,
            format!("{} bytes", source.text.len()),
            format!("at most {LONGEST} bytes"),
            "give the values file, not what is made of it",
        ));
    }
    if let Some(broken) = source.broken {
        let line = source.text.lines().count().max(1);
        let last = source.text.rsplit('\n').next().unwrap_or_default();
        let line = line + usize::from(last.is_empty() && !source.text.is_empty());
        return Err(refusal(
            point(index, line as u32, last.chars().count() as u32 + 1),
            broken,
            "text in UTF-8",
            "save the file as UTF-8",
        ));
    }
    let mut values = Map::new();
    for (offset, text) in split(&source.text, index)? {
        if let Some(finding) = dialect::control(text, index, offset) {
            return Err(finding);
        }
        let tree = tree::parse(text, index, offset)?;
        if let Some(finding) = dialect::tab(text, &tree, index, offset) {
            return Err(finding);
        }
        if let Some(finding) = dialect::sign(text, &tree, offset) {
            return Err(finding);
        }
        let Some(root) = decode::decode(&tree, findings)? else {
            continue;
        };
        match root.value {
            Value::Map(map) => over(&mut values, map),
            Value::Null => {}
            _ => {
                return Err(refusal(
                    root.place,
                    root.described(),
                    "a map of values",
                    "write `key: value` lines",
                ));
            }
        }
    }
    Ok(values)
}

/// The documents of a file, each with the number of lines before it. As helm splits it before any
/// YAML is read: at every line that begins with `---`, which may hold nothing more than a comment.
fn split(text: &str, source: u32) -> Result<Vec<(u32, &str)>, Box<Finding>> {
    let mut documents = Vec::new();
    let (mut start, mut first_line) = (0, 0);
    let mut at = 0;
    for (number, line) in (0..).zip(text.split_inclusive('\n')) {
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            if !(rest.is_empty() || rest.starts_with('#')) {
                return Err(refusal(
                    point(source, number + 1, 4),
                    quoted(rest),
                    "nothing, or a comment, after `---` at the start of a line",
                    "put it on the next line",
                ));
            }
            if at > start {
                documents.push((first_line, &text[start..at]));
                start = at + line.len();
                first_line = number + 1;
            }
        }
        at += line.len();
    }
    documents.push((first_line, &text[start..]));
    Ok(documents)
}

/// One character of a source.
pub(crate) const fn point(source: u32, line: u32, column: u32) -> Place {
    Place {
        source,
        line,
        column,
        end_line: line,
        end_column: column + 1,
    }
}

/// Why helm would not read it.
pub(crate) fn refusal(
    place: Place,
    found: impl Into<String>,
    expected: impl Into<String>,
    fix: &str,
) -> Box<Finding> {
    Box::new(
        BAD_YAML
            .at("", &place)
            .found(found)
            .expected(expected)
            .why(text!("helm stops here: nothing of this file is used."))
            .fix(fix),
    )
}
