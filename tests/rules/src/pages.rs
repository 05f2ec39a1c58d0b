//! PromQL in the documentation.

use std::collections::BTreeMap;

/// Levels of recorded series: how a query in running text is told from other code.
const LEVELS: [&str; 7] = [
    "model:",
    "pod:",
    "engine:",
    "gpu:",
    "entry:",
    "collector:",
    "release:",
];

/// Every query of a page: lines of blocks marked `promql`, and code in running text that begins
/// with a recorded series.
#[must_use]
pub fn queries(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block: Option<bool> = None;
    let mut open = String::new();
    for line in page.lines() {
        let text = line.trim();
        if let Some(language) = text.strip_prefix("```") {
            block = match block {
                Some(_) => None,
                None => Some(language == "promql"),
            };
            continue;
        }
        match block {
            // A query may go over several lines: until its brackets are closed.
            Some(true) => {
                open = format!("{open} {text}").trim().to_owned();
                let count = |c| open.matches(c).count();
                if !open.is_empty() && count('(') == count(')') && count('{') == count('}') {
                    found.push(std::mem::take(&mut open));
                }
            }
            Some(false) => {}
            None => {
                let code = text.split('`').skip(1).step_by(2);
                let recorded = code.filter(|code| {
                    code.matches(':').count() > 1 && LEVELS.iter().any(|l| code.starts_with(l))
                });
                found.extend(recorded.map(str::to_owned));
            }
        }
    }
    found
}

/// A query with the words in capitals replaced by the labels of that name; or the word that is the
/// name of none.
///
/// # Errors
/// The word.
pub fn filled_in(query: &str, labels: &BTreeMap<String, String>) -> Result<String, String> {
    let mut parts: Vec<String> = query.split('"').map(str::to_owned).collect();
    // Every second part stands in quotes.
    for word in parts.iter_mut().skip(1).step_by(2) {
        let placeholder =
            !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        if placeholder {
            let value = labels.iter().find(|(name, _)| name.to_uppercase() == *word);
            *word = value.ok_or_else(|| word.clone())?.1.clone();
        }
    }
    Ok(parts.join("\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_found_in_blocks_and_in_text_and_commands_are_not() {
        let page = "a `model:x:rate` of `model:` and `kubectl get`\n```promql\nsum(\n  up\n)\ny\n```\n```console\nls\n```\n";
        assert_eq!(queries(page), ["model:x:rate", "sum( up )", "y"]);
    }

    #[test]
    fn a_word_in_capitals_is_a_label_or_an_error() {
        let labels = BTreeMap::from([("pod".to_owned(), "p0".to_owned())]);
        assert_eq!(
            filled_in(r#"x{pod="POD"}"#, &labels),
            Ok(r#"x{pod="p0"}"#.to_owned())
        );
        assert_eq!(filled_in(r#"x{a="NODE"}"#, &labels), Err("NODE".to_owned()));
    }
}
