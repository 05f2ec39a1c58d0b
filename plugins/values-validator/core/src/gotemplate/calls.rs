//! What Prometheus' own functions and fields take, which it looks at when it expands a template for the first time.

use super::Fault;
use crate::embedded::Text;
use crate::promql;

/// Functions of one argument, which may come through a pipe.
const OF_ONE: Text = text!(
    "humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp title toUpper toLower stripPort stripDomain parseDuration toDuration toTime graphLink tableLink first value"
);
/// What the dot has outside of range and with.
const FIELDS: [&str; 4] = ["Labels", "Value", "ExternalLabels", "ExternalURL"];

/// The number of arguments of the functions of an action, and the expressions that it asks for.
pub(super) fn check(action: &str, offset: usize) -> Result<(), Fault> {
    let (start, commands) = commands(action);
    let mut at = start;
    for (index, command) in commands.iter().enumerate() {
        let operands = operands(command);
        if let Some(&(begin, name)) = operands.first()
            && !command.contains('(')
            && OF_ONE.as_str().split(' ').any(|one| one == name)
        {
            let given = operands.len() - 1 + usize::from(index > 0);
            if given != 1 {
                return Err(Fault {
                    at: offset + at + begin,
                    text: format!("{name} with {given} arguments; it takes one"),
                    meant: None,
                });
            }
        }
        at += command.len() + 1;
    }
    for (begin, _) in action.match_indices("query \"") {
        let quoted = begin + "query \"".len();
        let Some(end) = action[quoted..].find('"') else {
            continue;
        };
        let asked = &action[quoted..quoted + end];
        if asked.contains('\\') {
            continue;
        }
        if let Err(fault) = promql::parse(asked) {
            return Err(Fault {
                at: offset + quoted + fault.at,
                text: format!("{} in query {asked:?}", fault.text),
                meant: None,
            });
        }
    }
    Ok(())
}

/// Fields that nothing has, and labels that are read as fields of the dot.
pub(super) fn fields(
    words: &[(usize, &str)],
    labels: &mut Vec<(usize, String)>,
) -> Result<(), Fault> {
    for (at, word) in words {
        let Some(path) = word.strip_prefix('.').filter(|path| !path.is_empty()) else {
            continue;
        };
        let mut parts = path.split('.');
        let field = parts.next().unwrap_or("");
        if !FIELDS.contains(&field) {
            let near = crate::shape::nearest(field, FIELDS);
            return Err(Fault {
                at: *at,
                text: format!("the unknown field .{field}"),
                meant: near.map(|near| (format!(".{field}"), format!(".{near}"))),
            });
        }
        if field == "Labels"
            && let Some(label) = parts.next()
        {
            labels.push((*at, label.to_owned()));
        }
        if parts.next().is_some() {
            return Err(Fault {
                at: *at,
                text: format!("{word}: a label is a text, which has no fields"),
                meant: None,
            });
        }
    }
    Ok(())
}

/// The parts of a pipe behind `if`, `with` or `:=`, and where the first begins.
fn commands(action: &str) -> (usize, Vec<&str>) {
    let mut start = action.find(":=").map_or(0, |at| at + 2);
    loop {
        let rest = action[start..].trim_start_matches([' ', '-']);
        let word = rest.split(' ').next().unwrap_or("");
        start = action.len() - rest.len();
        if !matches!(word, "if" | "else" | "with" | "range") {
            break;
        }
        start += word.len();
    }
    let rest = action[start..].trim_end_matches(['-', ' ']);
    let mut parts = Vec::new();
    let (mut from, mut quote, mut depth) = (0, None, 0u32);
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, '|') if depth == 0 => {
                parts.push(&rest[from..at]);
                from = at + 1;
            }
            (None, _) => {}
        }
    }
    parts.push(&rest[from..]);
    (start, parts)
}

/// Words of a command, a text in quotes as one.
fn operands(command: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let (mut from, mut quote) = (None, None);
    for (at, c) in command.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => {
                quote = Some(c);
                from = from.or(Some(at));
            }
            (None, ' ' | '\t' | '\n') => {
                if let Some(begin) = from.take() {
                    words.push((begin, &command[begin..at]));
                }
            }
            (None, _) => from = from.or(Some(at)),
        }
    }
    if let Some(begin) = from {
        words.push((begin, &command[begin..]));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::{Dialect, read};

    #[test]
    fn functions_have_as_many_arguments_as_they_take() {
        for good in [
            "{{ humanize $value }}",
            "{{ $value | humanize }}",
            "{{- if gt $value 1.0 -}}{{ humanizePercentage .Value }}{{- end -}}",
            "{{ with query \"up\" | first }}{{ . | value | humanize }}{{ end }}",
            "{{ $v := humanize $value }}{{ $v | toUpper }}",
            "{{ humanize (printf \"%f\" $value | parseDuration) }}",
            "{{ printf \"%s|%s\" $labels.a $labels.b }}",
            "{{ query (printf \"up{pod='%s'}\" $labels.pod) | first | value }}",
        ] {
            assert_eq!(read(good, Dialect::Alert).map(drop), Ok(()), "{good}");
        }
        for (bad, at) in [
            ("{{ humanize }}", 3),
            ("{{ humanize $value $labels.pod }}", 3),
            ("{{ $value | humanize 2 }}", 12),
            ("{{ if humanize }}{{ end }}", 6),
            ("{{ query \"sum(\" }}", 14),
            ("{{ range query \"rate(up)\" }}{{ end }}", 21),
            ("{{ .Foo }}", 3),
            ("{{ .Label.pod }}", 3),
            ("{{ .Labels.pod.name }}", 3),
        ] {
            let fault = read(bad, Dialect::Alert).unwrap_err();
            assert_eq!(fault.at, at, "{bad}: {}", fault.text);
        }
    }

    #[test]
    fn labels_are_fields_of_the_dot_too() {
        let labels = |text| read(text, Dialect::Alert).unwrap();
        assert_eq!(labels("{{ .Labels.pod }}"), [(3, "pod".to_owned())]);
        assert_eq!(
            labels("{{ range query \"up\" }}{{ .Labels.pod }}{{ end }}"),
            []
        );
    }
}
