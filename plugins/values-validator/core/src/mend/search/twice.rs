//! A key that is in one map twice: both merged, or the second one under the name that is meant.

use super::lines::depth;
use crate::finding::{Finding, Report};
use crate::url::Url;
use crate::{Source, codes};

/// Where exporters are; the key below says how they send.
const EXPORTERS: &str = "tracing.exporters.";

/// Whether a finding is below an exporter that is there twice: which of the two is meant is not known.
pub fn below(report: &Report, at: usize) -> bool {
    let path = &report.findings[at].path;
    path.starts_with(EXPORTERS)
        && report.findings.iter().any(|twice| {
            let rest = path.strip_prefix(twice.path.as_str());
            twice.code == codes::DUPLICATE_KEY.code
                && twice.path.starts_with(EXPORTERS)
                && rest.is_some_and(|rest| rest.starts_with('.'))
        })
}

/// The lines below a key that has lines of its own: from the one behind it to the last that is deeper.
fn block(lines: &[&str], key: usize) -> Option<(usize, usize)> {
    let line = lines.get(key)?;
    let (own, text) = (depth(line), line.split(" #").next()?);
    let filled = |line: &str| !line.trim().is_empty();
    let rest = lines.iter().enumerate().skip(key + 1);
    let all = rest.take_while(|(_, line)| !filled(line) || depth(line) > own);
    let (last, _) = all.filter(|(_, line)| filled(line)).last()?;
    text.trim_end()
        .ends_with(':')
        .then_some((key + 1, last + 1))
}

/// Whether what is written below a key is sent over HTTP, where its addresses say so.
fn http(lines: &[&str]) -> Option<bool> {
    let mut all = lines.iter().filter_map(|line| {
        let (_, address) = line.split_once("endpoint:")?;
        let address = address.trim().trim_start_matches(['"', '\'']);
        let end = address.find(['"', '\'', ',', '}', ' ']);
        let url = Url::of(&address[..end.unwrap_or(address.len())]);
        Some(url.port == Some("4318") || url.path.len() > 1)
    });
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// The texts with one such key, each with words.
pub fn once(finding: &Finding, source: &Source) -> Vec<(String, String)> {
    let places = finding.place.zip(finding.related.first());
    let Some((second, first)) = places
        .filter(|(_, first)| finding.code == codes::DUPLICATE_KEY.code && first.place.source != 0)
    else {
        return Vec::new();
    };
    let lines: Vec<&str> = source.text.split('\n').collect();
    let mut all = Vec::new();
    let (a, b) = (first.place.line as usize - 1, second.line as usize - 1);
    let alone = |at: usize, column: u32| {
        lines
            .get(at)
            .is_some_and(|line| depth(line) + 1 == column as usize)
    };
    let (Some(one), Some(two)) = (block(&lines, a), block(&lines, b)) else {
        return all;
    };
    if !alone(a, first.place.column) || !alone(b, second.column) || one.1 > b {
        return all;
    }
    // One of the two is of the other kind.
    let other = match finding.path.as_str() {
        "tracing.exporters.otlp" => Some(("otlphttp", true)),
        "tracing.exporters.otlphttp" => Some(("otlp", false)),
        _ => None,
    };
    if let Some((name, is)) = other {
        let kinds = [http(&lines[one.0..one.1]), http(&lines[two.0..two.1])];
        let at = match kinds.map(|kind| kind == Some(is)) {
            [true, false] => Some(a),
            [false, true] => Some(b),
            _ => None,
        };
        if let Some(at) = at {
            let mut new: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            let key = finding.path.rsplit('.').next().unwrap_or_default();
            new[at] = new[at].replacen(key, name, 1);
            all.push((new.join("\n"), format!("write {name} in line {}", at + 1)));
        }
    }
    // The keys of the second behind those of the first.
    let list = lines[one.0].trim_start().starts_with("- ");
    let (deep, own) = (depth(lines[one.0]), depth(lines[two.0]));
    if !list && depth(lines[a]) == depth(lines[b]) {
        let mut new: Vec<String> = lines[..one.1]
            .iter()
            .map(|line| (*line).to_owned())
            .collect();
        let next = lines[one.1..b].iter().all(|line| line.trim().is_empty());
        let between = lines[one.1..b].iter().map(|line| (*line).to_owned());
        if next {
            new.extend(between.clone());
        }
        for line in &lines[two.0..two.1] {
            let more = depth(line).checked_sub(own);
            new.push(match (line.trim(), more) {
                ("", _) | (_, None) => (*line).to_owned(),
                (text, Some(more)) => format!("{:1$}{text}", "", deep + more),
            });
        }
        if !next {
            new.extend(between);
        }
        new.extend(lines[two.1..].iter().map(|line| (*line).to_owned()));
        let words = format!("move its keys to the first one, in line {}", a + 1);
        all.push((new.join("\n"), words));
    }
    all
}
