//! Arguments that vLLM takes and that do nothing beside, or without, another one.

use super::RULE;
use crate::Findings;
use crate::rules::look::Model;

/// A flag, and one of those without which it does nothing.
const WITHOUT: &str = "--max-loras --enable-lora\n--max-lora-rank --enable-lora\n--max-cpu-loras --enable-lora\n--lora-dtype --enable-lora\n--fully-sharded-loras --enable-lora\n--default-mm-loras --enable-lora\n--eplb-config --enable-eplb\n--tool-parser-plugin --tool-call-parser\n--reasoning-parser-plugin --reasoning-parser\n--kv-offloading-backend --kv-offloading-size\n--kv-cache-metrics-sample --kv-cache-metrics\n--expert-placement-strategy --enable-expert-parallel\n--all2all-backend --enable-expert-parallel\n--ssl-certfile --ssl-keyfile\n--ssl-keyfile --ssl-certfile\n--ssl-ca-certs --ssl-certfile";
/// A flag, and those beside which it does nothing.
const BESIDE: &str = "--cuda-graph-sizes --enforce-eager\n--cudagraph-capture-sizes --enforce-eager\n--max-cudagraph-capture-size --enforce-eager\n--max-seq-len-to-capture --enforce-eager\n--prefix-caching-hash-algo --no-enable-prefix-caching\n--long-prefill-token-threshold --no-enable-chunked-prefill\n--max-num-partial-prefills --no-enable-chunked-prefill\n--max-long-partial-prefills --no-enable-chunked-prefill";

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    // A file of arguments may have the other one.
    if model.arg("--config").is_some() {
        return;
    }
    for (table, beside) in [(WITHOUT, false), (BESIDE, true)] {
        for (flag, other) in table.lines().filter_map(|line| line.split_once(' ')) {
            if let Some(arg) = model
                .arg(flag)
                .filter(|_| model.arg(other).is_some() == beside)
            {
                let (found, expected, fix) = if beside {
                    (
                        format!("{flag} beside {other}"),
                        "one of the two",
                        format!("remove {other}, or remove {flag}"),
                    )
                } else {
                    (
                        format!("{flag} without {other}"),
                        "both",
                        format!("add the argument {other}, or remove {flag}"),
                    )
                };
                push(&arg.path, arg.node, found, expected, fix, findings);
            }
        }
    }
    let eager = model.arg("--enforce-eager").is_some();
    let config = ["--compilation-config", "-O", "-cc"]
        .iter()
        .find_map(|flag| model.arg(flag));
    if let Some(arg) = config.filter(|arg| eager && arg.value.contains("cudagraph")) {
        let found = "cudagraph in --compilation-config beside --enforce-eager".to_owned();
        let fix = "remove --enforce-eager, or what the configuration says of cudagraph".to_owned();
        push(
            &arg.path,
            arg.holder,
            found,
            "one of the two",
            fix,
            findings,
        );
    }
}

fn push(
    path: &str,
    node: &crate::Node,
    found: String,
    expected: &str,
    fix: String,
    findings: &mut Findings,
) {
    findings.push(
        RULE.warning(path, &node.place)
            .found(found)
            .expected(expected)
            .why("vLLM takes it, and it does nothing so.")
            .fix(fix),
    );
}
