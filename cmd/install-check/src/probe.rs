//! What the probe of the release has seen.

use crate::outcome::Look;
use crate::targets::{Sample, Vector};

/// Every replica that is probed has answered.
#[must_use]
pub fn answered(found: &Vector) -> Look {
    let pod = |sample: &Sample| {
        let label = |name: &str| sample.metric.get(name).map_or("", String::as_str);
        format!("{}/{}", label("namespace"), label("pod"))
    };
    let silent: Vec<String> = (found.result.iter())
        .filter(|sample| sample.value.1 != "1")
        .map(pod)
        .collect();
    match (found.result.len(), silent.as_slice()) {
        (0, _) => Look::NotYet(
            "no replica has been probed; is the probe's pod ready, and does Prometheus ask it? See docs/runbooks/VllmProbeDown.md"
                .to_owned(),
        ),
        (all, []) => Look::Holds(format!("{all} of {all} replicas answer a request for one token")),
        (all, silent) => Look::NotYet(format!(
            "{} of {all} replicas do not answer a request for one token: {}; see docs/runbooks/VllmProbeFailing.md",
            silent.len(),
            silent.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(samples: &[(&str, &str)]) -> Vector {
        let result = samples.iter().map(|(pod, value)| {
            json!({"metric": {"namespace": "inference", "pod": pod}, "value": [0, value]})
        });
        serde_json::from_value(json!({"result": result.collect::<Vec<_>>()})).unwrap()
    }

    #[test]
    fn replicas_that_do_not_answer_are_named_and_so_is_a_probe_that_nobody_asks() {
        for (samples, holds, said) in [
            (
                &[("p0", "1"), ("p1", "1")][..],
                true,
                "2 of 2 replicas answer",
            ),
            (
                &[("p0", "1"), ("p1", "0")],
                false,
                "1 of 2 replicas do not answer a request for one token: inference/p1;",
            ),
            (&[], false, "no replica has been probed;"),
        ] {
            match answered(&found(samples)) {
                Look::Holds(text) => assert!(holds && text.starts_with(said), "{text}"),
                Look::NotYet(text) => assert!(!holds && text.starts_with(said), "{text}"),
            }
        }
    }
}
