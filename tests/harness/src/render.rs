//! The chart through the real `helm template`, and what tools and tests read out of it.
//!
//! Nothing is written twice: rules, Prometheus's and the collector's configuration are taken from
//! the rendered objects that would be installed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use serde_yaml::Value;

use crate::repo;

/// Values by which the limits of `thresholds` decide alone: nothing is learnt, compared or limited by a
/// budget. For tests that send far more slow traces than a fleet has.
pub const LIMITS_ALONE: [&str; 4] = [
    "tracing.policy.errors.enabled=false",
    "tracing.policy.slowest.enabled=false",
    "tracing.policy.baseline.enabled=false",
    "tracing.policy.budget.enabled=false",
];

/// What is rendered.
#[derive(Debug, Clone)]
pub struct Options {
    /// The chart's folder or package.
    pub chart: PathBuf,
    /// Release name.
    pub release: String,
    /// Namespace of the release.
    pub namespace: String,
    /// Values files, later ones win.
    pub values: Vec<PathBuf>,
    /// `--set` arguments.
    pub set: Vec<String>,
    /// `--api-versions` arguments: what the cluster is said to know.
    pub api_versions: Vec<String>,
    /// `--kube-version`: the Kubernetes that the cluster is said to be; none: helm's own.
    pub kube_version: Option<String>,
    /// The command: `helm` (4) or `helm3`.
    pub helm: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            chart: repo::root().join("chart"),
            release: "vllm-monitoring".to_owned(),
            namespace: "monitoring".to_owned(),
            values: Vec::new(),
            set: Vec::new(),
            api_versions: Vec::new(),
            kube_version: None,
            helm: "helm",
        }
    }
}

/// A part of a render: its text, or why this render has none.
pub type Part = std::result::Result<String, String>;

/// A rendered chart.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Helm's output, unchanged.
    pub manifests: String,
    /// Every object of it.
    pub objects: Vec<Value>,
}

impl Rendered {
    /// Runs `helm template`.
    ///
    /// # Errors
    /// When helm is missing or refuses the chart or the values (its own words are in the error).
    pub fn new(options: &Options) -> Result<Self> {
        let mut helm = repo::command(options.helm)?;
        helm.args(["template", &options.release])
            .arg(&options.chart)
            .args(["--namespace", &options.namespace]);
        for file in &options.values {
            if !file.is_file() {
                bail!("values file {} is not there", file.display());
            }
            helm.arg("--values").arg(file);
        }
        for set in &options.set {
            helm.args(["--set", set]);
        }
        for api in &options.api_versions {
            helm.args(["--api-versions", api]);
        }
        if let Some(version) = &options.kube_version {
            helm.args(["--kube-version", version]);
        }
        let out = helm.output().context("helm cannot be run")?;
        if !out.status.success() {
            bail!(
                "helm template {}: {}",
                options.chart.display(),
                String::from_utf8_lossy(&out.stderr).trim()
            );
        }
        Self::parse(String::from_utf8(out.stdout).context("helm's output is no UTF-8")?)
    }

    /// Reads manifests that helm wrote.
    ///
    /// # Errors
    /// When a document is no YAML.
    pub fn parse(manifests: String) -> Result<Self> {
        let mut objects = Vec::new();
        for document in serde_yaml::Deserializer::from_str(&manifests) {
            let object = Value::deserialize(document)
                .context("rendered manifests: a document is no YAML")?;
            if !object.is_null() {
                objects.push(object);
            }
        }
        Ok(Self { manifests, objects })
    }

    /// Objects of a kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.objects
            .iter()
            .filter(move |o| o["kind"].as_str() == Some(kind))
    }

    /// Texts under `key` in all ConfigMaps, with the ConfigMap's name.
    #[must_use]
    pub fn config_maps_with(&self, key: &str) -> Vec<(&str, &str)> {
        self.of_kind("ConfigMap")
            .filter_map(|o| {
                Some((
                    o["metadata"]["name"].as_str().unwrap_or("?"),
                    o["data"][key].as_str()?,
                ))
            })
            .collect()
    }

    /// The one text under `key`.
    ///
    /// # Errors
    /// When several ConfigMaps have the key.
    fn only(&self, key: &str) -> Result<Option<String>> {
        match self.config_maps_with(key).as_slice() {
            [] => Ok(None),
            [(_, text)] => Ok(Some((*text).to_owned())),
            several => bail!(
                "ConfigMap key {key}: expected in one ConfigMap, found in {}",
                several
                    .iter()
                    .map(|(n, _)| *n)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        }
    }

    /// Rule groups, from ConfigMaps (key `rules.yaml`) or PrometheusRule objects: a rules file.
    ///
    /// # Errors
    /// When a rules text is no YAML, or both forms are there.
    pub fn rules(&self) -> Result<Part> {
        let mut groups = Vec::new();
        let objects: Vec<&Value> = self.of_kind("PrometheusRule").collect();
        if let Some(text) = self.only("rules.yaml")? {
            if !objects.is_empty() {
                bail!(
                    "rules stand both in a ConfigMap (key rules.yaml) and in a PrometheusRule: they would run twice"
                );
            }
            return Ok(Ok(text));
        }
        if objects.is_empty() {
            return Ok(Err(
                "neither a ConfigMap with the key rules.yaml nor a PrometheusRule was rendered"
                    .to_owned(),
            ));
        }
        for object in objects {
            let found = object["spec"]["groups"].as_sequence();
            groups.extend(
                found
                    .ok_or_else(|| {
                        anyhow!(
                            "PrometheusRule {}: spec.groups is no list",
                            object["metadata"]["name"].as_str().unwrap_or("?")
                        )
                    })?
                    .clone(),
            );
        }
        let file = BTreeMap::from([("groups", groups)]);
        Ok(Ok(serde_yaml::to_string(&file)?))
    }

    /// Prometheus's own configuration (ConfigMap key `prometheus.yml`): standalone form only.
    ///
    /// # Errors
    /// When several ConfigMaps have the key.
    pub fn prometheus(&self) -> Result<Part> {
        let operator = self
            .of_kind("PodMonitor")
            .chain(self.of_kind("ServiceMonitor"))
            .count();
        Ok(self.only("prometheus.yml")?.ok_or_else(|| match operator {
            0 => "no ConfigMap with the key prometheus.yml was rendered".to_owned(),
            n => format!("operator form: {n} monitor objects were rendered, and the Prometheus Operator makes the configuration"),
        }))
    }

    /// The collector's configuration (ConfigMap key `collector.yaml`).
    ///
    /// # Errors
    /// When several ConfigMaps have the key.
    pub fn collector(&self) -> Result<Part> {
        Ok(self.only("collector.yaml")?.ok_or_else(|| {
            "no ConfigMap with the key collector.yaml was rendered (tracing off?)".to_owned()
        }))
    }

    /// Writes `manifests.yaml`, `rules.yaml`, `prometheus.yaml` and `collector.yaml` into `dir`. A
    /// part that this render has not is written as a comment that says why, so that no file of an
    /// earlier render stays. Gives the absent ones.
    ///
    /// # Errors
    /// When a part cannot be read out or a file not be written.
    pub fn write(&self, dir: &Path) -> Result<Vec<String>> {
        fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        let put = |file: &str, text: &str| {
            let path = dir.join(file);
            fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
        };
        put("manifests.yaml", &self.manifests)?;
        let mut absent = Vec::new();
        for (file, part) in [
            ("rules.yaml", self.rules()?),
            ("prometheus.yaml", self.prometheus()?),
            ("collector.yaml", self.collector()?),
        ] {
            match part {
                Ok(text) => put(file, &text)?,
                Err(why) => {
                    put(file, &format!("# absent: {why}\n"))?;
                    absent.push(format!("{file} is absent: {why}"));
                }
            }
        }
        Ok(absent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDALONE: &str = "---\nkind: ConfigMap\nmetadata: {name: rules}\ndata:\n  rules.yaml: |\n    groups: [{name: a}]\n---\nkind: ConfigMap\nmetadata: {name: p}\ndata:\n  prometheus.yml: |\n    global: {}\n---\n# only a comment\n";
    const OPERATOR: &str = "kind: PodMonitor\n---\nkind: PrometheusRule\nmetadata: {name: a}\nspec: {groups: [{name: a}]}\n---\nkind: PrometheusRule\nmetadata: {name: b}\nspec: {groups: [{name: b}]}\n";

    fn parse(text: &str) -> Rendered {
        Rendered::parse(text.to_owned()).unwrap()
    }

    #[test]
    fn standalone_parts_are_taken_from_config_maps_verbatim() {
        let rendered = parse(STANDALONE);
        assert_eq!(rendered.rules().unwrap().unwrap(), "groups: [{name: a}]\n");
        assert_eq!(rendered.prometheus().unwrap().unwrap(), "global: {}\n");
        assert!(
            rendered
                .collector()
                .unwrap()
                .unwrap_err()
                .contains("collector.yaml")
        );
    }

    #[test]
    fn operator_form_joins_all_rule_objects_and_has_no_prometheus_configuration() {
        let rendered = parse(OPERATOR);
        let rules: Value = serde_yaml::from_str(&rendered.rules().unwrap().unwrap()).unwrap();
        let names: Vec<_> = rules["groups"]
            .as_sequence()
            .unwrap()
            .iter()
            .map(|g| g["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["a", "b"]);
        assert!(
            rendered
                .prometheus()
                .unwrap()
                .unwrap_err()
                .contains("Operator")
        );
    }

    #[test]
    fn rules_in_both_forms_are_an_error() {
        let said = parse(&format!("{STANDALONE}---\n{OPERATOR}"))
            .rules()
            .unwrap_err()
            .to_string();
        assert!(said.contains("twice"), "{said}");
    }

    #[test]
    fn a_key_in_two_config_maps_is_an_error_that_names_them() {
        let said = parse(&format!(
            "{STANDALONE}{}",
            STANDALONE.replace("name: rules", "name: other")
        ))
        .rules()
        .unwrap_err()
        .to_string();
        assert!(said.contains("rules, other"), "{said}");
    }

    #[test]
    fn an_absent_part_replaces_the_file_of_an_earlier_render() {
        let dir = tempfile::tempdir().unwrap();
        parse(STANDALONE).write(dir.path()).unwrap();
        let absent = parse(OPERATOR).write(dir.path()).unwrap();
        assert_eq!(absent.len(), 2, "{absent:?}");
        let text = fs::read_to_string(dir.path().join("prometheus.yaml")).unwrap();
        assert!(
            text.starts_with("# absent: operator form") && text.lines().count() == 1,
            "{text}"
        );
    }

    #[test]
    fn a_missing_values_file_is_named() {
        let options = Options {
            values: vec!["no/such.yaml".into()],
            ..Options::default()
        };
        let said = Rendered::new(&options).unwrap_err().to_string();
        assert!(said.contains("no/such.yaml"), "{said}");
    }
}
