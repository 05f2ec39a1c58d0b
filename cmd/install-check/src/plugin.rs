//! Whether the plugin that runs is the chart's.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};

use crate::exposition::{Sample, named};
use crate::outcome::Look;

/// Start of the name of the metric that tells which module is loaded.
const INFO: &str = "otelcol_wasm_sampling_policy_info";

/// The hash that a collector's metrics page reports is the chart's.
#[must_use]
pub fn runs(page: &[Sample], sha256: &str) -> Look {
    let Some(info) = named(page, INFO).next() else {
        return Look::NotYet(format!(
            "the collector reports no plugin ({INFO} is missing); tracing.collector.image must be an image of otelcol-vllm"
        ));
    };
    let running = info.label("sha256");
    if running == sha256 {
        Look::Holds(format!(
            "{} {} runs, sha256 {sha256}",
            info.label("name"),
            info.label("version")
        ))
    } else {
        Look::NotYet(format!(
            "the collector runs the plugin with sha256 {running}, the chart's is {sha256}; a rollout that has not ended, or a ConfigMap changed by hand: `kubectl rollout restart` the collector, or `helm upgrade` again"
        ))
    }
}

/// No plugin is larger.
const LARGEST: u64 = 64 << 20;

/// What is wrong with the file that the collectors are to load, if anything. A file that is not
/// there is not judged: the engine `ottl` loads none.
#[must_use]
pub fn differs(file: &Path, sha256: &str) -> Option<String> {
    let packed = File::open(file).ok()?;
    let mut module = Vec::new();
    let found = match GzDecoder::new(packed)
        .take(LARGEST)
        .read_to_end(&mut module)
    {
        Ok(_) => Sha256::digest(&module)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        Err(_) => "none (it is no gzip)".to_owned(),
    };
    (found != sha256).then(|| format!(
        "the plugin in the collector's ConfigMap has the sha256 {found}, the chart expects {sha256}: the collector refuses it and does not start; the chart or the ConfigMap was changed by hand, `helm upgrade` from an unchanged chart"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;

    use super::*;

    #[test]
    fn only_another_module_differs() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plugin.wasm.gz");
        let mut packed = flate2::write::GzEncoder::new(
            File::create(&file).unwrap(),
            flate2::Compression::fast(),
        );
        packed.write_all(b"module").unwrap();
        packed.finish().unwrap();
        let sha256 = "b9e5e2e4e9b8b2a0";
        let wrong = differs(&file, sha256).unwrap();
        assert!(wrong.contains(sha256), "{wrong}");
        let found = wrong
            .split("sha256 ")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .to_owned();
        assert_eq!(found.len(), 64);
        assert_eq!(differs(&file, &found), None);
        std::fs::write(&file, "text").unwrap();
        assert!(differs(&file, &found).unwrap().contains("no gzip"));
        assert_eq!(differs(&dir.path().join("absent"), &found), None);
    }
}
