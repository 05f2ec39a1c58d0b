//! `by (…)`, ranges, offsets and arguments that are not where PromQL has them.

/// Clauses, ranges and arguments at another place.
pub fn clauses(text: &str, all: &mut Vec<String>) {
    // by {pod} (…), by pod (…), [5m] behind an offset
    if let Some((before, rest)) = text.split_once(" by ")
        && let Some((label, behind)) = rest.split_once(" (")
    {
        let label = label.trim_matches(|c| "{}[] ".contains(c));
        all.push(format!("{before} by ({label}) ({behind}"));
    }
    if let Some((before, rest)) = text.split_once(" offset ")
        && let Some((offset, rest)) = rest.split_once('[')
        && let Some((range, behind)) = rest.split_once(']')
    {
        all.push(format!(
            "{before}[{range}] offset {}{behind}",
            offset.trim()
        ));
    }
    // rate(sum(…)[5m]), and an offset behind the brackets
    for name in ["rate", "increase", "irate"] {
        for of in ["sum", "avg", "max"] {
            if let Some((before, rest)) = text.split_once(&format!("{name}({of}("))
                && let Some((inner, rest)) = rest.split_once(")[")
                && let Some((range, behind)) = rest.split_once("])")
            {
                all.push(format!("{before}{of}({name}({inner}[{range}])){behind}"));
            }
        }
    }
    if let Some((before, rest)) = text.rsplit_once(") offset ")
        && let Some(end) = before.rfind(']')
    {
        let (offset, behind) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
        let (inner, close) = before.split_at(end + 1);
        all.push(format!("{inner} offset {offset}{close}){behind}"));
    }
    // A unit written out: offset 1day
    for (at, _) in text.match_indices(|c: char| c.is_ascii_digit()) {
        let rest = &text[at..];
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        if let Some(new) = crate::units::meant(&rest[..end]) {
            all.push(format!("{}{new}{}", &text[..at], &rest[end..]));
        }
    }
    // sum(rate(…) by (pod))
    if let Some(by) = text.find(" by (")
        && let Some(end) = text[by..].find(')')
    {
        let clause = &text[by..=by + end];
        let without = format!("{}{}", &text[..by], &text[by + end + 1..]);
        for name in ["sum", "max", "min", "avg", "count"] {
            if let Some(at) = without.find(&format!("{name}(")) {
                let at = at + name.len();
                all.push(format!("{}{clause} {}", &without[..at], &without[at..]));
            }
        }
    }
    // histogram_quantile(…, 0.9)
    if let Some(open) = text.find("histogram_quantile(") {
        let open = open + "histogram_quantile(".len();
        for (comma, _) in text[open..].match_indices(", 0.") {
            let comma = open + comma;
            if let Some(close) = text[comma..].find(')') {
                let number = &text[comma + 2..comma + close];
                all.push(format!(
                    "{}{number}, {}{}",
                    &text[..open],
                    &text[open..comma],
                    &text[comma + close..]
                ));
            }
        }
    }
    // rate(metric{…}) without a range
    for name in ["rate(", "increase(", "delta(", "_over_time("] {
        if let Some(at) = text.find(name) {
            let at = at + name.len();
            if let Some(end) = text[at..].find(')') {
                let at = at + end;
                all.push(format!("{}[5m]{}", &text[..at], &text[at..]));
            }
        }
    }
}
