//! Time intervals of Alertmanager: times of a day, days, months and years, as its own parser reads them.

use crate::embedded::Text;
use crate::node::join;
use crate::shape::nearest;
use crate::{Node, Place};

/// What is wrong at a path: place, what was found, what was expected, and what to do.
pub(super) type Fault = (String, Place, String, String, String);

const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Whether the time zone database can have such a name.
pub(super) fn zone(text: &str) -> bool {
    const ALONE: Text = text!(
        "UTC Local GMT CET EET MET WET EST MST HST Cuba Egypt Eire GB Hongkong Iceland Iran Israel Jamaica Japan Libya NZ PRC Poland Portugal ROK Singapore Turkey UCT Universal Zulu EST5EDT CST6CDT MST7MDT PST8PDT"
    );
    const AREAS: Text = text!(
        "Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada Chile Europe Etc Indian Mexico Pacific US"
    );
    match text.split_once('/') {
        Some((area, _)) => {
            !text.contains(' ') && AREAS.as_str().split(' ').any(|known| known == area)
        }
        None => ALONE.as_str().split(' ').any(|known| known == text),
    }
}

/// Everything wrong in an entry of `time_intervals[].time_intervals`.
pub(super) fn faults(path: &str, times: &Node) -> Vec<Fault> {
    let mut faults = Vec::new();
    let items = |key: &str| times.child(key).map_or(&[][..], Node::items);
    for (at, range) in items("times").iter().enumerate() {
        day(&format!("{path}.times[{at}]"), range, &mut faults);
    }
    for key in ["weekdays", "days_of_month", "months", "years"] {
        for (at, node) in items(key).iter().enumerate() {
            let text = match node.as_str() {
                Some(text) => text.to_ascii_lowercase(),
                None => match node.as_i64() {
                    Some(number) => number.to_string(),
                    None => continue,
                },
            };
            if let Err((expected, mut fix)) = range(key, &text) {
                if let Some(days) = days(&text).filter(|_| key == "weekdays") {
                    fix = format!("write {days}");
                }
                let path = format!("{path}.{key}[{at}]");
                faults.push((path, node.place, node.described(), expected, fix));
            }
        }
    }
    if let Some(node) = times.child("location")
        && let Some(text) = node.as_str()
        && !text.is_empty()
        && !zone(text)
    {
        faults.push((
            format!("{path}.location"),
            node.place,
            node.described(),
            text!("a place of the time zone database, or UTC")
                .as_str()
                .into(),
            text!("write it as Europe/Berlin, America/New_York or UTC")
                .as_str()
                .into(),
        ));
    }
    faults
}

fn day(path: &str, range: &Node, faults: &mut Vec<Fault>) {
    let mut minutes = Vec::new();
    for key in ["start_time", "end_time"] {
        let Some(node) = range.child(key) else {
            let fix = format!("add {key}: \"06:00\"");
            let found = format!("no {key}");
            let expected = "start_time and end_time".to_owned();
            faults.push((join(path, key), range.place, found, expected, fix));
            continue;
        };
        match node.as_str().and_then(clock) {
            Some(at) => minutes.push((at, node)),
            None => faults.push((
                join(path, key),
                node.place,
                node.described(),
                text!("a time from \"00:00\" to \"24:00\", with two digits each, in quotes")
                    .as_str()
                    .to_owned(),
                match node.as_str().map(|text| format!("0{text}")) {
                    Some(padded) if clock(&padded).is_some() => format!("write {padded:?}"),
                    _ => text!("write \"06:00\", or \"24:00\" for the end of the day")
                        .as_str()
                        .to_owned(),
                },
            )),
        }
    }
    if let [(start, _), (end, node)] = minutes[..]
        && start >= end
    {
        faults.push((
            join(path, "end_time"),
            node.place,
            node.described(),
            text!("an end behind the start").as_str().to_owned(),
            text!("for a night write two ranges: one to \"24:00\", one from \"00:00\"")
                .as_str()
                .to_owned(),
        ));
    }
}

/// Minutes of `HH:MM`.
fn clock(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= 24 * 60).then_some(all)
}

/// Days as Alertmanager lists them, of `mon-fri`, `Mon to Fri`, `fri:sun`: its week begins on Sunday.
pub(crate) fn days(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase().replace(" to ", "-");
    let (start, end) = text.split_once(['-', ':'])?;
    let day = |part: &str| {
        let part = part.trim();
        let near = WEEKDAYS.iter().position(|name| name.starts_with(part));
        near.filter(|_| part.len() > 1)
    };
    let (start, end) = (day(start)?, day(end)?);
    let span = |start: usize, end: usize| {
        if start == end {
            WEEKDAYS[start].to_owned()
        } else {
            format!("{}:{}", WEEKDAYS[start], WEEKDAYS[end])
        }
    };
    Some(if start <= end {
        span(start, end)
    } else {
        format!("{}, {}", span(start, 6), span(0, end))
    })
}

/// `monday:friday`, `1:5`, `-3:-1`; what was expected and what to do where it is none.
fn range(key: &str, text: &str) -> Result<(), (String, String)> {
    let mut ends = Vec::new();
    for part in text.split(':') {
        ends.push(member(key, part)?);
    }
    let (start, end) = match ends[..] {
        [one] => (one, one),
        [start, end] => (start, end),
        _ => {
            return Err((
                "a start and an end".into(),
                "write start:end, such as monday:friday".into(),
            ));
        }
    };
    // Days before a month's end count from its end.
    let from = |day: i64| if day < 0 { 31 + day + 1 } else { day };
    if from(start) > from(end) {
        return Err((
            text!("an end that is not before the start").as_str().into(),
            text!("write two ranges").as_str().into(),
        ));
    }
    Ok(())
}

fn member(key: &str, part: &str) -> Result<i64, (String, String)> {
    let named = |names: &[&str]| names.iter().position(|name| *name == part);
    let number: Option<i64> = part.parse().ok();
    let found = match key {
        "weekdays" => named(&WEEKDAYS).map(|at| at as i64),
        "months" => number
            .filter(|n| (1..=12).contains(n))
            .or_else(|| named(&MONTHS).map(|at| at as i64 + 1)),
        "days_of_month" => number.filter(|n| *n != 0 && (-31..=31).contains(n)),
        _ => number,
    };
    found.ok_or_else(|| {
        let names: &[&str] = match key {
            "weekdays" => &WEEKDAYS,
            "months" => &MONTHS,
            _ => {
                let most = if key == "years" { "2030" } else { "31" };
                return (
                    format!("a whole number, such as 1:{most}"),
                    format!("write numbers, such as 1:{most}"),
                );
            }
        };
        // `mon` is monday.
        let near = names
            .iter()
            .copied()
            .find(|name| part.len() >= 3 && name.starts_with(part))
            .or_else(|| nearest(part, names.iter().copied()));
        let all = if key == "months" {
            text!("a month from january to december, or 1 to 12")
                .as_str()
                .to_owned()
        } else {
            names.join(", ")
        };
        let fix = near.map_or_else(|| format!("write {all}"), |near| format!("write {near}"));
        (all, fix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_alertmanager_reads_them() {
        for (key, good) in [
            ("weekdays", "monday:friday"),
            ("weekdays", "sunday"),
            ("months", "january:3"),
            ("months", "12"),
            ("days_of_month", "-3:-1"),
            ("days_of_month", "1:-1"),
            ("years", "2025:2027"),
        ] {
            assert_eq!(range(key, good), Ok(()), "{key} {good}");
        }
        for (key, bad) in [
            ("weekdays", "mon:fri"),
            ("weekdays", "friday:monday"),
            ("weekdays", "1:5"),
            ("months", "13"),
            ("days_of_month", "0"),
            ("days_of_month", "32"),
            ("years", "2027:2025"),
            ("weekdays", "monday:tuesday:friday"),
        ] {
            assert!(range(key, bad).is_err(), "{key} {bad}");
        }
        assert_eq!(clock("24:00"), Some(1440));
        assert_eq!(
            [
                clock("25:00"),
                clock("24:01"),
                clock("6:00"),
                clock("06:60")
            ],
            [None; 4]
        );
    }
}
