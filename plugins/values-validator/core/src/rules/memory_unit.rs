//! Memory is counted in bytes: `512` is 512 bytes, and `512m` is half a byte (`m` is a thousandth).
//! Such a container is killed before it starts. `Mi` and `Gi` are meant.

#[cfg(feature = "full")]
mod shared;

use super::Rule;
use super::look::walk_given;
use crate::{Findings, Severity, Values};
use vllm_catalog::number::Shown;

/// Memory in `resources` and `sharedMemory`.
pub const RULE: Rule = Rule {
    code: "memory-unit",
    severity: Severity::Error,
    title: text!("An amount of memory is less than a mebibyte"),
    check,
};

const MEBIBYTE: f64 = 1_048_576.0;
const MEMORY: [&str; 4] = ["memory", "ephemeral-storage", "sharedMemory", "size"];

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    shared::check(values, findings);
    walk_given(&values.root, "", &mut |path, key, node| {
        if let (true, Some(cores)) = (key == "cpu", node.as_quantity().filter(|n| *n >= 1000.0)) {
            let text = node.as_str().unwrap_or("");
            let number = node.as_i64().map(|n| n.to_string());
            let text = number.as_deref().unwrap_or(text);
            let mut finding = RULE.finds(
                path,
                &node.place,
                format!("{}, that is {} cores", node.described(), Shown(cores)),
                text!("cores such as 2, or thousandths such as 500m"),
                text!("No node has so many: the pod is never scheduled."),
            );
            if let Some(digits) = text.trim_end_matches('i').strip_suffix('M') {
                finding = finding
                    .replace(node.place, format!("{digits}m"))
                    .fix(format!("write {digits}m"));
            } else {
                finding = finding.fix(format!(
                    "write {text}m for {} cores, or the number of cores",
                    Shown(cores / 1000.0)
                ));
            }
            findings.push(finding);
        }
        // How long the policy or an alert remembers is a duration.
        // Other objects have sizes of other things.
        if !MEMORY.contains(&key)
            || path.starts_with("tracing.policy")
            || path.starts_with("rules")
            || path.starts_with("extra") && !(crate::FULL && path.contains(".resources."))
        {
            return;
        }
        if let Some(text) = node.as_str().and_then(|t| t.strip_suffix(['M', 'i']))
            && key == "memory"
            && path.starts_with("models[")
            && path.contains(".deploy.resources.")
            && node
                .as_quantity()
                .is_some_and(|b| (MEBIBYTE..512.0 * MEBIBYTE).contains(&b))
        {
            let meant = format!("{}Gi", text.trim_end_matches('M'));
            let mut finding = RULE
                .finds(
                    path,
                    &node.place,
                    format!("{} for vLLM", node.described()),
                    text!("some gibibytes, such as 16Gi"),
                    text!("vLLM needs more to start: the container is killed, again and again."),
                )
                .fix_write(&meant);
            if meant.starts_with(|c: char| c.is_ascii_digit()) {
                finding = finding.replace(node.place, meant);
            }
            finding.severity = Severity::Warning;
            findings.push(finding);
        }
        let Some(bytes) = node.as_quantity().filter(|b| *b > 0.0 && *b < MEBIBYTE) else {
            return;
        };
        let text = node
            .as_str()
            .map_or_else(|| node.described(), str::to_owned);
        let finding = RULE.finds(
            path,
            &node.place,
            format!("{text}, that is {} bytes", Shown(bytes)),
            text!("an amount with its unit, such as 512Mi or 16Gi"),
            text!("The container is killed before it starts."),
        );
        #[cfg(feature = "full")]
        let finding = match shared::below_request(values, path, bytes) {
            Some(why) => finding.why(why),
            None => finding,
        };
        let digits = text.trim_end_matches('m');
        let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        findings.push(if text.ends_with('m') && whole {
            finding
                .fix(format!("write {digits}Mi"))
                .replace(node.place, format!("{digits}Mi"))
        } else if path == "tracing.queue.size" {
            finding.fix(text!(
                "write 256Mi: the queue is limited by its bytes, not by the number of requests"
            ))
        } else {
            finding.fix(if whole {
                units(path, digits)
            } else {
                "add the unit: Mi or Gi".into()
            })
        });
    });
}

/// Both amounts that a number without its unit may be, what fits a machine first: no container of vLLM has a
/// few mebibytes, no other one hundreds of gibibytes.
#[cfg(feature = "full")]
fn units(path: &str, digits: &str) -> String {
    let most = if path.starts_with("models") { 4096 } else { 64 };
    let [mut first, mut second] = ["Gi", "Mi"];
    if digits.parse::<u64>().is_ok_and(|number| number >= most) {
        (first, second) = (second, first);
    }
    format!("write {digits}{first} or {digits}{second}")
}

#[cfg(not(feature = "full"))]
fn units(_: &str, digits: &str) -> String {
    format!("write {digits}Gi or {digits}Mi")
}
