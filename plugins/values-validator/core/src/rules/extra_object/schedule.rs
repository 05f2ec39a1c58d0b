//! The times of a CronJob.

use super::refusal::{plain, refused};
use crate::node::join;
use crate::{Findings, Node};

/// Field, the least and the most.
const FIELDS: [(&str, u32, u32); 5] = [
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 7),
];

pub(super) fn check(path: &str, spec: &Node, findings: &mut Findings) {
    let (Some(text), Some(node)) = (plain(spec, "schedule"), spec.child("schedule")) else {
        return;
    };
    if text.starts_with('@') || text.contains("TZ=") {
        return;
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    let say = |found: String| {
        refused(
            join(path, "schedule"),
            node.place,
            found,
            "five fields: minute, hour, day of the month, month, day of the week",
        )
    };
    if parts.len() != FIELDS.len() {
        let finding = say(format!("{text:?}, with {} fields", parts.len()));
        findings.push(match &parts[..] {
            // With seconds, as other programs have them.
            [_, rest @ ..] if rest.len() == FIELDS.len() => {
                finding.quotes(node.place, &rest.join(" "))
            }
            _ => finding.fix("write five fields, such as \"0 3 * * *\" for three o'clock each day"),
        });
        return;
    }
    for ((name, least, most), part) in FIELDS.iter().zip(&parts) {
        let numbers = part
            .split([',', '-'])
            .map(|one| one.split('/').next().unwrap_or(one));
        let beyond = { numbers }
            .filter_map(|one| one.parse::<u32>().ok())
            .find(|one| !(least..=most).contains(&one));
        if let Some(number) = beyond {
            findings.push(say(format!("{number} for the {name}")).fix(format!(
                "write a number from {least} to {most}, or * for each {name}"
            )));
        }
    }
}
