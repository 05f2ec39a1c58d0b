//! Findings for people: the line, a caret, why, and how to mend it.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet,
};
use values_validator_core::{Finding, Place, Related, Report, Severity, Source, codes, render};

/// All findings, in colours, and a line of summary.
pub fn text(report: &Report) -> String {
    let renderer = Renderer::styled();
    let mut out = String::new();
    for finding in &report.findings {
        out.push_str(&renderer.render(&drawn(report, finding)));
        out.push_str("\n\n");
    }
    let mut found: Vec<&str> = report.findings.iter().map(|f| f.code).collect();
    found.sort_unstable();
    found.dedup();
    for code in found {
        out.push_str(&format!("{code}: {}\n", codes::url(code)));
    }
    out.push_str(&render::summary(report));
    out.push('\n');
    out
}

fn drawn<'a>(report: &'a Report, finding: &'a Finding) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let url = codes::url(finding.code);
    let title = level
        .primary_title(title(finding))
        .id(finding.code)
        .id_url(url);
    let mut group = Group::with_title(title);
    if let Some(place) = finding.place {
        group = group.elements(at(report, place, finding));
    }
    for related in elsewhere(finding) {
        let text = (related.text.as_str(), AnnotationKind::Context);
        group = group.elements(snippet(report, related.place, text).map(Element::from));
    }
    if !finding.why.is_empty() {
        group = group.element(Level::NOTE.message(finding.why.as_str()));
    }
    let mut groups = Vec::new();
    match mended(report, finding) {
        Some(snippet) => {
            groups.push(group);
            let help = Level::HELP.secondary_title(finding.fix.text.as_str());
            groups.push(Group::with_title(help).element(snippet));
        }
        None if finding.fix.text.is_empty() => groups.push(group),
        None => groups.push(group.element(Level::HELP.message(finding.fix.text.as_str()))),
    }
    groups
}

fn title(finding: &Finding) -> String {
    let mut title = finding.path.clone();
    for (word, text) in [("found", &finding.found), ("expected", &finding.expected)] {
        // What was expected stands at the caret, where there is one.
        if text.is_empty() || word == "expected" && finding.place.is_some() {
            continue;
        }
        if !title.is_empty() {
            title.push_str(if word == "found" { ": " } else { "; " });
        }
        title.push_str(word);
        title.push(' ');
        title.push_str(text);
    }
    title
}

/// The line of a finding, with a caret and what was expected there.
fn at<'a>(report: &'a Report, place: Place, finding: &'a Finding) -> Option<Element<'a>> {
    let source = report.source(place)?;
    // A line of the chart's own file says nothing to somebody who never opened it.
    if place.is_default() {
        let origin = Origin::path(source.name.as_str()).line(place.line as usize);
        return Some(origin.char_column(place.column as usize).into());
    }
    let label = match finding.expected.as_str() {
        "" => String::new(),
        expected => format!("expected {expected}"),
    };
    let mut snippet = snippet(report, place, (label, AnnotationKind::Primary))?;
    for related in &finding.related {
        if related.place.source == place.source {
            snippet = snippet.annotations(span(source, related.place).map(|span| {
                AnnotationKind::Context
                    .span(span)
                    .label(related.text.as_str())
            }));
        }
    }
    Some(snippet.into())
}

/// What else has to do with it, in other files than the finding's own.
fn elsewhere(finding: &Finding) -> impl Iterator<Item = &Related> {
    let source = finding.place.map(|place| place.source);
    let other = move |related: &&Related| Some(related.place.source) != source;
    finding.related.iter().filter(other)
}

fn snippet<'a>(
    report: &'a Report,
    place: Place,
    (label, kind): (impl Into<Cow<'a, str>>, AnnotationKind),
) -> Option<Snippet<'a, Annotation<'a>>> {
    let source = report.source(place)?;
    let label = label.into();
    let annotation = kind.span(span(source, place)?);
    Some(
        Snippet::source(source.text.as_str())
            .path(source.name.as_str())
            .annotation(annotation.label((!label.is_empty()).then_some(label))),
    )
}

/// The edit, as removed and added text.
fn mended<'a>(report: &'a Report, finding: &'a Finding) -> Option<Snippet<'a, Patch<'a>>> {
    let replacement = finding.fix.replacement.as_ref()?;
    let source = report.source(replacement.place)?;
    let span = span(source, replacement.place)?;
    Some(
        Snippet::source(source.text.as_str())
            .path(source.name.as_str())
            .patch(Patch::new(span, replacement.text.as_str())),
    )
}

/// Bytes of a place. What goes over several lines is shown to the end of its first.
fn span(source: &Source, place: Place) -> Option<Range<usize>> {
    let mut start_of_line = 0;
    let line = source
        .text
        .split_inclusive('\n')
        .enumerate()
        .find_map(|(index, line)| {
            if index + 1 == place.line as usize {
                return Some(line);
            }
            start_of_line += line.len();
            None
        })
        .unwrap_or(""); // behind the last line
    let line = line.trim_end_matches(['\n', '\r']);
    let byte = |column: u32| {
        let mut characters = line.char_indices();
        (characters.nth(column.saturating_sub(1) as usize)).map_or(line.len(), |(byte, _)| byte)
    };
    let start = byte(place.column);
    let end = if place.end_line > place.line {
        line.len()
    } else {
        byte(place.end_column)
    };
    let range = start_of_line + start..start_of_line + end.max(start);
    (range.end <= source.text.len()).then_some(range)
}
