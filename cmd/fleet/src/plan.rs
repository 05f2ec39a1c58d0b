//! A fleet's servers: names, addresses, seeds; and scripts of scenarios.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::model::{Config, Scenario, Traffic};
use crate::replica::Settings;

/// Some replicas of one model.
#[derive(Debug, Clone)]
pub struct Group {
    /// Served name.
    pub model: String,
    /// How many.
    pub replicas: usize,
    /// What comes to each.
    pub traffic: Traffic,
}

/// What all servers of a fleet share.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Models.
    pub groups: Vec<Group>,
    /// Address of the first server; the next ones follow.
    pub first: Ipv4Addr,
    /// Port of every server.
    pub port: u16,
    /// Of all generators.
    pub seed: u64,
    /// Virtual seconds before the start.
    pub warm_up: f64,
    /// Whether spans are sent.
    pub tracing: bool,
    /// Kubernetes namespace that the servers claim.
    pub namespace: String,
}

impl Plan {
    /// The servers and where each listens.
    #[must_use]
    pub fn servers(&self) -> Vec<(Settings, Option<SocketAddr>)> {
        let mut servers = Vec::new();
        for group in &self.groups {
            for index in 0..group.replicas {
                let number = servers.len() as u32;
                let ip = Ipv4Addr::from(u32::from(self.first).wrapping_add(number));
                let name = format!("{}-{index}", group.model);
                let pairs = [
                    ("gen_ai.response.model", group.model.as_str()),
                    ("k8s.namespace.name", &self.namespace),
                    ("k8s.pod.name", &name),
                    ("service.name", &group.model),
                ];
                let settings = Settings {
                    models: vec![group.model.clone()],
                    config: Config::default(),
                    engines: 1,
                    traffic: group.traffic,
                    seed: self.seed * 10_000 + u64::from(number),
                    warm_up: self.warm_up,
                    tracing: self.tracing,
                    environment: pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
                    name,
                };
                servers.push((settings, Some(SocketAddr::new(IpAddr::V4(ip), self.port))));
            }
        }
        servers
    }
}

/// Reads a script: a line `SECONDS SCENARIO` each, played one after the other; `#` begins a comment.
///
/// # Errors
/// Names the line, what was found and what is expected.
pub fn script(text: &str) -> Result<Vec<(Duration, Scenario)>> {
    let mut steps = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let words: Vec<&str> = line
            .split('#')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        match words.as_slice() {
            [] => {}
            [seconds, scenario] => {
                let seconds: f64 = seconds
                    .parse()
                    .ok()
                    .filter(|seconds| (0.0..=86_400.0).contains(seconds))
                    .with_context(|| {
                        format!("line {number}: found '{seconds}', expected seconds")
                    })?;
                let scenario = scenario
                    .parse()
                    .map_err(|why| anyhow::anyhow!("line {number}: {why}"))?;
                steps.push((Duration::from_secs_f64(seconds), scenario));
            }
            _ => bail!("line {number}: found '{line}', expected SECONDS SCENARIO"),
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_or_its_bad_line_named() {
        let steps = script("# a day\n10 steady\n\n2.5 rush # noon\n").unwrap();
        assert_eq!(steps[1], (Duration::from_millis(2500), Scenario::Rush));
        for (text, words) in [
            (
                "10 steady\nsoon rush",
                "line 2: found 'soon', expected seconds",
            ),
            ("10 party", "line 1: scenario: found 'party'"),
            ("10", "line 1: found '10', expected SECONDS SCENARIO"),
        ] {
            let said = format!("{:#}", script(text).unwrap_err());
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn addresses_and_names_follow_one_another_over_all_models() {
        let group = |model: &str, replicas| Group {
            model: model.to_owned(),
            replicas,
            traffic: Traffic::default(),
        };
        let plan = Plan {
            groups: vec![group("a", 255), group("b", 2)],
            first: Ipv4Addr::new(127, 0, 1, 1),
            port: 18_000,
            seed: 1,
            warm_up: 0.0,
            tracing: true,
            namespace: "inference".to_owned(),
        };
        let servers = plan.servers();
        let (last, address) = servers.last().unwrap();
        assert_eq!(
            (last.name.as_str(), address.unwrap().to_string()),
            ("b-1", "127.0.2.1:18000".to_owned())
        );
    }
}
