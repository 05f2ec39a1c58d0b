//! Names of functions, variables and fields.

use super::{Dialect, Fault};
use crate::embedded::Text;

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
pub(super) const VARIABLES: [&str; 4] = ["$labels", "$value", "$externalLabels", "$externalURL"];

/// Whether Prometheus or Alertmanager expands a word, and helm's `tpl` knows nothing of that name.
pub(super) fn later(word: &str) -> bool {
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

pub(super) fn names(
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
    Fault::new(
        at,
        format!("{word}, which helm knows and Prometheus does not"),
    )
}
