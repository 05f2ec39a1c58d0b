//! Arguments that leave the pod without the HTTP server that the chart asks.

use super::RULE;
use crate::Findings;
use crate::rules::look::Model;

const ASKED: &str = "The startup probe and the Service ask /health at the port: it is never answered, and the pod is restarted again and again.";

pub(super) fn none(model: &Model<'_>, findings: &mut Findings) {
    let cases = [
        (
            "--headless",
            "a server of each pod: --headless is for further nodes of another one",
            "remove it: every pod of the chart serves requests itself",
        ),
        (
            "--uds",
            "a server at the port, not at a socket",
            "remove it",
        ),
        (
            "--api-server-count",
            "1 or more API servers",
            "remove it, or write the number of API servers",
        ),
        (
            "--grpc",
            "the HTTP server, which has /health and /metrics",
            "remove it",
        ),
    ];
    for (flag, expected, fix) in cases {
        let Some(arg) = model.arg(flag) else { continue };
        let none = match flag {
            "--api-server-count" => arg.value == "0",
            "--uds" => !arg.value.is_empty(),
            _ => !matches!(arg.value, "false" | "False"),
        };
        if none {
            let text = arg.node.as_str().unwrap_or(flag);
            let finding = RULE
                .at(arg.path.clone(), &arg.node.place)
                .found(text)
                .expected(expected)
                .why(ASKED)
                .fix(fix);
            findings.push(if std::ptr::eq(arg.node, arg.holder) {
                finding.remove(arg.node)
            } else {
                finding
            });
        }
    }
}
