//! Two numbers of which vLLM wants one to be at most the other.

use super::say;
use crate::rules::concurrency::integer;
use crate::rules::look::{Arg, Model};
use crate::{Findings, Node};

/// The smaller, the larger, and the argument above 1 without which vLLM does not compare them.
const PAIRS: &str = "\
--max-loras --max-cpu-loras
--max-long-partial-prefills --max-num-partial-prefills
--long-prefill-token-threshold --max-model-len --max-num-partial-prefills
--data-parallel-size-local --data-parallel-size";

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    let number = |arg: &Arg<'_>| integer(arg.value);
    for line in PAIRS.lines() {
        let mut flags = line.split(' ');
        let (Some(small), Some(large)) = (flags.next(), flags.next()) else {
            continue;
        };
        let compared = flags.next().is_none_or(|flag| {
            let given = model.arg(flag).and_then(|arg| number(&arg));
            given.is_some_and(|count| count > 1)
        });
        let Some(arg) = model.arg(small) else {
            continue;
        };
        let (most, place) = match model.arg(large) {
            Some(other) => (number(&other), other.node.place),
            None => (sized(model, large), arg.node.place),
        };
        let (Some(least), Some(most)) = (number(&arg), most.filter(|_| compared)) else {
            continue;
        };
        if least <= most {
            continue;
        }
        findings.push(
            say(
                &arg.path,
                arg.holder,
                format!("{small} {least}, above {large} {most}"),
                &format!("at most {large}"),
            )
            .fix(format!("write {small}={most}, or raise {large} to {least}"))
            .related(place, "the limit"),
        );
    }
}

/// The size that the chart gives the argument itself.
fn sized(model: &Model<'_>, flag: &str) -> Option<u64> {
    if flag != "--data-parallel-size" {
        return None;
    }
    let size = model
        .deploy?
        .child("dataParallelSize")
        .and_then(Node::as_i64);
    u64::try_from(size?).ok()
}
