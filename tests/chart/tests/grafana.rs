//! The bundled Grafana, which no test here runs: what is provisioned agrees with itself, with the
//! dashboards, and with what Grafana's documentation says of its files.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use chart_tests::{chart, with};
use harness::render::{Options, Rendered};
use serde::Deserialize;
use serde_yaml::Value;

const ON: [&str; 2] = ["metrics.mode=standalone", "grafana.enabled=true"];

fn on(set: &[&str]) -> Rendered {
    with(&[&ON[..], set].concat()).unwrap()
}

/// With everything that chart/ci has for it.
fn bundled() -> Rendered {
    Rendered::new(&Options {
        values: vec![chart().join("ci/bundled-values.yaml")],
        ..Options::default()
    })
    .unwrap()
}

fn text<'a>(rendered: &'a Rendered, key: &str) -> &'a str {
    let [(name, text)] = rendered.config_maps_with(key)[..] else {
        panic!("{key}: expected in one ConfigMap");
    };
    assert_eq!(name, "vllm-monitoring-grafana");
    text
}

/// The keys of a file of data sources, as Grafana's documentation lists them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code)]
struct Datasources {
    api_version: u32,
    prune: bool,
    datasources: Vec<Datasource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code)]
struct Datasource {
    name: String,
    r#type: String,
    uid: Option<String>,
    access: Option<String>,
    org_id: Option<u32>,
    url: String,
    user: Option<String>,
    database: Option<String>,
    basic_auth: Option<bool>,
    basic_auth_user: Option<String>,
    with_credentials: Option<bool>,
    is_default: Option<bool>,
    json_data: Option<Value>,
    secure_json_data: Option<BTreeMap<String, String>>,
    version: Option<u32>,
    editable: Option<bool>,
}

/// The keys of a provider of dashboards.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Providers {
    api_version: u32,
    providers: Vec<Provider>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code)]
struct Provider {
    name: String,
    org_id: u32,
    folder: String,
    r#type: String,
    disable_deletion: bool,
    allow_ui_updates: bool,
    update_interval_seconds: u32,
    options: BTreeMap<String, String>,
}

fn datasources(rendered: &Rendered) -> Vec<Datasource> {
    let file: Datasources = serde_yaml::from_str(text(rendered, "datasources.yaml")).unwrap();
    assert_eq!((file.api_version, file.prune), (1, true));
    file.datasources
}

fn provider(rendered: &Rendered) -> Provider {
    let file: Providers = serde_yaml::from_str(text(rendered, "providers.yaml")).unwrap();
    assert_eq!(file.api_version, 1);
    file.providers.into_iter().next().unwrap()
}

fn ini(rendered: &Rendered) -> BTreeMap<(String, String), String> {
    let mut section = String::new();
    let mut found = BTreeMap::new();
    for line in text(rendered, "grafana.ini").lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let Some((key, value)) = line.split_once(" = ") {
            found.insert((section.clone(), key.to_owned()), value.to_owned());
        } else {
            assert_eq!(line, "");
        }
    }
    found
}

fn pod(rendered: &Rendered) -> Value {
    let pods = rendered.of_kind("StatefulSet");
    pods.into_iter()
        .find(|o| o["metadata"]["name"] == "vllm-monitoring-grafana")
        .unwrap()["spec"]["template"]["spec"]
        .clone()
}

/// Where a volume is mounted.
fn mount(pod: &Value, volume: &str) -> String {
    let mounts = pod["containers"][0]["volumeMounts"].as_sequence().unwrap();
    let mount = mounts.iter().find(|m| m["name"] == volume).unwrap();
    mount["mountPath"].as_str().unwrap().to_owned()
}

fn volume<'a>(pod: &'a Value, name: &str) -> &'a Value {
    let volumes = pod["volumes"].as_sequence().unwrap();
    volumes.iter().find(|v| v["name"] == name).unwrap()
}

/// The dashboards of a render, by the name of their ConfigMap.
fn dashboards(rendered: &Rendered) -> BTreeMap<String, (String, serde_json::Value)> {
    rendered
        .of_kind("ConfigMap")
        .filter(|o| !o["metadata"]["labels"]["grafana_dashboard"].is_null())
        .map(|o| {
            let (key, text) = o["data"].as_mapping().unwrap().iter().next().unwrap();
            let name = o["metadata"]["name"].as_str().unwrap().to_owned();
            let dashboard = serde_json::from_str(text.as_str().unwrap()).unwrap();
            (name, (key.as_str().unwrap().to_owned(), dashboard))
        })
        .collect()
}

/// Every data source that a dashboard names, as (type, uid).
fn asked(value: &serde_json::Value, found: &mut BTreeSet<(String, String)>) {
    if let Some(source) = value["datasource"].as_object() {
        let field = |name: &str| source[name].as_str().unwrap_or("").to_owned();
        found.insert((field("type"), field("uid")));
    }
    match value {
        serde_json::Value::Object(map) => map.values().for_each(|v| asked(v, found)),
        serde_json::Value::Array(items) => items.iter().for_each(|v| asked(v, found)),
        _ => {}
    }
}

#[test]
fn every_data_source_that_a_dashboard_asks_is_provisioned() {
    let tempo = [
        "grafana.datasources[0].name=T",
        "grafana.datasources[0].type=tempo",
        "grafana.datasources[0].url=http://tempo:3200",
    ];
    for (rendered, traces) in [
        (on(&[]), None),
        (on(&["jaeger.enabled=true"]), Some("jaeger")),
        (on(&tempo), Some("tempo")),
        (bundled(), Some("jaeger")),
    ] {
        let sources = datasources(&rendered);
        let mut kinds = BTreeSet::new();
        for (name, (_, dashboard)) in dashboards(&rendered) {
            let mut found = BTreeSet::new();
            asked(&dashboard, &mut found);
            assert!(!found.is_empty(), "{name}");
            for (kind, uid) in found {
                // A variable lists the data sources of its kind, and begins with the default.
                if let Some(variable) = uid.strip_prefix("${").and_then(|u| u.strip_suffix('}')) {
                    let variables = dashboard["templating"]["list"].as_array().unwrap();
                    let variable = variables.iter().find(|v| v["name"] == variable).unwrap();
                    assert_eq!(variable["type"], "datasource", "{name}");
                    assert_eq!(variable["query"], kind.as_str(), "{name}");
                    assert!(sources.iter().any(|s| s.r#type == kind), "{name}: {kind}");
                } else {
                    let known = |s: &Datasource| s.uid.as_deref() == Some(&uid) && s.r#type == kind;
                    // Annotations that Grafana itself keeps.
                    assert!(
                        kind == "grafana" || sources.iter().any(known),
                        "{name}: {uid}"
                    );
                }
                kinds.insert(kind);
            }
        }
        let stores = ["jaeger", "tempo"].map(|kind| kinds.contains(kind).then_some(kind));
        assert_eq!(stores.into_iter().flatten().next(), traces);
    }
}

#[test]
fn without_a_grafana_of_its_own_the_chart_assumes_no_trace_store() {
    let rendered = with(&["jaeger.enabled=true"]).unwrap();
    let (_, dashboard) = &dashboards(&rendered)["vllm-monitoring-dashboard-slow-requests"];
    assert!(!dashboard.to_string().contains("${traces}"));
    assert!(!rendered.manifests.contains("-grafana\n"));
}

#[test]
fn data_sources_are_the_services_of_this_release() {
    let rendered = bundled();
    let services: BTreeSet<String> = rendered
        .of_kind("Service")
        .flat_map(|service| {
            let name = service["metadata"]["name"].as_str().unwrap().to_owned();
            let ports = service["spec"]["ports"].as_sequence().cloned();
            ports.unwrap_or_default().into_iter().map(move |port| {
                format!(
                    "http://{name}.monitoring.svc:{}",
                    port["port"].as_u64().unwrap()
                )
            })
        })
        .collect();
    let sources = datasources(&rendered);
    let own = sources
        .iter()
        .filter(|s| s.uid.as_deref().is_some_and(|uid| uid.starts_with("vllm-")));
    let kinds: Vec<&str> = own
        .inspect(|s| assert!(services.contains(&s.url), "{}: {services:?}", s.url))
        .map(|s| s.r#type.as_str())
        .collect();
    assert_eq!(kinds, ["prometheus", "alertmanager", "jaeger"]);
    let uids: BTreeSet<_> = sources.iter().filter_map(|s| s.uid.as_deref()).collect();
    let linked = sources[0].json_data.as_ref().unwrap()["alertmanagerUid"].as_str();
    assert!(uids.contains(linked.unwrap()));
}

#[test]
fn one_data_source_is_the_default_and_it_can_be_the_users() {
    let defaults = |rendered: &Rendered| {
        let sources = datasources(rendered);
        let defaults = sources.iter().filter(|s| s.is_default == Some(true));
        defaults.map(|s| s.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(defaults(&on(&[])), ["Prometheus"]);
    let mine = on(&[
        "grafana.datasources[0].name=Mimir",
        "grafana.datasources[0].type=prometheus",
        "grafana.datasources[0].url=http://mimir/prometheus",
        "grafana.datasources[0].isDefault=true",
    ]);
    assert_eq!(defaults(&mine), ["Mimir"]);
}

#[test]
fn in_operator_mode_it_reads_the_prometheus_that_is_named() {
    let url = "http://prometheus-operated.monitoring:9090/prom";
    let set = format!("grafana.prometheusURL={url}");
    let rendered = with(&["metrics.mode=operator", "grafana.enabled=true", &set]).unwrap();
    let sources = datasources(&rendered);
    let found: Vec<_> = sources
        .iter()
        .map(|s| (s.r#type.as_str(), s.url.as_str()))
        .collect();
    assert_eq!(found, [("prometheus", url)]);
}

#[test]
fn the_provider_reads_the_folder_where_every_dashboard_is_mounted() {
    let rendered = on(&["dashboards.annotations.grafana_folder=Models"]);
    let provider = provider(&rendered);
    assert_eq!(
        (provider.r#type.as_str(), provider.folder.as_str()),
        ("file", "Models")
    );
    let pod = pod(&rendered);
    assert_eq!(provider.options["path"], mount(&pod, "dashboards"));
    let sources = volume(&pod, "dashboards")["projected"]["sources"].clone();
    let mounted: BTreeSet<String> = sources
        .as_sequence()
        .unwrap()
        .iter()
        .map(|s| s["configMap"]["name"].as_str().unwrap().to_owned())
        .collect();
    let all = dashboards(&rendered);
    assert!(all.len() >= 5);
    assert_eq!(mounted, all.keys().cloned().collect());
    let home = &ini(&rendered)[&("dashboards".into(), "default_home_dashboard_path".into())];
    let files = all
        .values()
        .map(|(file, _)| format!("{}/{file}", provider.options["path"]));
    assert!(files.into_iter().any(|file| &file == home), "{home}");

    let none = on(&["dashboards.enabled=false"]);
    assert!(none.config_maps_with("providers.yaml").is_empty());
    assert!(!text(&none, "grafana.ini").contains("default_home_dashboard_path"));
}

/// Where the image looks (its documentation, "Configure a Grafana Docker image").
#[test]
fn files_are_mounted_where_the_image_looks() {
    let pod = pod(&bundled());
    for (name, folder, key) in [
        (
            "datasources",
            "/etc/grafana/provisioning/datasources",
            "datasources.yaml",
        ),
        (
            "providers",
            "/etc/grafana/provisioning/dashboards",
            "providers.yaml",
        ),
    ] {
        assert_eq!(mount(&pod, name), folder);
        assert_eq!(volume(&pod, name)["configMap"]["items"][0]["key"], key);
    }
    let env = &pod["containers"][0]["env"][0];
    assert_eq!(env["name"], "GF_PATHS_CONFIG");
    assert_eq!(
        env["value"],
        format!("{}/grafana.ini", mount(&pod, "config"))
    );
    assert_eq!(mount(&pod, "data"), "/var/lib/grafana");
}

#[test]
fn settings_of_the_user_win_and_strangers_stay_out() {
    let rendered = bundled();
    let ini = ini(&rendered);
    let get = |section: &str, key: &str| ini[&(section.into(), key.into())].as_str();
    assert_eq!(get("auth.anonymous", "enabled"), "false");
    assert_eq!(get("users", "allow_sign_up"), "false");
    assert_eq!(get("analytics", "reporting_enabled"), "false");
    assert_eq!(get("server", "root_url"), "https://grafana.example/vllm");
    assert_eq!(get("server", "serve_from_sub_path"), "true");
    assert_eq!(
        get("auth.generic_oauth", "scopes"),
        "\"\"\"openid;email\"\"\""
    );
    let open = on(&[
        "grafana.ini.auth\\.anonymous.enabled=true",
        "grafana.ini.a.b=12345678",
    ]);
    let open = self::ini(&open);
    assert_eq!(open[&("auth.anonymous".into(), "enabled".into())], "true");
    assert_eq!(open[&("a".into(), "b".into())], "12345678");
}

#[test]
fn a_changed_setting_starts_it_anew_and_a_changed_dashboard_does_not() {
    let checksum = |set: &[&str]| {
        let rendered = on(set);
        let set = rendered.of_kind("StatefulSet");
        let grafana = set
            .into_iter()
            .find(|o| o["metadata"]["name"] == "vllm-monitoring-grafana");
        grafana.unwrap()["spec"]["template"]["metadata"]["annotations"]["checksum/config"].clone()
    };
    assert_eq!(checksum(&[]), checksum(&["dashboards.labels.a=b"]));
    for set in [
        "jaeger.enabled=true",
        "grafana.ini.a.b=c",
        "dashboards.folder=x",
    ] {
        assert_ne!(checksum(&[]), checksum(&[set]), "{set}");
    }
}

/// Runs the command of the init container, with a folder in place of the volume.
fn make_up(command: &Value, folder: &Path) -> String {
    let words: Vec<&str> = command
        .as_sequence()
        .unwrap()
        .iter()
        .map(|w| w.as_str().unwrap())
        .collect();
    let (place, words) = words.split_last().unwrap();
    assert_eq!(*place, "/var/lib/grafana");
    let status = Command::new(words[0])
        .args(&words[1..])
        .arg(folder)
        .status()
        .unwrap();
    assert!(status.success());
    std::fs::read_to_string(folder.join("admin-password")).unwrap()
}

#[test]
fn a_password_is_made_up_once_in_the_pod_and_stands_in_no_object() {
    let rendered = on(&[]);
    let pod = pod(&rendered);
    let init = &pod["initContainers"][0];
    let folder = tempfile::tempdir().unwrap();
    let first = make_up(&init["command"], folder.path());
    assert_eq!(first.len(), 32, "{first}");
    assert!(!first.ends_with('\n'));
    let mode = std::fs::metadata(folder.path().join("admin-password"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    assert_eq!(
        make_up(&init["command"], folder.path()),
        first,
        "a restart keeps it"
    );
    let key = std::fs::read_to_string(folder.path().join("secret-key")).unwrap();
    assert_eq!(key.len(), 32, "{key}");
    assert_ne!(key, first);
    let other = tempfile::tempdir().unwrap();
    assert_ne!(make_up(&init["command"], other.path()), first);

    let password = &ini(&rendered)[&("security".into(), "admin_password".into())];
    assert_eq!(password, "$__file{/var/lib/grafana/admin-password}");
    let key = &ini(&rendered)[&("security".into(), "secret_key".into())];
    assert_eq!(key, "$__file{/var/lib/grafana/secret-key}");
    assert_eq!(init["volumeMounts"][0]["name"], "data");
    assert_eq!(rendered.manifests, on(&[]).manifests, "nothing is random");
}

#[test]
fn it_asks_nobody_outside() {
    let ini = ini(&on(&[]));
    for (section, key, said) in [
        ("analytics", "reporting_enabled", "false"),
        ("analytics", "check_for_updates", "false"),
        ("analytics", "check_for_plugin_updates", "false"),
        ("analytics", "feedback_links_enabled", "false"),
        ("news", "news_feed_enabled", "false"),
        ("plugins", "preinstall_disabled", "true"),
        ("plugins", "public_key_retrieval_disabled", "true"),
        ("security", "disable_gravatar", "true"),
    ] {
        assert_eq!(ini[&(section.into(), key.into())], said, "{section}.{key}");
    }
}

#[test]
fn a_secret_of_the_users_is_read_as_files() {
    let rendered = bundled();
    let pod = pod(&rendered);
    let made_up = pod["initContainers"][0]["command"][2].as_str().unwrap();
    assert!(
        made_up.contains("secret-key") && !made_up.contains("admin-password"),
        "{made_up}"
    );
    let secret = &volume(&pod, "admin")["secret"];
    assert_eq!(secret["secretName"], "grafana-admin");
    let ini = ini(&rendered);
    for (item, key, setting) in [
        (0, "admin-user", "admin_user"),
        (1, "admin-password", "admin_password"),
    ] {
        assert_eq!(secret["items"][item]["key"], key);
        let file = secret["items"][item]["path"].as_str().unwrap();
        let said = &ini[&("security".into(), setting.into())];
        assert_eq!(said, &format!("$__file{{{}/{file}}}", mount(&pod, "admin")));
    }
}

#[test]
fn its_version_is_that_of_the_types_which_the_dashboards_are_held_to() {
    let package = chart().join("../dashboards/schema/package.json");
    let package: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(package).unwrap()).unwrap();
    let version = package["dependencies"]["@grafana/schema"].as_str().unwrap();
    let image = pod(&on(&[]))["containers"][0]["image"].clone();
    assert_eq!(image, format!("docker.io/grafana/grafana:{version}"));
}
