//! The files that are written: for the chart, for import, and for Perses.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::grafana::{self, Form};
use crate::model::TraceStore;
use crate::{boards, limits, perses};

/// What writes them.
pub const COMMAND: &str = "cargo run -p dashboards --bin generate-dashboards";

/// Folders, from the root of the repository; no other JSON lies in them. A trace store's variants
/// are in a folder of its name.
pub const FOLDERS: [&str; 5] = [
    "chart/dashboards",
    "dashboards/grafana",
    "dashboards/perses",
    "chart/dashboards/tempo",
    "chart/dashboards/jaeger",
];

/// Every file: its path from the root of the repository, and its text.
#[must_use]
pub fn all() -> BTreeMap<String, String> {
    let mut files = dashboards();
    files.insert(OF_ALERTS.to_owned(), of_alerts());
    files
}

/// Those that are dashboards.
#[must_use]
pub fn dashboards() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for board in boards::all() {
        let written = [
            grafana::dashboard(&board, Form::Provisioned),
            grafana::dashboard(&board, Form::Import),
            perses::dashboard(&board),
        ];
        for (folder, value) in FOLDERS.iter().zip(written) {
            files.insert(format!("{folder}/{}.json", board.slug), text(&value));
        }
    }
    for store in [TraceStore::Tempo, TraceStore::Jaeger] {
        for board in boards::with_traces(store) {
            let path = format!("chart/dashboards/{}/{}.json", store.plugin(), board.slug);
            files.insert(path, text(&grafana::dashboard(&board, Form::Provisioned)));
        }
    }
    files
}

/// Which dashboard each alert leads to, for the annotation `dashboard_url`.
pub const OF_ALERTS: &str = "chart/files/alert-dashboards.yaml";

fn of_alerts() -> String {
    let mut out = format!(
        "# The dashboard that each alert's dashboard_url opens, and the choices that its name says.\n# Written by `{COMMAND}`.\n"
    );
    for alert in limits::alerts() {
        let (uid, choices) = (grafana::UID, boards::alerts::choices(alert));
        let slug = boards::alerts::board(alert);
        out += &format!("{alert}: {{uid: {uid}{slug}, choices: \"{choices}\"}}\n");
    }
    out
}

/// Indented by one blank: these are read by people, and a ConfigMap has a limit.
fn text(value: &Value) -> String {
    let mut out = Vec::new();
    let formatter = PrettyFormatter::with_indent(b" ");
    let mut serializer = Serializer::with_formatter(&mut out, formatter);
    // Neither a vector nor a tree of values can refuse.
    let _ = value.serialize(&mut serializer);
    out.push(b'\n');
    grafana::escaped(&String::from_utf8_lossy(&out))
}
