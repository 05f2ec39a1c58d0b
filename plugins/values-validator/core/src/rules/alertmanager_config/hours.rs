//! Routes that are quiet when they should speak: muted in the hours of work, or active outside of them alone.

use super::{RULE, items};
use crate::node::join;
use crate::{Findings, Node};

/// Looks at all routes below one. A route whose neighbours have times of their own may leave its alerts to them.
pub(super) fn check(config: &Node, path: &str, route: &Node, findings: &mut Findings) {
    let timed = |route: &Node| {
        let keys = ["mute_time_intervals", "active_time_intervals"];
        keys.iter().any(|key| items(route, key).next().is_some())
            || route.child("continue").and_then(Node::as_bool) == Some(true)
    };
    let alone = items(route, "routes").filter(|(_, one)| timed(one)).count() == 1;
    for (at, child) in items(route, "routes") {
        let path = format!("{path}.routes[{at}]");
        if alone && warnings(child) && child.child("routes").is_none() {
            quiet(config, &path, child, findings);
        }
        check(config, &path, child, findings);
    }
}

/// Whether it takes alerts that can wait for the morning, and no others.
fn warnings(route: &Node) -> bool {
    let mut texts = items(route, "matchers").filter_map(|(_, matcher)| matcher.as_str());
    let by_severity = |text: &str| {
        let text = text.replace([' ', '"', '\'', '~'], "");
        text.strip_prefix("severity=")
            .is_some_and(|of| of.split('|').all(|one| matches!(one, "warning" | "info")))
    };
    let old = route.get("match.severity").and_then(Node::as_str);
    matches!(old, Some("warning" | "info")) || texts.any(by_severity)
}

/// A key, what was meant, the interval of which that is so, and what happens with the one and with the other.
type Row = (
    &'static str,
    &'static str,
    fn(&Node) -> bool,
    &'static str,
    &'static str,
);

fn quiet(config: &Node, path: &str, route: &Node, findings: &mut Findings) {
    let of = |name: &str, fits: fn(&Node) -> bool| {
        ["time_intervals", "mute_time_intervals"].iter().any(|key| {
            items(config, key).any(|(_, interval)| {
                let named = interval.child("name").and_then(Node::as_str) == Some(name);
                let mut times = items(interval, "time_intervals")
                    .map(|(_, times)| times)
                    .peekable();
                named && times.peek().is_some() && times.all(fits)
            })
        })
    };
    let rows: [Row; 2] = [
        (
            "mute_time_intervals",
            "active_time_intervals",
            work,
            "in the hours of work",
            "at night and at weekends alone",
        ),
        (
            "active_time_intervals",
            "mute_time_intervals",
            weekend,
            "outside of weekends",
            "at weekends alone",
        ),
    ];
    for (key, meant, fits, quiet, spoken) in rows {
        let Some(node) = route.child(key) else {
            continue;
        };
        let mut names = node.items().iter().filter_map(Node::as_str).peekable();
        if names.peek().is_none() || !names.all(|name| of(name, fits)) {
            continue;
        }
        let finding = RULE
            .warning(join(path, key), node.key_place())
            .found(format!("warnings that are muted {quiet}"))
            .expected(meant)
            .why(format!("People are notified of them {spoken}."));
        findings.push(finding.writes(node.key_place(), meant));
    }
}

/// Whether it is days of a week alone, in texts as Alertmanager has them.
fn days(times: &Node, fits: impl Fn(&str) -> bool) -> bool {
    let mut days = items(times, "weekdays")
        .map(|(_, day)| day.as_str())
        .peekable();
    days.peek().is_some()
        && days.all(|day| {
            day.is_some_and(|day| day.split(':').all(|day| fits(&day.to_ascii_lowercase())))
        })
        && ["days_of_month", "months", "years"]
            .iter()
            .all(|key| times.child(key).is_none())
}

/// A part of the days from Monday to Friday, between six and eight.
fn work(times: &Node) -> bool {
    let hour = |range: &Node, key: &str| -> Option<u32> {
        range.child(key)?.as_str()?.split(':').next()?.parse().ok()
    };
    let by_day = |range: &Node| {
        let (start, end) = (hour(range, "start_time"), hour(range, "end_time"));
        start.is_some_and(|hour| hour >= 6)
            && end.is_some_and(|end| end <= 20 && start.is_some_and(|start| end >= start + 6))
    };
    days(times, |day| !matches!(day, "saturday" | "sunday"))
        && items(times, "times").next().is_some()
        && items(times, "times").all(|(_, range)| by_day(range))
}

/// Saturday and Sunday.
fn weekend(times: &Node) -> bool {
    days(times, |day| matches!(day, "saturday" | "sunday"))
}
