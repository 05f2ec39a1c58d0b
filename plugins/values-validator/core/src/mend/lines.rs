//! A line that cannot be read, as it may have been meant.

/// How deep a line is.
fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The texts with the line of that number, or one close before it, in another form, each with words.
pub fn meant(text: &str, number: usize) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut all = Vec::new();
    if text.contains('\t') {
        let words = text!("indent with spaces, never with tabs").to_string();
        all.push((text.replace('\t', "  "), words));
    }
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
    for at in (before.first())
        .into_iter()
        .chain(&[at])
        .chain(after.first())
        .copied()
    {
        let own = depth(lines[at]);
        let around: Vec<usize> = before
            .iter()
            .chain(&after)
            .map(|at| depth(lines[*at]))
            .collect();
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
    for at in [at].iter().chain(before.first()).copied() {
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

/// What a line may have been meant to be: with its colon, its blank, its quotes, its bracket.
fn forms(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    let start = if line.starts_with("- ") { 2 } else { 0 };
    let (dash, line) = line.split_at(start);
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
        if value.contains(": ")
            || value.starts_with(['{', '*', '&', '!', '%', '@', '`', ',', ']', '}'])
        {
            all.push(format!("{dash}{key}: {quoted}{comment}"));
        }
        for end in ["\"", "'", "]", "}", "\"]", "\"}"] {
            if value.starts_with(['"', '\'', '[', '{']) {
                all.push(format!("{dash}{key}: {value}{end}{comment}"));
            }
        }
    } else if let Some((key, value)) = line.split_once([':', ' ', '=']) {
        all.push(format!("{dash}{}: {}", key.trim(), value.trim()));
    } else {
        all.push(format!("{dash}{line}:"));
    }
    all
}
