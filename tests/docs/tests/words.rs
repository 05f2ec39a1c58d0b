//! Plain technical English: words and phrases that texts for readers do not use, with what to write instead.
//!
//! The list is of phrases that were found in these texts and are hard to read for somebody who does not know
//! the project. A phrase is matched as whole words, in any letter case, also over the end of a line.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use docs_tests::{Text, has_ending, texts};

/// A phrase, and what to write instead.
const PHRASES: &[(&str, &str)] = &[
    ("anew", "again"),
    ("are let go", "are dropped"),
    ("as it should be", "normal"),
    ("as it stands", "by default"),
    ("as they stand", "by default"),
    ("at the door", "by the receiver"),
    ("at will", "optionally"),
    ("be had again", "be recovered"),
    ("brings with it", "includes"),
    ("by hands", "manually"),
    ("by its own word", "reports"),
    ("comes down with", "fails with"),
    ("commonest", "most common"),
    ("dear", "expensive"),
    ("dearer", "more expensive"),
    ("for ever", "permanently"),
    ("for good", "permanently"),
    ("for its sake", "for it"),
    ("for want of", "because … is short"),
    ("gives way", "is dropped first"),
    ("goes on with", "keeps"),
    ("has to do with", "concerns"),
    ("held against", "checked against"),
    ("held by a test", "tested"),
    ("held to", "compared with"),
    ("holds it", "tests it"),
    ("holds the same", "tests the same"),
    ("in force", "in effect"),
    ("in hand", "in flight"),
    ("in its place", "instead"),
    ("in words", "with a message"),
    ("is blind", "has no data"),
    ("is let go", "is dropped"),
    ("is no chance", "is not noise"),
    ("is no outage", "is not an outage"),
    (
        "is no regular expression",
        "is not a valid regular expression",
    ),
    ("is patient", "averages over"),
    ("is told apart", "is distinguished"),
    ("is won", "is gained"),
    ("its own words", "its log"),
    ("its words", "its log"),
    ("knocks at", "connects to"),
    ("lets go", "drops"),
    ("lie beside", "is next to"),
    ("lie in", "are in"),
    ("lies beside", "is next to"),
    ("lies in", "is in"),
    ("look well", "look normal"),
    ("made up", "generated"),
    ("makes room", "is deleted"),
    ("makes up", "generates"),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("mends", "fixes"),
    ("no chance", "no way"),
    ("nobody counts", "cannot be counted"),
    ("nobody is told", "no notification is sent"),
    ("nobody is woken", "does not page"),
    ("nobody reads", "is not read"),
    ("nobody says", "without an error"),
    ("nobody was told", "no alert was notified"),
    ("nothing says", "is not set"),
    ("notifies nobody", "is not notified"),
    ("notify nobody", "are not notified"),
    ("of a sort", "of a kind"),
    ("of like", "of similar"),
    ("one's own words", "its log"),
    ("outlive", "survive"),
    ("outlives", "survives"),
    ("puts aside", "renames"),
    ("rides along", "is included"),
    ("right to within", "accurate to"),
    ("scrape's own", "scrape's error message"),
    ("somebody is told", "a person is notified"),
    ("somebody is woken", "pages"),
    ("speaks tls", "uses TLS"),
    ("stand at", "are at"),
    ("stand before", "protect"),
    ("stand beside", "are next to"),
    ("stand in", "are in"),
    ("stand still", "make no progress"),
    ("stand twice", "be set twice"),
    ("standing still", "not progressing"),
    ("stands at", "is at"),
    ("stands before", "is in front of"),
    ("stands behind", "is behind"),
    ("stands beside", "is next to"),
    ("stands in", "is in"),
    ("stands still", "makes no progress"),
    ("stands there", "is there"),
    ("stays away", "stops arriving"),
    ("take along", "include"),
    ("takes along", "includes"),
    ("takes in pods", "includes pods"),
    ("takes the default away", "removes the default"),
    ("takes them along", "is kept together with them"),
    ("tells nobody", "notifies nobody"),
    ("tells somebody", "notifies you"),
    ("thrown away", "discarded"),
    ("thrown out", "evicted"),
    ("throws away", "discards"),
    ("throws out", "evicts"),
    ("told apart", "distinguished"),
    ("turns away", "refuses"),
    ("wake somebody", "page"),
    ("wakes somebody", "pages"),
    ("what holds them", "how they are tested"),
    ("what is let go", "what is dropped"),
    ("what outlives", "what survives"),
    ("what waits", "the queued traces"),
    ("when wanted", "optionally"),
    ("where wanted", "optionally"),
    ("who is told", "who is notified"),
    ("whoever", "everything that, or clients that"),
    ("without a look at", "without verifying"),
];

/// Shell scripts have no ending here.
fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap();
    let folders = [
        ".ci/",
        "tools/",
        "release/",
        "images/",
        "bench/",
        "collector/",
        "plugins/",
        "tests/",
    ];
    !name.contains('.') && folders.iter().any(|folder| path.starts_with(folder)) && {
        let bytes = std::fs::read(docs_tests::root().join(path)).unwrap();
        bytes.starts_with(b"#!")
    }
}

/// Texts that users, operators and contributors read.
fn read_by_people(path: &str) -> bool {
    let own = path.starts_with("tests/docs/");
    // Generated from the collector's metadata, by its own generator's words.
    let elsewhere = path.ends_with("/documentation.md");
    if path.contains("/fixtures/") || own || elsewhere {
        return false;
    }
    has_ending(path, "md")
        || path.starts_with("chart/") && has_ending(path, "yaml") && !path.contains("/templates/")
        || path.starts_with("examples/")
        || path == "chart/templates/NOTES.txt"
        // Refusals, and the texts of alerts.
        || path == "chart/templates/_validations.tpl"
        || path.starts_with("chart/templates/rules/_alerts")
        // Findings of the values validator.
        || path.starts_with("plugins/values-validator/core/src/rules/")
        || path.starts_with("plugins/values-validator/schema/src/values/")
        // Titles and help texts of panels.
        || path.starts_with("dashboards/src/boards/")
        // Help texts of targets, messages of scripts, workflows and forms.
        || path == "Makefile"
        || path.starts_with(".github/")
        || is_script(path)
}

/// Phrases in a text, as `path:line: found …`.
fn found(text: &Text) -> Vec<String> {
    // One string of lower-case words with a blank between each; and the line of each word.
    let (mut words, mut starts) = (String::from(" "), Vec::new());
    for (number, line) in text.text.lines().enumerate() {
        let line = line.to_lowercase();
        for word in line.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.')) {
            let word = word.trim_matches('.');
            if !word.is_empty() {
                starts.push((words.len() - 1, number + 1));
                words += word;
                words.push(' ');
            }
        }
    }
    let mut faults = Vec::new();
    for (phrase, instead) in PHRASES {
        for (at, _) in words.match_indices(&format!(" {phrase} ")) {
            let line = starts
                .iter()
                .rev()
                .find(|(start, _)| *start <= at)
                .unwrap()
                .1;
            faults.push(format!(
                "{}:{line}: found '{phrase}'; write '{instead}'",
                text.path
            ));
        }
    }
    faults
}

#[test]
fn texts_for_readers_are_in_plain_technical_english() {
    let texts = texts(read_by_people);
    assert!(texts.len() > 100, "{}", texts.len());
    let faults: Vec<String> = texts.iter().flat_map(found).collect();
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_phrase_is_found_as_whole_words_and_over_the_end_of_a_line() {
    let text = |text: &str| Text {
        path: "x.md".to_owned(),
        text: text.to_owned(),
    };
    let at = |t: &str| found(&text(t));
    assert_eq!(at("a\nthe queue Outlives\nthe pod").len(), 1);
    assert!(at("a\nthe queue Outlives\nthe pod")[0].starts_with("x.md:2: "));
    assert_eq!(at("values that stand\nbeside others").len(), 1);
    assert!(at("withheld tokens; a newsletter; an endearing test").is_empty());
}
