//! A line that cannot be read, as it may have been meant.

/// How deep a line is.
pub(super) fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The texts with the line of that number, or one close before it, in another form, each with words.
pub fn meant(text: &str, number: usize) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut all = Vec::new();
    let filled = |at: &usize| {
        lines
            .get(*at)
            .is_some_and(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
    };
    let Some(at) = (number..=lines.len())
        .map(|n| n.saturating_sub(1))
        .find(filled)
    else {
        return all;
    };
    let before: Vec<usize> = (0..at).rev().filter(filled).take(3).collect();
    let after: Vec<usize> = (at + 1..lines.len()).filter(filled).take(2).collect();
    let put = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines[at] = line;
        lines.join("\n")
    };
    let around: Vec<usize> = [at]
        .iter()
        .chain(&before)
        .chain(&after)
        .map(|at| depth(lines[*at]))
        .collect();
    for at in (before.first())
        .into_iter()
        .chain(&[at])
        .chain(after.first())
        .copied()
    {
        let own = depth(lines[at]);
        // The nearest first.
        for step in 2..=12 {
            let deep = if step % 2 == 0 {
                Some(own + step / 2)
            } else {
                own.checked_sub(step / 2)
            };
            let Some(deep) = deep.filter(|deep| around.contains(deep)) else {
                continue;
            };
            let line = lines[at].trim();
            let words = format!("indent `{line}` by {deep} spaces, like the lines around it");
            all.push((put(at, &format!("{:deep$}{line}", "")), words));
        }
    }
    // What is not closed ends anywhere below.
    let open = (0..=at)
        .rev()
        .take(40)
        .find(|at| filled(at) && unclosed(lines[*at]));
    for at in [at].iter().chain(before.first()).chain(&open).copied() {
        let line = lines[at];
        let blank = &line[..depth(line)];
        for meant in forms(line.trim()) {
            let words = format!("write {meant}");
            all.push((put(at, &format!("{blank}{meant}")), words));
        }
    }
    // A colon in a text, a template or quotes within quotes say more than how deep a line is.
    let odd = |value: &str| {
        let plain = !value.starts_with(['{', '[', '"', '\'']);
        value.starts_with("{{")
            || plain && value.contains(": ")
            || value.starts_with('"') && value.matches('"').count() > 2
    };
    let line = lines[at].trim_start_matches([' ', '-']);
    if line.split_once(": ").is_some_and(|(_, value)| odd(value)) {
        // Neither another depth nor another item mends it.
        all.retain(|(_, words)| {
            words.starts_with("write ")
                && (line != lines[at].trim_start() || !words.starts_with("write - "))
        });
    }
    all
}

/// A text of an item that begins or ends with a quote alone, or ends with another one than it begins with.
fn quotes(dash: &str, line: &str) -> Option<String> {
    let (key, value) = line.split_once(": ").unwrap_or(("", line));
    let between = if key.is_empty() { "" } else { ": " };
    let inner = value.trim().trim_matches(['"', '\'']);
    let apart = value.chars().next() != value.trim().chars().last();
    let quoted = value.starts_with(['"', '\'']) || value.trim().ends_with(['"', '\'']);
    let plain = apart && quoted && !inner.contains(['"', '\'', '#']);
    plain.then(|| format!("{dash}{key}{between}\"{inner}\""))
}

/// What is between brackets, with the comma that is missing, or without what is none.
fn flow(line: &str) -> Option<String> {
    let at = line.find(['{', '['])?;
    let (start, rest) = line.split_at(at);
    let mut new = String::new();
    let mut words = rest.split(' ').peekable();
    while let Some(word) = words.next() {
        let word = word.replace(';', ",");
        let next = words.peek().copied().unwrap_or_default();
        let ends = |c: char| !word.ends_with(c);
        let comma = next.ends_with(':') && [',', ':', '{', '['].into_iter().all(ends);
        // A star is an alias.
        let bare = word.trim_matches(['[', ']', '{', '}', ',']);
        let word = if bare.starts_with('*') {
            word.replace(bare, &format!("\"{bare}\""))
        } else {
            word
        };
        new.push_str(&word);
        new.push_str(if comma { "," } else { "" });
        new.push_str(if words.peek().is_some() { " " } else { "" });
    }
    (new != rest).then(|| format!("{start}{new}"))
}

/// Whether a line has a quote or a bracket without the other one.
fn unclosed(line: &str) -> bool {
    let count = |c: char| line.matches(c).count();
    count('"') % 2 == 1 || count('[') != count(']') || count('{') != count('}')
}

/// What a line may have been meant to be: with its colon, its blank, its quotes, its bracket.
fn forms(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    let start = if line.starts_with("- ") { 2 } else { 0 };
    let (dash, line) = line.split_at(start);
    if dash.is_empty()
        && let Some(rest) = line.strip_prefix('-').filter(|rest| !rest.starts_with('-'))
    {
        all.push(format!("- {rest}"));
    }
    all.extend(quotes(dash, line));
    all.extend(flow(line).map(|line| format!("{dash}{line}")));
    if let Some((key, value)) = line
        .split_once(": ")
        .map(|(key, value)| (key, value.trim()))
    {
        let (value, comment) = value
            .find(" #")
            .map_or((value, ""), |at| value.split_at(at));
        let quoted = if value.contains('"') || value.contains('\\') {
            format!("'{}'", value.replace('\'', "''"))
        } else {
            format!("\"{value}\"")
        };
        // Quotes within quotes of the same kind.
        if let Some(inner) = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'))
            && inner.contains('"')
            && !inner.contains('\\')
        {
            all.push(format!(
                "{dash}{key}: '{}'{comment}",
                inner.replace('\'', "''")
            ));
        }
        if dash.is_empty() {
            all.push(format!("- {line}"));
        }
        // What is open is closed, not a text.
        if !unclosed(value) && (value.contains(": ") || value.ends_with(':'))
            || value.starts_with(['*', '&', '!', '%', '@', '`', ',', ']', '}'])
            || value.starts_with('{') && !unclosed(value)
        {
            all.push(format!("{dash}{key}: {quoted}{comment}"));
        }
        for end in ["\"", "'", "]", "}", "\"]", "\"}"] {
            if value.starts_with(['"', '\'', '[', '{']) {
                all.push(format!("{dash}{key}: {value}{end}{comment}"));
            }
        }
    } else if let Some((key, value)) = (line.split_once(" => ").or_else(|| line.split_once(" = ")))
        .filter(|(key, _)| !key.contains(' '))
    {
        all.push(format!("{dash}{key}: {}", value.trim()));
    } else if let Some((key, value)) = line.split_once([':', ' ', '=']) {
        all.push(format!("{dash}{}: {}", key.trim(), value.trim()));
    } else {
        all.push(format!("{dash}{line}:"));
    }
    all
}
