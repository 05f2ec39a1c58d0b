//! The command line: what the chart sets is taken, what the real server refuses is refused in its words.

#![allow(clippy::unwrap_used)]

use fleet::arguments::{Arguments, check_vllm_port};

fn parse(line: &str) -> Result<Arguments, (u8, String)> {
    Arguments::parse(line.split_whitespace().map(str::to_owned))
        .map_err(|refused| (refused.code, refused.message))
}

#[test]
fn every_flag_that_the_charts_template_sets_is_known() {
    let template = harness::repo::root().join("chart/templates/vllm/_container.tpl");
    let text = std::fs::read_to_string(template).unwrap();
    let flags: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- --"))
        .map(|flag| flag.split('=').next().unwrap())
        .collect();
    assert!(flags.len() >= 5, "{flags:?}");
    for flag in flags {
        let value = match flag {
            "port" => "1",
            _ if flag.ends_with("-parallel-size") => "1",
            _ => "x",
        };
        parse(&format!("serve m --{flag}={value}")).unwrap();
    }
}

#[test]
fn values_are_read_in_all_of_argparses_forms() {
    let line = "serve Qwen/Qwen3-235B --served-model-name a b --port=8001 -tp 4 --max_model_len 32k \
                --no-enable-prefix-caching --otlp-traces-endpoint http://c:4317 --collect-detailed-traces all";
    let arguments = parse(line).unwrap();
    assert_eq!(arguments.model, "Qwen/Qwen3-235B");
    assert_eq!(arguments.served, ["a", "b"]);
    assert_eq!(arguments.port, 8001);
    assert_eq!(arguments.number("--tensor-parallel-size"), Some(4));
    assert_eq!(arguments.number("--max-model-len"), Some(32_000));
    assert_eq!(arguments.switch("--enable-prefix-caching"), Some(false));
    assert_eq!(arguments.traces.as_deref(), Some("http://c:4317"));
    let plain = parse("serve --model=m").unwrap();
    assert_eq!(
        (plain.served, plain.port, plain.traces),
        (vec!["m".to_owned()], 8000, None)
    );
}

#[test]
fn refusals_are_argparses() {
    for (line, words) in [
        (
            "serve m --no-such-flag",
            "vllm: error: unrecognized arguments: --no-such-flag",
        ),
        (
            "serve m --no-such-flag=3 x",
            "vllm: error: unrecognized arguments: --no-such-flag=3 x",
        ),
        (
            "serve m --port http",
            "vllm serve: error: argument --port: invalid int value: 'http'",
        ),
        (
            "serve m --port",
            "vllm serve: error: argument --port: expected one argument",
        ),
        (
            "serve m --served-model-name",
            "argument --served-model-name: expected at least one argument",
        ),
        (
            "serve m -tp two",
            "argument --tensor-parallel-size/-tp: invalid int value: 'two'",
        ),
        (
            "serve m --dtype int4",
            "argument --dtype: invalid choice: 'int4' (choose from auto, bfloat16",
        ),
        (
            "serve m --enforce-eager=yes",
            "ignored explicit argument 'yes'",
        ),
        (
            "serve m --max-model-len long",
            "argument --max-model-len: invalid",
        ),
        (
            "start m",
            "invalid choice: 'start' (choose from chat, complete, serve",
        ),
        ("", "the following arguments are required"),
    ] {
        let (code, said) = parse(line).unwrap_err();
        assert_eq!(code, 2, "{line}");
        assert!(
            said.starts_with("usage: vllm") && said.contains(words),
            "{line}: {said}"
        );
    }
}

#[test]
fn what_only_the_engine_refuses_ends_with_one() {
    for (line, words) in [
        (
            "serve m --collect-detailed-traces all",
            "requires `--otlp-traces-endpoint`",
        ),
        (
            "serve m --gpu-memory-utilization 1.2",
            "gpu_memory_utilization",
        ),
    ] {
        let (code, said) = parse(line).unwrap_err();
        assert_eq!(code, 1, "{line}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_service_link_in_vllm_port_is_refused_as_a_uri() {
    let said = check_vllm_port(Some("tcp://10.0.0.1:8000")).unwrap_err();
    assert_eq!(said.code, 1);
    assert!(said.message.starts_with(
        "ValueError: VLLM_PORT 'tcp://10.0.0.1:8000' appears to be a URI. This may be caused by a Kubernetes service discovery issue"
    ));
    let said = check_vllm_port(Some("many")).unwrap_err().message;
    assert!(said.ends_with("must be a valid integer"), "{said}");
    check_vllm_port(Some("5678")).unwrap();
    check_vllm_port(None).unwrap();
}
