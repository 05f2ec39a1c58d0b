//! The text of one matcher: its label, its operator and its value.

/// Label, operator and text of a matcher; else what is meant, where that can be told.
pub(super) fn parts(text: &str) -> Result<(String, &'static str, String), Option<String>> {
    let bare = text
        .trim()
        .trim_start_matches('{')
        .trim_end_matches('}')
        .trim();
    let operator = ["=~", "!~", "!=", "="]
        .into_iter()
        .filter_map(|op| Some((bare.find(op)?, op)))
        .min_by_key(|(at, op)| (*at, std::cmp::Reverse(op.len())));
    let Some((at, operator)) = operator else {
        let words: Vec<&str> = bare.split_whitespace().collect();
        return Err(match words[..] {
            [label, "is" | ":" | "eq", value] | [label, value] => Some(format!(
                "{}={:?}",
                label.trim_end_matches(':'),
                value.trim_matches('"')
            )),
            _ => bare.split_once(':').map(|(label, value)| {
                format!("{}={:?}", label.trim(), value.trim().trim_matches('"'))
            }),
        });
    };
    let label = bare[..at].trim();
    let value = bare[at + operator.len()..].trim();
    if let Some(label) = label.strip_suffix('~') {
        return Err(Some(format!("{label}=~{:?}", value.trim_matches('"'))));
    }
    if value.starts_with('=') {
        return Err(Some(format!(
            "{label}={:?}",
            value.trim_start_matches('=').trim().trim_matches('"')
        )));
    }
    let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
    // `a="b" and c="d"`: several in one text have commas between them.
    if quoted && value[1..value.len() - 1].replace("\\\"", "").contains('"') {
        let split = text.replace(" and ", ",").replace("&&", ",");
        let mut all = pieces(&split).map(|one| match parts(one) {
            Ok((label, operator, value)) => Some(format!("{label}{operator}{value:?}")),
            Err(meant) => meant,
        });
        let all: Option<Vec<String>> = if pieces(&split).nth(1).is_some() {
            all.by_ref().collect()
        } else {
            None
        };
        return Err(all.map(|all| all.join(", ")));
    }
    let half = !quoted && value.contains('"');
    let inner = if quoted {
        &value[1..value.len() - 1]
    } else {
        value
    };
    // Without quotes blanks and brackets end the text.
    let odd = !quoted && value.contains(|c: char| "{}!=~,\\'`".contains(c) || c.is_whitespace());
    if label.is_empty() || label.contains(char::is_whitespace) || half || odd {
        let meant = format!(
            "{label}{operator}\"{}\"",
            value.trim_matches(|c| c == '"' || c == '\'')
        );
        return Err((!label.is_empty() && !label.contains(char::is_whitespace)).then_some(meant));
    }
    Ok((
        label.trim_matches('"').to_owned(),
        operator,
        inner.replace("\\\\", "\\"),
    ))
}

/// The matchers of `{a="b", c!="d"}`: parted by commas outside of quotes.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let bare = text.trim();
    let bare = bare.strip_prefix('{').unwrap_or(bare);
    let bare = bare.strip_suffix('}').unwrap_or(bare);
    let mut quoted = false;
    let parts = bare.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}
