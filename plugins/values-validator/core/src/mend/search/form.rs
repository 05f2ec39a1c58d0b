//! A value in the forms that it may be written in.

use crate::shape::scalar;

/// A value, or a key with its value, as lines and between brackets.
#[derive(Clone)]
pub struct Form {
    pub(super) lines: Vec<String>,
    pub(super) flow: String,
    /// Whether it stands in lines of its own.
    pub(super) block: bool,
}

fn indented(lines: &[String]) -> impl Iterator<Item = String> {
    let blank = |line: &String| line.is_empty();
    (lines.iter()).map(move |line| format!("{:1$}{line}", "", if blank(line) { 0 } else { 2 }))
}

impl Form {
    /// A value in one line.
    pub fn flow(text: impl Into<String>) -> Self {
        let flow = text.into();
        Self {
            lines: vec![flow.clone()],
            flow,
            block: false,
        }
    }

    /// A text.
    pub fn text(text: &str) -> Self {
        Self::flow(scalar(text))
    }

    /// A key with its value.
    pub fn entry(key: &str, value: &Self) -> Self {
        let key = scalar(key);
        let flow = format!("{key}: {}", value.flow);
        if !value.block {
            return Self::flow(flow);
        }
        let mut lines = vec![format!("{key}:")];
        lines.extend(indented(&value.lines));
        Self {
            lines,
            flow,
            block: true,
        }
    }

    /// A map of keys with their values.
    pub fn map(entries: &[Self]) -> Self {
        let flows: Vec<&str> = entries.iter().map(|entry| entry.flow.as_str()).collect();
        Self {
            lines: entries
                .iter()
                .flat_map(|entry| entry.lines.clone())
                .collect(),
            flow: format!("{{{}}}", flows.join(", ")),
            block: !entries.is_empty(),
        }
    }

    /// A list.
    pub fn list(items: &[Self]) -> Self {
        let flows: Vec<&str> = items.iter().map(|item| item.flow.as_str()).collect();
        let dashed = |item: &Self| {
            let lines = if item.block {
                item.lines.clone()
            } else {
                vec![item.flow.clone()]
            };
            let mut lines: Vec<String> = indented(&lines).collect();
            if let Some(first) = lines.first_mut() {
                first.replace_range(0..1, "-");
            }
            lines
        };
        Self {
            lines: items.iter().flat_map(dashed).collect(),
            flow: format!("[{}]", flows.join(", ")),
            block: !items.is_empty(),
        }
    }

    /// The same between brackets, for what stands between brackets itself.
    pub fn inline(&self) -> Self {
        Self::flow(self.flow.clone())
    }

    /// As it is between brackets.
    pub fn shown(&self) -> &str {
        &self.flow
    }
}
