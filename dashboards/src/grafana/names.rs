//! Names by which Grafana gives a model one colour.
//!
//! Of Grafana's ways to colour lines, one alone keeps a line's colour when the choice of series changes:
//! by the hash of its name (`palette-classic-by-name`). But `qwen p99` and `qwen p50` are two names. The hash
//! reads a name from its end, so that two endings after which it is in the same state give the same colour
//! whatever stands before them. An ending is therefore followed by a few characters of no width that bring
//! the hash back to where it started: `qwen`, `qwen p99` and `qwen p50` have one colour in every panel, and
//! their strokes tell them apart. `tests/grafana` sees it in Grafana's own code.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Where the hash starts: Bernstein's, as npm's string-hash has it.
const START: u32 = 5381;
const FACTOR: u32 = 33;

/// Characters that are not drawn and take no room. The hash's lowest five bits are those of all characters,
/// one against the other, so that each of these bits must be in one of them.
const UNSEEN: [char; 8] = [
    '\u{200b}', '\u{200c}', '\u{feff}', '\u{2060}', '\u{2061}', '\u{2062}', '\u{2063}', '\u{2064}',
];

/// Characters that are added: those read last, which are tried one after another, and those read first,
/// whose states are all known. 8^8 and 8^6 meet among 2^32 states some thousand times.
const LATE: usize = 7;
const EARLY: usize = 6;

/// A legend that gives its series the colour of its labels: `{{label}} ending`.
#[must_use]
pub fn coloured_by_label(legend: &str) -> String {
    let Some((_, ending)) = legend.rsplit_once("}}") else {
        return legend.to_owned();
    };
    if ending.is_empty() {
        return legend.to_owned();
    }
    format!("{legend}{}", padding(ending))
}

/// Whether its series are named by labels.
#[must_use]
pub fn by_label(legend: &str) -> bool {
    legend.contains("{{")
}

/// A text as JSON writes it with the unseen characters as escapes, so that a reader of the file sees them.
#[must_use]
pub fn escaped(json: &str) -> String {
    UNSEEN.iter().fold(json.to_owned(), |text, unseen| {
        text.replace(*unseen, &format!("\\u{:04x}", u32::from(*unseen)))
    })
}

fn step(state: u32, unit: u32) -> u32 {
    state.wrapping_mul(FACTOR) ^ unit
}

/// The state before a unit was read.
fn back(state: u32, unit: u32) -> u32 {
    // The inverse of 33 modulo 2^32.
    (state ^ unit).wrapping_mul(0x3e0f_83e1)
}

/// What stands behind an ending, so that the hash of both is in its first state again.
fn padding(ending: &str) -> String {
    let wanted = ending
        .encode_utf16()
        .fold(START, |state, unit| back(state, unit.into()));
    let read = |text: u32, length: usize, from: u32, one: fn(u32, u32) -> u32| {
        (0..length).fold(from, |state, place| {
            one(state, UNSEEN[digit(text, place)].into())
        })
    };
    static REACHED: OnceLock<HashMap<u32, u32>> = OnceLock::new();
    let all = |length: usize| 0..8_u32.pow(length as u32);
    let reached = REACHED.get_or_init(|| {
        let states = all(EARLY).map(|text| (read(text, EARLY, START, step), text));
        states.collect()
    });
    let found =
        all(LATE).find_map(|text| Some((text, *reached.get(&read(text, LATE, wanted, back))?)));
    let Some((late, early)) = found else {
        return String::new();
    };
    // `late` was undone in the order in which the text reads; `early` was read from the end.
    let order = |text: u32, length: usize| (0..length).map(move |place| UNSEEN[digit(text, place)]);
    let mut out: String = order(late, LATE).collect();
    out.extend(order(early, EARLY).collect::<Vec<_>>().iter().rev());
    out
}

fn digit(text: u32, place: usize) -> usize {
    (text >> (3 * place)) as usize & 7
}

#[cfg(test)]
mod tests {
    use super::*;

    /// npm's string-hash, which Grafana calls: from the end to the beginning.
    fn hash(name: &str) -> u32 {
        let units: Vec<u16> = name.encode_utf16().collect();
        units
            .iter()
            .rev()
            .fold(START, |state, unit| step(state, (*unit).into()))
    }

    #[test]
    fn a_model_has_one_hash_whatever_ends_its_name() {
        for ending in [" p99", " p95", " p50", " highest pod", " waiting", ", 6h"] {
            let legend = coloured_by_label(&format!("{{{{model_name}}}}{ending}"));
            for model in ["qwen3-235b", "meta-llama/Llama-3.1-8B-Instruct", "ü"] {
                let name = legend.replace("{{model_name}}", model);
                assert_eq!(hash(&name), hash(model), "{name:?}");
                assert!(name.starts_with(&format!("{model}{ending}")), "{name:?}");
            }
        }
    }

    #[test]
    fn a_name_without_an_ending_or_without_a_label_stays_as_it_is() {
        assert_eq!(coloured_by_label("{{model_name}}"), "{{model_name}}");
        assert_eq!(coloured_by_label("threshold"), "threshold");
        assert_eq!(escaped("a\u{2060}"), "a\\u2060");
    }
}
