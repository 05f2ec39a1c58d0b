//! The tier before several samplers, as the chart renders it.

use std::path::Path;
use std::process::Command;

use harness::child::Child;
use harness::render::Rendered;
use harness::repo;
use serde_json::{Value, json};

use crate::LIMIT;

/// What it shows to samplers that ask for a bearer token.
pub const TOKEN: &str = "a-token-of-callers";

/// A running balancer.
pub struct Balancer {
    /// The process.
    pub child: Child,
    /// Port of OTLP over gRPC on 127.0.0.1.
    pub otlp: u16,
    /// Port of its own metrics.
    pub metrics: u16,
}

impl Balancer {
    /// Starts it with what the chart renders; addresses differ, its own and the samplers', and
    /// `extra` is merged over it.
    #[must_use]
    pub fn start(dir: &Path, rendered: &Rendered, samplers: &[u16], extra: &Value) -> Self {
        let [grpc, health, metrics] = repo::free_ports::<3>().unwrap();
        let mut config: Value =
            serde_yaml::from_str(rendered.config_maps_with("balancer.yaml")[0].1).unwrap();
        let here = |port: u16| json!(format!("127.0.0.1:{port}"));
        let protocols = &mut config["receivers"]["otlp"]["protocols"];
        protocols["grpc"]["endpoint"] = here(grpc);
        // HTTP only where a caller needs it.
        assert!(protocols["http"].is_null());
        config["extensions"]["health_check"]["endpoint"] = here(health);
        let to: Vec<Value> = samplers.iter().copied().map(here).collect();
        let resolver = &mut config["exporters"]["load_balancing"]["resolver"];
        assert_eq!(
            resolver["dns"]["hostname"].as_str(),
            Some("vllm-monitoring-collectors.monitoring.svc")
        );
        *resolver = json!({"static": {"hostnames": to}});
        config["service"]["telemetry"]["metrics"]["readers"] = json!([
            {"pull": {"exporter": {"prometheus": {"host": "127.0.0.1", "port": metrics}}}},
        ]);
        let path = dir.join("balancer.yaml");
        std::fs::write(&path, config.to_string()).unwrap();
        let mut command = Command::new(repo::collector().unwrap());
        command.arg("--config").arg(&path);
        std::fs::write(dir.join("extra.yaml"), extra.to_string()).unwrap();
        command.arg("--config").arg(dir.join("extra.yaml"));
        // As the pod gets it from the Secret.
        command.env("RECEIVER_TOKEN", TOKEN);
        let mut child = Child::start("balancer", command, &dir.join("balancer.log")).unwrap();
        child
            .wait_http(&format!("http://127.0.0.1:{health}/"), LIMIT)
            .unwrap();
        Self {
            child,
            otlp: grpc,
            metrics,
        }
    }
}
