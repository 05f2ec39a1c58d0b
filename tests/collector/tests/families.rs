//! In a cluster with IPv6 alone, or with both families: collector, Prometheus, Alertmanager and Jaeger, started with the
//! addresses that the chart renders, listen on 127.0.0.1 and on ::1 at each of their ports.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use collector_tests::LIMIT;
use harness::child::Child;
use harness::render::{Options, Rendered};
use harness::repo;

/// The text with free ports in place of the rendered ones, and these; the part before a port stays.
fn moved(text: &str, from: &[u16]) -> (String, Vec<u16>) {
    let mut text = text.to_owned();
    let free = repo::free_ports::<8>().unwrap();
    let mut ports = Vec::new();
    for (rendered, free) in from.iter().zip(free) {
        let forms = [
            (format!(":{rendered}\""), format!(":{free}\"")),
            (format!("port: {rendered}}}"), format!("port: {free}}}")),
            (format!("port: {rendered}\n"), format!("port: {free}\n")),
        ];
        let before = text.clone();
        for (from, to) in forms {
            text = text.replace(&from, &to);
        }
        assert!(text != before, "no port {rendered} in\n{text}");
        ports.push(free);
    }
    (text, ports)
}

fn start(name: &str, command: Command, dir: &Path, ports: &[u16]) -> Child {
    let mut child = Child::start(name, command, &dir.join(format!("{name}.log"))).unwrap();
    for port in ports {
        for address in [
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ] {
            let what = format!("listening at {address} port {port}");
            let connects = || Ok(TcpStream::connect((address, *port)).is_ok());
            child.wait_until(&what, LIMIT, connects).unwrap();
        }
    }
    child
}

/// The flag of the part's address, with another port behind the rendered host.
fn listen(rendered: &Rendered, part: &str, port: u16) -> String {
    let sets = rendered.of_kind("StatefulSet");
    let mut of_part = sets.filter(|set| {
        set["metadata"]["name"]
            .as_str()
            .is_some_and(|name| name.ends_with(part))
    });
    let container = &of_part.next().unwrap()["spec"]["template"]["spec"]["containers"][0];
    let args = container["args"].as_sequence().unwrap();
    let mut flags = args.iter().filter_map(|arg| arg.as_str());
    // Without one, Alertmanager listens at `:9093`.
    let flag = flags.find(|arg| arg.starts_with("--web.listen-address="));
    let (host, _) = flag
        .unwrap_or("--web.listen-address=:9093")
        .rsplit_once(':')
        .unwrap();
    format!("{host}:{port}")
}

#[test]
fn every_part_listens_on_both_families() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        assert!(
            std::env::var("CI").is_err(),
            "no ::1, which CI=true does not leave out"
        );
        let _ = writeln!(
            std::io::stderr(),
            "families: LEFT OUT, this machine has no ::1"
        );
        return;
    }
    let set = [
        "metrics.mode=standalone",
        "jaeger.enabled=true",
        "tracing.receiver.http.enabled=true",
        "tracing.spanMetrics.enabled=true",
    ];
    let rendered = Rendered::new(&Options {
        set: set.map(str::to_owned).to_vec(),
        ..Options::default()
    })
    .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let mut children = BTreeMap::new();

    for (name, program, key, ports, folder) in [
        (
            "collector",
            repo::collector().unwrap(),
            "collector.yaml",
            &[4317, 4318, 8889, 13133, 8888][..],
            "/var/lib/otelcol",
        ),
        (
            "jaeger",
            repo::tool("jaeger").unwrap(),
            "jaeger.yaml",
            &[4317, 13133, 16686, 16685, 8888],
            "/var/lib/jaeger",
        ),
    ] {
        let (text, ports) = moved(rendered.config_maps_with(key)[0].1, ports);
        let own = dir.join(name);
        fs::create_dir_all(own.join("queue")).unwrap();
        let file = dir.join(key);
        fs::write(&file, text.replace(folder, &own.display().to_string())).unwrap();
        let mut command = Command::new(program);
        command.arg("--config").arg(&file);
        children.insert(name, start(name, command, dir, &ports));
    }
    for (name, config) in [
        ("prometheus", "{}"),
        (
            "alertmanager",
            "{route: {receiver: a}, receivers: [{name: a}]}",
        ),
    ] {
        let [port] = repo::free_ports().unwrap();
        let file = dir.join(format!("{name}.yml"));
        fs::write(&file, config).unwrap();
        let data = dir.join(name).display().to_string();
        let storage = if name == "prometheus" {
            "--storage.tsdb.path"
        } else {
            "--storage.path"
        };
        let mut command = Command::new(repo::tool(name).unwrap());
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("{storage}={data}"))
            .arg(listen(&rendered, name, port));
        if name == "alertmanager" {
            command.arg("--cluster.listen-address=");
        }
        children.insert(name, start(name, command, dir, &[port]));
    }
}
