//! A route and those below it: the receiver, the labels to group by, and the time intervals.

use super::{CRASHES, RULE, Reader, items};
use crate::node::join;
use crate::shape::nearest;
use crate::shape::written;
use crate::sorted::Names;
use crate::{Node, Severity, re2};

impl Reader<'_> {
    pub(super) fn route(&mut self, path: &str, route: &Node, first: bool) {
        match route.child("receiver") {
            None if first => self.say(
                &join(path, "receiver"),
                route.place,
                "no receiver",
                text!("the receiver of every alert that no route below takes").as_str(),
                "add receiver",
            ),
            _ => {}
        }
        if first {
            for key in ["match", "match_re", "matchers"] {
                if let Some(node) = route
                    .child(key)
                    .filter(|n| n.entries().count() + n.items().len() > 0)
                {
                    self.say(
                        &join(path, key),
                        node.key_place(),
                        format!("{key} in the first route"),
                        text!("a first route that takes every alert").as_str(),
                        text!("put it into a route below: routes: [{receiver: …, matchers: […]}]")
                            .as_str(),
                    );
                }
            }
        }
        self.matchers(path, route, "matchers");
        for key in ["group_interval", "repeat_interval"] {
            if let Some(node) = route.child(key)
                && (node.as_seconds() == Some(0.0)
                    || matches!(node.as_str(), Some("0"))
                    || node.as_i64() == Some(0))
            {
                self.push(
                    RULE.finds(
                        join(path, key),
                        &node.place,
                        node.described(),
                        text!("a duration above 0"),
                        CRASHES,
                    )
                    .fix("write 5m")
                    .replace(node.place, "5m"),
                );
            }
        }
        // It looks whether to repeat only when a group's interval ends.
        let seconds = |key: &str| route.child(key)?.as_seconds();
        if let Some(node) = route.child("repeat_interval")
            && let (Some(own), Some(every)) = (node.as_seconds(), seconds("group_interval"))
            && own < every
        {
            let found = text!("a repeat_interval below group_interval").to_string();
            self.push(RULE.warns(
                &join(path, "repeat_interval"),
                node.place,
                found,
                [
                    text!("a repeat_interval not below group_interval"),
                    text!("A notification is repeated only when a group_interval ends."),
                    text!("write group_interval's duration or more, or lower group_interval"),
                ],
            ));
        }
        for (key, node) in route.child("match_re").into_iter().flat_map(Node::entries) {
            if let Some(why) = node.as_str().and_then(re2::refused) {
                self.say(
                    &join(&join(path, "match_re"), key),
                    node.place,
                    why,
                    text!("a regular expression of RE2").as_str(),
                    "close each bracket",
                );
            }
        }
        let mut grouped = Names::default();
        let several = items(route, "group_by").count() > 1;
        for (at, label) in items(route, "group_by") {
            let Some(name) = label.as_str() else { continue };
            let path_of = format!("{path}.group_by[{at}]");
            if !grouped.insert(name) {
                self.say(
                    &path_of,
                    label.place,
                    format!("{name}, twice"),
                    "each label once",
                    "remove one",
                );
            }
            if name == "..." && several {
                self.say(
                    &path_of,
                    label.place,
                    text!("'...' beside other labels").as_str(),
                    text!("'...' alone, which is every label, or the labels").as_str(),
                    text!("leave '...' alone, or remove it").as_str(),
                );
            }
            self.known_label(&path_of, label, name, false);
            // Alertmanager takes any text for a name, as UTF-8 allows it.
            let odd = name.contains(|c: char| c.is_whitespace() || ",={}\"'".contains(c));
            if odd || name.is_empty() {
                let mut finding = RULE
                    .at(path_of, &label.place)
                    .found_text(name)
                    .expected(text!("a label's name, or '...'"))
                    .why(CRASHES)
                    .fix("write the label's name");
                if odd {
                    finding.severity = Severity::Warning;
                    finding.why = text!("No alert has such a label.").to_string();
                }
                self.push(finding);
            }
        }
        for key in ["mute_time_intervals", "active_time_intervals"] {
            for (at, name) in items(route, key) {
                let text = name.as_str().unwrap_or("");
                if !self.intervals.contains(&text) {
                    let finding = RULE.finds(
                        format!("{path}.{key}[{at}]"),
                        &name.place,
                        format!("{text:?}, which is not in time_intervals"),
                        text!("one of time_intervals"),
                        CRASHES,
                    );
                    let near = nearest(text, self.intervals.iter().copied());
                    self.push(match near {
                        Some(near) => finding.meant(name.place, near),
                        None => match &self.intervals[..] {
                            [only] if crate::FULL => {
                                finding.fix(format!("write {only}, or add it to time_intervals"))
                            }
                            _ => finding.fix(text!("add it to time_intervals")),
                        },
                    });
                }
            }
        }
        let mut before: Vec<(String, &Node)> = Vec::new();
        for (at, below) in items(route, "routes") {
            let path = format!("{path}.routes[{at}]");
            let mut own = String::new();
            for key in ["matchers", "match", "match_re"] {
                if let Some(node) = below.child(key) {
                    let text = written(node);
                    if text.len() > 2 {
                        own = own + key + &text;
                    }
                }
            }
            if let Some((_, taker)) =
                (before.iter()).find(|(other, _)| other.is_empty() || *other == own)
            {
                let found = text!("a route behind one that takes all of its alerts").to_string();
                let finding = RULE.warns(
                    &path,
                    below.place,
                    found,
                    [
                        text!("continue: true in the first one, or other matchers"),
                        text!("No alert arrives here: the first route that fits takes it."),
                        text!("move it before that one, or write continue: true there"),
                    ],
                );
                #[cfg(feature = "full")]
                let finding = finding.fix(moved(taker));
                self.push(finding.related(taker.place, "the route that takes them"));
            }
            if below.child("continue").and_then(Node::as_bool) != Some(true) {
                before.push((own, below));
            }
            self.route(&path, below, false);
        }
    }
}

/// What to do about a route that another one is before.
#[cfg(feature = "full")]
fn moved(taker: &Node) -> String {
    let receiver = taker.child("receiver").and_then(Node::as_str);
    let taker_of = match receiver {
        Some(name) => format!("the route to {name}, in line {}", taker.place.line),
        None => format!("the route in line {}", taker.place.line),
    };
    format!("move it before {taker_of}; or, where both are to be told, write continue: true there")
}
