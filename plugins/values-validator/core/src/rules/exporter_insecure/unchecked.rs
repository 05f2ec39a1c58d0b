//! An authority beside `insecureSkipVerify`, which has no certificate checked by it; and a header given twice.

use super::{RULE, on};
use crate::Findings;
use crate::node::{Node, join};
use crate::rules::endpoint::Endpoint;

pub(super) fn check(end: &Endpoint<'_>, findings: &mut Findings) {
    let exporter = end.path.trim_end_matches(".endpoint");
    let authority = end.exporter.get("tlsSecret.ca");
    let authority = authority.filter(|node| node.as_str().is_some_and(|text| !text.is_empty()));
    if let (Some(skip), Some(authority)) = (on(end, "insecureSkipVerify"), authority) {
        let finding = RULE
            .warning(join(exporter, "insecureSkipVerify"), &skip.place)
            .found("insecureSkipVerify: true beside an authority in tlsSecret.ca")
            .expected("one of them")
            .why("No certificate is checked: who is on the path reads every trace, and the authority has no effect.")
            .fix("remove insecureSkipVerify")
            .remove(skip)
            .related(authority.place, "the authority");
        findings.push(finding);
    }
    let lists = ["headers", "headersFrom"].map(|list| end.exporter.child(list));
    let mut seen: Vec<(String, &Node)> = Vec::new();
    for (list, node) in ["headers", "headersFrom"].into_iter().zip(lists) {
        for (name, node) in node.into_iter().flat_map(Node::entries) {
            let lower = name.to_ascii_lowercase();
            let first = seen.iter().find(|(other, _)| *other == lower);
            if let Some((_, first)) = first {
                let finding = RULE
                    .warning(join(&join(exporter, list), name), node.key_place())
                    .found(format!("the header {name} again"))
                    .expected("each header once, in any letter case")
                    .why("The receiver gets two values of it, and refuses the traces or takes either.")
                    .fix("leave one of them out")
                    .related(first.key_place(), "the first of them");
                findings.push(finding);
            }
            seen.push((lower, node));
        }
    }
}
