//! Inhibition by meaning: which alerts mute which.

mod unbound;

use super::alerts::{Alert, Alerts, Kind, Label};
use super::meaning::{Matcher, matchers, taken};
use super::{RULE, items};
use crate::node::join;
use crate::{Findings, Node};

/// Looks at each rule of `inhibit_rules`.
pub(super) fn check(alerts: &Alerts<'_>, config: &Node, findings: &mut Findings) {
    for (at, rule) in items(config, "inhibit_rules") {
        let path = format!("alertmanager.config.inhibit_rules[{at}]");
        let sides = ["source_", "target_"].map(|side| matchers(&path, rule, side));
        let [Some(source), Some(target)] = sides else {
            continue;
        };
        let told = findings.0.iter().any(|f| f.path.starts_with(&path));
        if told || source.is_empty() || target.is_empty() {
            continue;
        }
        let side = |own: &[Matcher<'_>]| -> Vec<&Alert<'_>> {
            let all = alerts.all.iter();
            all.filter(|alert| taken(alerts, alert, own) != Some(false))
                .collect()
        };
        let pair = [side(&source), side(&target)];
        if pair.iter().any(Vec::is_empty) {
            continue;
        }
        if let Some(node) = rule
            .child("source_matchers")
            .filter(|_| exchanged(&source, &pair))
        {
            let finding = RULE
                .warning(join(&path, "source_matchers"), node.key_place())
                .found("a lower severity as source than as target")
                .expected("the alerts that mute others as source")
                .why("The alert of lower severity mutes the other one: nobody is notified of it.")
                .fix("swap source_matchers and target_matchers");
            findings.push(finding);
            continue;
        }
        equal(alerts, &path, rule, &pair, findings);
    }
}

/// Whether any alert of a lower severity mutes all that is meant.
fn exchanged(source: &[Matcher<'_>], [sources, targets]: &[Vec<&Alert<'_>>; 2]) -> bool {
    let rank = |alert: &&Alert<'_>| {
        let known = ["info", "warning", "critical"];
        known
            .iter()
            .position(|severity| *severity == alert.severity)
    };
    let ranks = |alerts: &[&Alert<'_>]| -> Option<Vec<usize>> { alerts.iter().map(rank).collect() };
    let (Some(sources), Some(targets)) = (ranks(sources), ranks(targets)) else {
        return false;
    };
    source.iter().all(|matcher| matcher.label == "severity")
        && sources.iter().max() < targets.iter().min()
}

/// Labels that cannot be the same, or that nothing has.
fn equal(
    alerts: &Alerts<'_>,
    path: &str,
    rule: &Node,
    pair: &[Vec<&Alert<'_>>; 2],
    findings: &mut Findings,
) {
    let given = rule.child("equal").map_or(&[][..], Node::items);
    let labels: Option<Vec<&str>> = given.iter().map(Node::as_str).collect();
    let Some(labels) = labels else { return };
    let Some(node) = rule.child("equal").filter(|_| !labels.is_empty()) else {
        findings
            .0
            .extend(unbound::finding(alerts, path, rule, pair));
        return;
    };
    let lacks = |alert: &Alert<'_>, label: &str| matches!(alerts.label(alert, label), Label::Lacks);
    let [sources, targets] = pair;
    let pairs = || {
        sources
            .iter()
            .flat_map(|s| targets.iter().map(move |t| (*s, *t)))
    };
    let agree = |(s, t): (&Alert<'_>, &Alert<'_>), label: &str| {
        s.name == t.name && label != "severity"
            || may_agree(&alerts.label(s, label), &alerts.label(t, label))
    };
    let common = |label: &str| {
        pairs().any(|(s, t)| !lacks(s, label) && !lacks(t, label) && agree((s, t), label))
    };
    let (found, why, meant) = if !pairs().any(|both| labels.iter().all(|label| agree(both, label)))
    {
        let meant: Vec<&str> = labels
            .iter()
            .copied()
            .filter(|label| common(label))
            .collect();
        let holds = pairs().any(|both| meant.iter().all(|label| agree(both, label)));
        (
            "labels that source and target never have in common",
            "An alert is muted only if all labels of equal are the same: the rule mutes none.",
            meant.into_iter().filter(|_| holds).collect::<Vec<_>>(),
        )
    } else if labels.iter().all(|label| {
        let ours = |alert: &&&Alert<'_>| alert.kind != Kind::Other;
        sources
            .iter()
            .chain(targets)
            .filter(ours)
            .all(|alert| lacks(alert, label))
    }) && common("model")
    {
        (
            "labels that none of these alerts has",
            "Two alerts without a label count as equal: an alert of one model mutes those of all.",
            vec!["model"],
        )
    } else {
        return;
    };
    // All of them, where none is left.
    let rest = labels.iter().filter(|label| !meant.contains(label));
    let odd: Vec<&str> = rest.copied().collect();
    let finding = RULE
        .warning(join(path, "equal"), &node.place)
        .found(format!("{found}: {}", odd.join(", ")))
        .expected("labels that the alerts on both sides have")
        .why(why);
    let meant = meant.join(", ");
    findings.push(if meant.is_empty() {
        finding.fix("write labels that both have, such as model")
    } else {
        finding
            .fix(format!("write equal: [{meant}]"))
            .replace(node.place, format!("[{meant}]"))
    });
}

fn may_agree(one: &Label<'_>, other: &Label<'_>) -> bool {
    match (one, other) {
        (Label::Unknown, _) | (_, Label::Unknown) | (Label::Lacks, Label::Lacks) => true,
        (Label::OneOf(one), Label::OneOf(other)) => one.iter().any(|text| other.contains(text)),
        (Label::Lacks, Label::OneOf(texts)) | (Label::OneOf(texts), Label::Lacks) => {
            texts.contains(&"")
        }
        (Label::Lacks, Label::Has) | (Label::Has, Label::Lacks) => false,
        (Label::Has, _) | (_, Label::Has) => true,
    }
}
