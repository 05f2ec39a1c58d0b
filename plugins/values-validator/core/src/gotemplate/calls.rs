//! What Prometheus' own functions and fields take, which it looks at when it expands a template for the first time.

use super::Fault;
use super::scan::Token;
use crate::embedded::Text;
use crate::promql;

/// Functions of one argument, which may come through a pipe.
const OF_ONE: Text = text!(
    "humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp title toUpper toLower stripPort stripDomain parseDuration toDuration toTime graphLink tableLink first value"
);
/// What the dot has outside of range and with.
const FIELDS: [&str; 4] = ["Labels", "Value", "ExternalLabels", "ExternalURL"];

/// A call that is being read.
#[derive(Default)]
struct Command<'a> {
    name: Option<(usize, &'a str)>,
    /// Those behind the name.
    arguments: usize,
    piped: bool,
    /// Whether the alert's value is an argument.
    value: bool,
    /// The first argument, where it is a text, and where it begins.
    text: Option<(usize, &'a str)>,
}

impl<'a> Command<'a> {
    fn operand(&mut self, at: usize, token: Token<'a>) {
        match (self.name, token) {
            (None, Token::Word(word)) => self.name = Some((at, word)),
            // A text or a parenthesis calls nothing.
            (None, _) => self.name = Some((at, "")),
            (Some(_), token) => {
                if let (0, Token::Text(text)) = (self.arguments, token) {
                    self.text = Some((at, text));
                }
                self.value |= matches!(token, Token::Word("$value" | ".Value"));
                self.arguments += 1;
            }
        }
    }

    fn end(&self) -> Result<(), Fault> {
        let Some((at, name)) = self.name else {
            return Ok(());
        };
        let given = self.arguments + usize::from(self.piped);
        if given != 1 && OF_ONE.as_str().split(' ').any(|one| one == name) {
            return Err(late(
                at,
                format!("{name} with {given} arguments; it takes one"),
            ));
        }
        // The value is no whole number to Go: the text would be %!d(float64=3).
        if name == "printf"
            && let Some((start, text)) = self.text
            && let Some(verb) = text.find("%d")
            && text.matches('%').count() == 1
            && self.value
        {
            return Err(Fault {
                meant: Some(("%d".into(), "%.0f".into())),
                ..late(start + verb, "%d for a number with a point".into())
            });
        }
        if name != "query" {
            return Ok(());
        }
        let Some((at, text)) = self.text.filter(|(_, text)| !text.contains('\\')) else {
            return Ok(());
        };
        let asked = text.trim_matches(['"', '`']);
        promql::parse(asked).map(drop).map_err(|fault| {
            late(
                at + 1 + fault.at,
                format!("{} in query {asked:?}", fault.text),
            )
        })
    }
}

fn late(at: usize, text: String) -> Fault {
    Fault {
        at,
        text,
        meant: None,
        late: true,
    }
}

/// The number of arguments of the functions of an action, and the expressions that it asks for.
pub(super) fn check(tokens: &[(usize, Token<'_>)]) -> Result<(), Fault> {
    let mut outer: Vec<Command<'_>> = Vec::new();
    let mut command = Command::default();
    for (at, token) in tokens {
        match token {
            Token::Word("if" | "else" | "with" | "range") if command.name.is_none() => {}
            Token::Word(_) | Token::Text(_) => command.operand(*at, *token),
            Token::Open => {
                command.operand(*at, *token);
                outer.push(std::mem::take(&mut command));
            }
            Token::Close => {
                command.end()?;
                command = outer.pop().unwrap_or_default();
            }
            Token::Pipe => {
                command.end()?;
                command = Command {
                    piped: true,
                    ..Command::default()
                };
            }
            // What stands before it are variables.
            Token::Is => command = Command::default(),
            Token::Field | Token::Comma => {}
        }
    }
    command.end()
}

/// Fields that nothing has, and labels that are read as fields of the dot.
pub(super) fn fields(
    tokens: &[(usize, Token<'_>)],
    labels: &mut Vec<(usize, String)>,
) -> Result<(), Fault> {
    for (at, token) in tokens {
        let Token::Word(word) = token else { continue };
        let path = word.strip_prefix('.').unwrap_or("");
        // `.5` is a number.
        if !path.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            continue;
        }
        let (field, below) = path.split_once('.').unwrap_or((path, ""));
        if !FIELDS.contains(&field) {
            let near = crate::shape::nearest(field, FIELDS);
            return Err(Fault {
                meant: near.map(|near| (format!(".{field}"), format!(".{near}"))),
                ..late(*at, format!("the unknown field .{field}"))
            });
        }
        if matches!(field, "Labels" | "ExternalLabels") {
            if below.contains('.') {
                let why = format!("{word}: a label is a text, which has no fields");
                return Err(late(*at, why));
            }
            if field == "Labels" && !below.is_empty() {
                labels.push((*at, below.to_owned()));
            }
        } else if !below.is_empty() {
            return Err(late(*at, format!("{word}: .{field} has no fields")));
        }
    }
    Ok(())
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
            "{{ .ExternalLabels.cluster }} {{ .ExternalURL }}",
            "{{ (toTime $value).Year }} {{ (toTime $value).Format \"2006\" }}",
            "{{ (now | toTime).Unix }} {{ (query \"up\" | first).Labels.pod }}",
            "{{ urlquery \"a b\" }} {{ reReplaceAll \"query \" \"\" $labels.job }}",
            "{{ printf \"%s of query \" $labels.job \"x\" }}",
            "{{ if gt $value .5 }}a{{ end }}",
            "{{ printf \"\\\"%s | title x\\\"\" $labels.pod }}",
            "{{ printf \"ü := humanize a b\" $value }}",
            "{{ range $i, $e := query \"up\" }}{{ humanize .Value }}{{ end }}",
            "{{ query `up{pod=\"a\"}` | len }}",
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
            ("{{ .Value.x }}", 3),
            ("{{ printf \"%s\" (humanize $value 2) }}", 16),
            ("{{ query `rate(up)` | len }}", 15),
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
