//! A text that does not have the form of its pattern, and what was meant.

use super::REFUSED;
use super::amounts::counted;
use super::fitted::fitted;
use super::formed::WORDS;
use super::quantity::cased;
use crate::codes::BAD_FORMAT;
use crate::embedded::Text;
use crate::node::Node;
use crate::shape::schema::Schema;
use crate::shape::suggest::nearest;
use crate::shape::words::form;
use crate::{Findings, units};

pub(super) fn text_form(
    schema: &Schema,
    node: &Node,
    text: &str,
    path: &str,
    findings: &mut Findings,
) {
    if let Some(pattern) = &schema.pattern
        && (!pattern.regex.is_match(text) || (text.is_empty() && schema.min_length > Some(0)))
    {
        let number = schema
            .types
            .0
            .iter()
            .any(|t| t == "integer" || t == "number");
        let wanted = if number {
            format!("a number, or {}", form(pattern))
        } else if schema.types.0.iter().any(|t| t == "boolean") {
            format!("true, false or {}", form(pattern))
        } else {
            form(pattern)
        };
        let finding = BAD_FORMAT
            .at(path, &node.place)
            .found(node.described())
            .expected(wanted.as_str())
            .why(REFUSED);
        if let Some(whole) = units::whole(text).filter(|new| pattern.regex.is_match(new)) {
            findings.push(finding.writes(node.place, &whole));
            return;
        }
        let word = WORDS
            .iter()
            .position(|word| text.eq_ignore_ascii_case(word));
        if let (true, Some(count)) = (number, word) {
            findings.push(
                finding
                    .fix_write(&count.to_string())
                    .replace(node.place, count.to_string()),
            );
            return;
        }
        let start = text
            .split(['/', ':'])
            .find(|part| !part.is_empty())
            .and_then(|start| start.parse::<u16>().ok());
        if let (true, Some(start)) = (number, start) {
            findings.push(
                finding
                    .fix_write(&start.to_string())
                    .replace(node.place, start.to_string()),
            );
            return;
        }
        let duration = units::meant(text);
        // Where days are not known, in hours.
        let hours = duration.as_deref().unwrap_or(text);
        let hours = units::seconds(hours).map(units::duration);
        let meant = [duration, hours, cased(text)].into_iter().flatten();
        if let Some(meant) = { meant }.find(|meant| pattern.regex.is_match(meant)) {
            findings.push(finding.writes(node.place, &meant));
            return;
        }
        // Of a label nothing is lost; what is before the slash of a name is its namespace or a host.
        let label = crate::FULL && pattern.regex.is_match("a_b");
        let whole = label.then(|| text.replace('/', "-"));
        let meant = whole.into_iter().chain(fitted(text));
        if let Some(meant) = { meant }.find(|meant| pattern.regex.is_match(meant)) {
            findings.push(finding.writes(node.place, &meant));
            return;
        }
        // Sizes as Prometheus writes them, and as Kubernetes does; paths and URLs without their beginning.
        let url = crate::url::Url::of(text);
        let web = if url.public() || !url.in_cluster() && url.port.is_none() {
            "https"
        } else {
            "http"
        };
        let plain = |c: char| c.is_ascii_graphic() && !"{}$\"'".contains(c);
        let meant = [
            (text.strip_suffix('i')).map(|stem| format!("{stem}B")),
            (text.strip_suffix("iB")).map(|stem| format!("{stem}B")),
            text.strip_suffix('B').map(str::to_owned),
            // Behind hours minutes, behind minutes seconds.
            text.contains(['h', 'm'])
                .then(|| format!("{text}{}", if text.contains('h') { 'm' } else { 's' })),
            Some(format!("sha256:{text}")),
            Some(format!("/{text}")),
            (text.split_once("://")).map(|(_, rest)| format!("{web}://{rest}")),
            (text.contains(['.', ':']) && !text.contains("://")).then(|| format!("{web}://{text}")),
        ];
        let meant = (meant.into_iter().flatten()).filter(|_| text.chars().all(plain));
        let meant = meant.chain(
            (text.starts_with('4') || text.starts_with('5')).then(|| format!("{}xx", &text[..1])),
        );
        const TRACES: Text =
            text!("$traceID ${traceID} {traceId} {trace_id} {{traceID}} <traceID> %s");
        // Two braces are those of a template.
        let single = crate::FULL.then(|| text.replace("{{", "{").replace("}}", "}"));
        let text = single.as_deref().unwrap_or(text);
        let traced = TRACES.as_str().split(' ');
        let traced = { traced }.into_iter().find(|name| text.contains(name));
        let mut meant = meant.chain(traced.map(|name| text.replace(name, "{traceID}")));
        let fits = |meant: &String| !text.is_empty() && pattern.regex.is_match(meant);
        let mut meant = meant.find(fits);
        if crate::FULL && meant.is_none() {
            meant = Some(text.to_owned()).filter(fits);
        }
        if let Some(meant) = meant {
            findings.push(finding.writes(node.place, &meant));
            return;
        }
        findings.push(
            match pattern.word().and_then(|word| nearest(text, [word])) {
                Some(word) => finding.meant(node.place, word),
                None if crate::FULL && wanted == "namespace/name" && !text.contains(['/', ':']) => {
                    finding.fix(format!("write <namespace>/{text}"))
                }
                None => finding.fix_write(&wanted),
            },
        );
        return;
    }
    let length = (schema.min_length, schema.max_length);
    counted(
        node,
        path,
        text.chars().count(),
        length,
        "characters",
        findings,
    );
}
