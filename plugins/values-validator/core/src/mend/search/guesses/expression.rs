//! What an alert's expression and its texts may have been meant to be.

use super::Guess;

/// Reasons for which vLLM counts a request as ended, and what others call them.
const REASONS: &[(&str, &str)] = &[
    ("error", "failed failure err fail errors"),
    ("abort", "aborted cancelled canceled cancel"),
    ("stop", "finished done eos completed success ok"),
    ("length", "max_tokens truncated max_length"),
];

/// The words in which two texts differ.
fn differing<'a>(old: &'a str, new: &'a str) -> Option<(&'a str, &'a str)> {
    let same =
        |pairs: &mut dyn Iterator<Item = (u8, u8)>| pairs.take_while(|(a, b)| a == b).count();
    let start = same(&mut old.bytes().zip(new.bytes()));
    let start = old
        .get(..start)?
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + 1);
    let (a, b) = (&old[start..], &new[start..]);
    let end = same(&mut a.bytes().rev().zip(b.bytes().rev()));
    let rest = a.get(a.len() - end..)?;
    let end = rest
        .find(char::is_whitespace)
        .map_or(0, |at| rest.len() - at);
    let (a, b) = (&a[..a.len() - end], b.get(..b.len() - end)?);
    (!a.is_empty()).then_some((a, b))
}

impl Guess<'_> {
    /// An expression with the labels of one `by (…)` in another.
    pub(super) fn groups(&self, text: &str) -> Vec<(String, String)> {
        let spans: Vec<(usize, &str)> = text
            .match_indices("by (")
            .filter_map(|(at, _)| Some((at + 4, &text[at + 4..at + 4 + text[at + 4..].find(')')?])))
            .collect();
        let mut all = Vec::new();
        // A side that is put together without labels.
        if let [(_, labels)] = spans[..] {
            for (at, _) in text.match_indices("sum(") {
                let meant = format!("{}sum by ({labels}) ({}", &text[..at], &text[at + 4..]);
                if let Some(put) = self.expression(text, &meant) {
                    all.push((put, format!("write sum by ({labels}) on both sides")));
                }
            }
        }
        for (at, old) in &spans {
            for (_, new) in &spans {
                if old != new {
                    let meant = format!("{}{new}{}", &text[..*at], &text[at + old.len()..]);
                    if let Some(put) = self.expression(text, &meant) {
                        all.push((put, format!("write by ({new}) on both sides")));
                    }
                }
            }
        }
        all
    }

    /// The file with another expression, which stands in one line as it is.
    pub(super) fn expression(&self, old: &str, new: &str) -> Option<String> {
        let written = self.source.at(self.node.place)?;
        // In a block, whose lines are put together: the words that differ alone.
        let (a, b) = if written.contains(old) {
            (old, new)
        } else {
            differing(old, new)?
        };
        let once = written.matches(a).count() == 1;
        once.then(|| {
            self.source
                .replaced(self.node.place, &written.replacen(a, b, 1))
        })?
    }

    /// `=~"(?!a).*"` as `!~"a.*"`, and `=~"(?=a).*"` as `=~"a.*"`: RE2 has no lookahead.
    pub(super) fn lookahead(&self, text: &str) -> Option<(String, String)> {
        let (at, old, operator) = ["(?!", "(?="].into_iter().find_map(|old| {
            let at = text.find(old)?;
            Some((at, old, if old == "(?!" { "!~" } else { "=~" }))
        })?;
        let head = text[..at].trim_end_matches('^');
        let (quote, head) = (head.chars().last()?, &head[..head.len() - 1]);
        let head = head.strip_suffix("=~")?;
        let inside = &text[at + old.len()..];
        let end = inside.find(quote)?;
        let (pattern, behind) = (&inside[..end], &inside[end..]);
        // What is behind it takes any text.
        let pattern = pattern.trim_end_matches('$');
        let inner = ["", ".*", ".+"].into_iter().find_map(|any| {
            let inner = pattern.strip_suffix(any)?.strip_suffix(')')?;
            (inner.matches('(').count() == inner.matches(')').count()).then_some(inner)
        })?;
        let meant = match inner.strip_suffix('$') {
            Some(whole) => whole.to_owned(),
            None => format!("{}.*", inner.trim_end_matches(".*")),
        };
        let new = format!("{head}{operator}{quote}{meant}{behind}");
        let words = format!("write {operator}{quote}{meant}{quote}: RE2 has no lookahead");
        Some((self.expression(text, &new)?, words))
    }

    /// A counter in the rate that the rest of the expression has.
    pub(super) fn rate(&self, text: &str) -> Option<(String, String)> {
        let (name, _) = self.finding.found.split_once(", a counter, without")?;
        let (function, range) = ["rate(", "increase("].iter().find_map(|function| {
            let rest = &text[text.find(function)?..];
            let open = rest.find('[')?;
            Some((*function, &rest[open..=open + rest[open..].find(']')?]))
        })?;
        let mut bare = text.match_indices(name).filter(|(at, _)| {
            !text[..*at].ends_with(function)
                && !text[at + name.len()..].starts_with(char::is_alphanumeric)
        });
        let (at, _) = bare.next().filter(|_| bare.next().is_none())?;
        let mut end = at + name.len();
        if text[end..].starts_with('{') {
            end += text[end..].find('}')? + 1;
        }
        let meant = format!("{function}{}{range})", &text[at..end]);
        let whole = format!("{}{meant}{}", &text[..at], &text[end..]);
        Some((self.expression(text, &whole)?, format!("write {meant}")))
    }

    /// Why a request ended, in vLLM's word.
    pub(super) fn reason(&self, text: &str) -> Option<(String, String)> {
        let found = &self.finding.found;
        let (label, rest) = found.split_once('"')?;
        let word = rest.strip_suffix('"')?;
        let (meant, _) = REASONS.iter().find(|(_, others)| {
            others
                .split(' ')
                .any(|other| other.eq_ignore_ascii_case(word))
        })?;
        let new = format!("{label}\"{meant}\"");
        if crate::FULL
            && let Some(mut place) = self.finding.place
        {
            // Where it stands, also in a line of a block.
            place.end_column = place.column + found.chars().count() as u32;
            if self.source.at(place) == Some(found) {
                return Some((self.source.replaced(place, &new)?, format!("write {new}")));
            }
        }
        let whole = text.replacen(found, &new, 1);
        Some((self.expression(text, &whole)?, format!("write {new}")))
    }

    /// A comma that is missing, and the rate of a sum that is by labels.
    pub(super) fn call(&self, text: &str) -> Vec<Option<(String, String)>> {
        let mut all = Vec::new();
        if self.finding.found.contains("where `,` is expected")
            && let Some((_, near)) = self.finding.found.split_once(", at `")
            && let Some(at) = text.find(near.trim_end_matches('`'))
        {
            all.push(format!("{}, {}", text[..at].trim_end(), &text[at..]));
        }
        for function in ["rate", "increase"] {
            let parts = || {
                let (before, rest) = text.split_once(&format!("{function}(sum by ("))?;
                let (labels, rest) = rest.split_once(')')?;
                let (metric, rest) = rest.trim_start().strip_prefix('(')?.split_once(')')?;
                let (range, rest) = rest.strip_prefix('[')?.split_once(']')?;
                Some(format!(
                    "{before}sum by ({labels}) ({function}({metric}[{range}]){rest}"
                ))
            };
            all.extend(parts());
        }
        let put = |new: &String| Some((self.expression(text, new)?, format!("write {new}")));
        all.iter().map(put).collect()
    }

    /// Variables that stand in a text without their braces.
    pub(super) fn variables(&self, text: &str) -> Option<(String, String)> {
        if !self.finding.found.starts_with("a variable outside") {
            return None;
        }
        let mut new = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let name = &rest[at + 1..];
            let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.');
            let name = name[..end.unwrap_or(name.len())].trim_end_matches('.');
            let known = name == "value" || name.starts_with("labels.");
            let word = &rest[at..=at + name.len()];
            new.push_str(&rest[..at]);
            if known {
                new.push_str(&format!("{{{{ {word} }}}}"));
            } else {
                new.push_str(word);
            }
            rest = &rest[at + 1 + name.len()..];
        }
        new.push_str(rest);
        let put = self.source.replaced(self.node.place, &format!("{new:?}"))?;
        Some((put, format!("write {new}")))
    }
}
