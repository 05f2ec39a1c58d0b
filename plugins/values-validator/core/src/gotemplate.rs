//! Go templates, as far as their syntax and names tell: what Prometheus expands in labels and
//! annotations of alerts, what Alertmanager expands in messages, and what helm expands with `tpl`.

mod calls;
mod scan;

use crate::embedded::Text;
use scan::{scan, words};

/// Why a template is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Bytes from the start of the text.
    pub at: usize,
    /// What is wrong there.
    pub text: String,
    /// The word that is wrong, and the one that is meant.
    pub meant: Option<(String, String)>,
    /// Whether it is only met when the text is made, for an alert that fires: the rules are loaded.
    pub late: bool,
}

/// Who expands a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Prometheus, in an alert's labels and annotations.
    Alert,
    /// Alertmanager, in a receiver's messages.
    Message,
    /// Helm: only the syntax is looked at, its functions are many.
    Helm,
}

/// Functions of text/template.
const GO: Text = text!(
    "and call eq ge gt html index js le len lt ne not or print printf println slice urlquery"
);
/// Prometheus' own, from template/template.go.
const PROMETHEUS: Text = text!(
    "args externalURL first graphLink humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp label match parseDuration pathPrefix query reReplaceAll safeHtml sortByLabel stripDomain stripPort strvalue tableLink title toDuration toLower toTime toUpper tmpl value now urlQueryEscape"
);
/// Alertmanager's own, from template/template.go.
const ALERTMANAGER: Text = text!(
    "toUpper toLower title trimSpace join match safeHtml safeUrl urlUnescape reReplaceAll stringSlice routeLabels date tz now since humanizeDuration toDate mustToDate toJson list append dict"
);
const KEYWORDS: Text =
    text!("if else end range with template block define break continue nil true false");
/// Variables that Prometheus sets.
const VARIABLES: [&str; 4] = ["$labels", "$value", "$externalLabels", "$externalURL"];

/// The text with its last action closed.
fn closed_last(text: &str) -> String {
    let action = &text[text.rfind("{{").unwrap_or(text.len())..];
    let ends = crate::close::ends(action, "\"`").unwrap_or_default();
    format!("{text}{ends}")
}

/// A template with what is missing at its end, or in place of a single bracket, where that mends it.
#[must_use]
pub fn closed(text: &str, dialect: Dialect) -> Option<String> {
    if !crate::FULL {
        return None;
    }
    let single = |text: &str| {
        let mut out = String::new();
        for (at, part) in text.split("{{").enumerate() {
            let mut part = part.to_owned();
            if at > 0 {
                out.push_str("{{");
                if !part.contains("}}") {
                    part = part.replacen('}', "}}", 1);
                }
            }
            out.push_str(&part);
        }
        out
    };
    let operators = [(" == ", "eq"), (" != ", "ne")]
        .into_iter()
        .filter_map(|(other, ours)| {
            let (before, after) = text.split_once(other)?;
            let word = before.rfind(' ')? + 1;
            Some(format!(
                "{}{ours} {} {after}",
                &before[..word],
                &before[word..]
            ))
        });
    let mut candidates = vec![
        single(text),
        closed_last(text),
        format!("{text}{{{{ end }}}}"),
        text.replace("{{ foreach ", "{{ range ")
            .replace("{{ for ", "{{ range "),
    ];
    candidates.extend(operators);
    // Kept for whoever expands it later.
    if let (Dialect::Helm, Some(start), Some(end)) = (dialect, text.find("{{"), text.rfind("}}"))
        && start < end
        && !text.contains(['`', '\n'])
    {
        let (before, rest) = text.split_at(start);
        let (inside, after) = rest.split_at(end + 2 - start);
        candidates.push(format!("{before}{{{{`{inside}`}}}}{after}"));
    }
    if let Some((before, rest)) = text.split_once("printf %")
        && let Some((form, behind)) = rest.split_once(' ')
    {
        candidates.push(format!("{before}printf \"%{form}\" {behind}"));
    }
    let meant = |fault: Fault| {
        let (word, meant) = fault.meant?;
        let rest = text[fault.at..].strip_prefix(word.as_str())?;
        Some(format!("{}{meant}{rest}", &text[..fault.at]))
    };
    candidates.extend(read(text, dialect).err().and_then(meant));
    { candidates }
        .into_iter()
        .find(|new| new != text && read(new, dialect).is_ok())
}

/// What is wrong with a template, and the labels that it reads: `pod` of `{{ $labels.pod }}`, with
/// where they stand.
///
/// # Errors
/// The first [`Fault`].
pub fn read(text: &str, dialect: Dialect) -> Result<Vec<(usize, String)>, Fault> {
    let mut labels = Vec::new();
    let mut own: Vec<String> = Vec::new();
    // Where each block begins, and whether the dot is another inside of it.
    let mut open: Vec<(usize, bool)> = Vec::new();
    // Whether the dot is an alert, in the block of that number.
    let mut alert = 0;
    let mut at = 0;
    while let Some(start) = text[at..].find("{{") {
        let start = at + start;
        let inside = start + 2;
        let end = action_end(text, inside)?;
        let action = &text[inside..end];
        at = end + 2;
        let body = action.trim_start_matches('-').trim_start();
        if body.starts_with("/*") {
            continue;
        }
        let tokens = scan(action, inside)?;
        let words = words(&tokens);
        match words.first().map(|(_, word)| *word) {
            None if body.trim_end_matches('-').trim().is_empty() => {
                return Err(Fault {
                    late: false,
                    at: start,
                    text: text!("{{ }} with nothing in it").as_str().into(),
                    meant: None,
                });
            }
            Some(word @ ("if" | "range" | "with" | "define" | "block")) => {
                open.push((start, word != "if"));
                if word != "if" {
                    let each = words.len() == 2 && words[1].1.starts_with(".Alerts");
                    alert = if each && word == "range" {
                        open.len()
                    } else {
                        0
                    };
                }
            }
            Some("end") if open.pop().is_none() => {
                return Err(Fault {
                    late: false,
                    at: start,
                    text: text!("{{ end }} without if, range or with before it")
                        .as_str()
                        .into(),
                    meant: None,
                });
            }
            _ => {}
        }
        if open.len() < alert || words.first().is_some_and(|(_, word)| *word == "else") {
            alert = 0;
        }
        // What Alertmanager gives a message; inside of other ranges and with the dot is something else.
        if dialect == Dialect::Message
            && let Some((at, field)) = words
                .iter()
                .find(|(_, word)| word.starts_with('.') && word.len() > 1)
            && words.first().is_none_or(|(_, word)| *word != "range")
            && (alert > 0 || !open.iter().any(|(_, moves)| *moves))
        {
            const ONE: Text =
                text!("Labels Annotations Status StartsAt EndsAt GeneratorURL Fingerprint");
            const DATA: Text = text!(
                "Receiver Status Alerts GroupLabels CommonLabels CommonAnnotations ExternalURL NotificationReason GroupKey TruncatedAlerts"
            );
            let name = field[1..].split('.').next().unwrap_or("");
            let upper = name.starts_with(|c: char| c.is_ascii_uppercase());
            let one = alert > 0;
            let data = if one { ONE } else { DATA };
            if upper && !data.split(' ').any(|known| known == name) {
                let near = match name {
                    _ if one => crate::shape::nearest(name, data.as_str().split(' ')),
                    "Labels" | "Label" => Some("CommonLabels"),
                    "Annotations" | "Annotation" => Some("CommonAnnotations"),
                    _ => crate::shape::nearest(name, data.as_str().split(' ')),
                };
                return Err(Fault {
                    late: false,
                    at: *at,
                    text: format!("the unknown field .{name}"),
                    meant: near.map(|near| (format!(".{name}"), format!(".{near}"))),
                });
            }
        }
        // A variable takes no arguments: its pipe is missing.
        if let [(_, first), (at, second), ..] = words[..]
            && dialect != Dialect::Helm
            && first.starts_with(['$', '.'])
            && second.starts_with(|c: char| c.is_ascii_alphabetic())
            && action
                .get(..at - inside)
                .is_some_and(|before| !before.contains(['|', '(', ':', ',']))
        {
            return Err(Fault {
                late: false,
                at,
                text: format!("{second} behind {first}, without | between them"),
                meant: Some((second.to_owned(), format!("| {second}"))),
            });
        }
        // What another program is to expand later; a range may have variables of these names.
        if dialect == Dialect::Helm
            && !text.contains(":=")
            && !open.iter().any(|(_, moves)| *moves)
            && let Some((at, word)) = words.iter().find(|(_, word)| later(word))
        {
            return Err(Fault {
                late: false,
                at: *at,
                text: format!("{word}, which helm does not know"),
                meant: None,
            });
        }
        if dialect != Dialect::Helm {
            let defines = action.contains(":=");
            names(&words, dialect, defines, &mut own, &mut labels)?;
        }
        if dialect == Dialect::Alert {
            calls::check(&tokens)?;
            if !open.iter().any(|(_, moves)| *moves) {
                calls::fields(&tokens, &mut labels)?;
            }
        }
    }
    if let Some(brace) = text[at..].find("}}")
        && dialect == Dialect::Alert
        && text[..at + brace].rfind('{').is_some_and(|open| open >= at)
    {
        return Err(Fault {
            late: false,
            at: at + brace,
            text: text!("`}}` without `{{` before it").as_str().into(),
            meant: None,
        });
    }
    match open.last() {
        Some((start, _)) => Err(Fault {
            late: false,
            at: *start,
            text: text!("a block without its {{ end }}").as_str().into(),
            meant: None,
        }),
        None => Ok(labels),
    }
}

/// Whether Prometheus or Alertmanager expands a word, and helm's `tpl` knows nothing of that name.
fn later(word: &str) -> bool {
    const FIELDS: [&str; 6] = [
        ".CommonLabels",
        ".CommonAnnotations",
        ".GroupLabels",
        ".Alerts",
        ".Labels",
        ".Annotations",
    ];
    let end = word[1..].find('.').map_or(word.len(), |dot| dot + 1);
    let first = &word[..end];
    VARIABLES.contains(&first) || FIELDS.contains(&first)
}

/// Where `}}` stands, outside of quotes.
fn action_end(text: &str, from: usize) -> Result<usize, Fault> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text[from..].char_indices() {
        match quote {
            Some(q) => {
                if c == q && !escaped {
                    quote = None;
                }
                escaped = c == '\\' && !escaped && q != '`';
            }
            None if matches!(c, '"' | '`' | '\'') => quote = Some(c),
            None if text[from + at..].starts_with("}}") => return Ok(from + at),
            None if text[from + at..].starts_with("{{") => break,
            None => {}
        }
    }
    Err(Fault {
        late: false,
        at: from - 2,
        text: if quote.is_some() {
            text!("`{{` with a quote that is not closed")
                .as_str()
                .into()
        } else {
            text!("`{{` without `}}` behind it").as_str().into()
        },
        meant: None,
    })
}

fn names(
    words: &[(usize, &str)],
    dialect: Dialect,
    defines: bool,
    own: &mut Vec<String>,
    labels: &mut Vec<(usize, String)>,
) -> Result<(), Fault> {
    let message = dialect == Dialect::Message;
    // Functions of that name need what they are about behind them.
    if let ([(at, "value")] | [(at, "value"), (_, _), ..], false) = (words, message)
        && !words
            .get(1)
            .is_some_and(|(_, next)| next.starts_with(['$', '.']))
    {
        return Err(Fault {
            late: false,
            at: *at,
            text: "value, without a $ before it".into(),
            meant: Some(("value".into(), "$value".into())),
        });
    }
    let functions = if message { ALERTMANAGER } else { PROMETHEUS };
    let known: Vec<&str> = [GO, functions, KEYWORDS]
        .into_iter()
        .flat_map(|names| names.as_str().split(' '))
        .collect();
    for (index, (at, word)) in words.iter().enumerate() {
        if let Some(variable) = word.strip_prefix('$') {
            let variable = &word[..=variable.find('.').unwrap_or(variable.len())];
            if variable == "$" {
                if !message
                    && word.starts_with("$.")
                    && !word.starts_with("$.Labels")
                    && !word.starts_with("$.Value")
                    && !word.starts_with("$.External")
                {
                    return Err(helm(*at, word));
                }
                continue;
            }
            // Messages are about several alerts: `{{ range .Alerts }}{{ .Labels.pod }}{{ end }}`.
            if message && VARIABLES.contains(&variable) {
                return Err(Fault {
                    late: false,
                    at: *at,
                    text: format!("the unknown variable {variable}"),
                    meant: (variable == "$labels").then(|| {
                        let meant = word.replacen("$labels", ".CommonLabels", 1);
                        (word.to_string(), meant)
                    }),
                });
            }
            if let Some(label) = word.strip_prefix("$labels.") {
                labels.push((*at, label.to_owned()));
            }
            if VARIABLES.contains(&variable) || own.iter().any(|name| name == variable) {
                continue;
            }
            if defines && index <= 2 {
                own.push(variable.to_owned());
                continue;
            }
            let near = crate::shape::nearest(variable, VARIABLES);
            return Err(Fault {
                late: false,
                at: *at,
                text: format!("the unknown variable {variable}"),
                meant: near.map(|near| (variable.to_owned(), near.to_owned())),
            });
        }
        if word.starts_with('.') {
            let helms = [".Values", ".Release", ".Chart", ".Capabilities", ".Files"];
            if helms.iter().any(|name| word.starts_with(name)) {
                return Err(helm(*at, word));
            }
            continue;
        }
        let number = word.starts_with(|c: char| c.is_ascii_digit());
        if number || known.contains(word) {
            continue;
        }
        let near = match word.to_ascii_lowercase().as_str() {
            "lower" => Some("toLower"),
            "upper" => Some("toUpper"),
            "humanise" if !message => Some("humanize"),
            "trim" if message => Some("trimSpace"),
            "replace" => Some("reReplaceAll"),
            "length" | "size" | "count" => Some("len"),
            "foreach" | "for" => Some("range"),
            "urlencode" | "urlescape" | "urlqueryescape" | "escape" => Some("urlquery"),
            "humanizenumber" | "humanizevalue" | "round" | "format" if !message => Some("humanize"),
            "humanizeseconds" | "duration" if !message => Some("humanizeDuration"),
            "humanizepercent" | "percent" if !message => Some("humanizePercentage"),
            "humanizebytes" | "bytes" if !message => Some("humanize1024"),
            "lowercase" | "tolower" => Some("toLower"),
            "uppercase" | "toupper" => Some("toUpper"),
            // A variable without its $.
            lower if lower.starts_with("labels.") && !message => {
                return Err(Fault {
                    late: false,
                    at: *at,
                    text: format!("{word}, without a $ before it"),
                    meant: Some(((*word).to_owned(), format!("${word}"))),
                });
            }
            _ => crate::shape::nearest(word, known.iter().copied()),
        };
        return Err(Fault {
            late: false,
            at: *at,
            text: format!("the unknown function {word}"),
            meant: near.map(|near| ((*word).to_owned(), near.to_owned())),
        });
    }
    Ok(())
}

fn helm(at: usize, word: &str) -> Fault {
    Fault {
        late: false,
        at,
        text: format!("{word}, which helm knows and Prometheus does not"),
        meant: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_functions_and_fields_of_their_own() {
        for good in [
            "{{ .CommonLabels.alertname | toUpper }}",
            "{{ range .Alerts.Firing }}{{ .Labels.pod }} {{ .StartsAt | since | humanizeDuration }}{{ end }}",
            "{{ template \"slack.default.title\" . }}",
            "{{ len .Alerts }} {{ $x := .Status }}{{ $x }} {{ $.ExternalURL }}",
        ] {
            assert!(read(good, Dialect::Message).is_ok(), "{good}");
        }
        for bad in [
            "{{ .Status | upper }}",
            "{{ $labels.pod }}",
            "{{ humanize 3 }}",
        ] {
            assert!(read(bad, Dialect::Message).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_prometheus_expands_is_taken_and_what_it_refuses_is_not() {
        for good in [
            "",
            "no template",
            "{{ $value }} and {{$labels.pod}}",
            "{{ $value | humanizePercentage }}",
            "{{ printf \"%.2f\" $value }}",
            "{{ if gt $value 0.9 }}a{{ else if lt $value 0.1 }}b{{ else }}c{{ end }}",
            "{{ with query \"up\" }}{{ . | first | value }}{{ end }}",
            "{{ range query \"up\" }}{{ .Labels.pod }}{{ end }}",
            "{{ $x := 3 }}{{ $x }}",
            "{{ range $i, $e := query \"up\" }}{{ $i }}{{ $e }}{{ end }}",
            "{{- /* a comment */ -}}",
            "{{ `}}` }}",
            "{{ .Labels.pod }} {{ .Value }}",
            "{{ index $labels \"a\" }}",
            "{{ $externalLabels.cluster }}",
            "{{ toUpper $labels.a }}",
            "a: {b: c}",
        ] {
            assert!(read(good, Dialect::Alert).is_ok(), "{good}");
        }
        for bad in [
            "{{ $value | humanise }}",
            "{{ $label.pod }}",
            "{{ $labels.model }",
            "{{ }}",
            "{{ end }}",
            "{{ if $value }}",
            "{{ .Release.Name }}",
            "{{ \"a }}",
            "{{ a & b }}",
        ] {
            assert!(read(bad, Dialect::Alert).is_err(), "{bad}");
        }
        let labels = read("{{ $labels.pod }}", Dialect::Alert);
        assert_eq!(labels, Ok(vec![(3, "pod".to_owned())]));
    }
}
