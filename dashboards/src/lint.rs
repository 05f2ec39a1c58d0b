//! Mistakes in Grafana's JSON that Grafana passes over in silence: the panel is just empty, wrong,
//! or shows another data source.

use std::collections::BTreeSet;

use serde_json::Value;

/// Most bytes of a dashboard: what a ConfigMap holds with room for its labels.
pub const MOST_BYTES: usize = 240 * 1024;

/// What is wrong with a dashboard, in words; nothing where all is well. `import`: the form that
/// asks for its data source.
#[must_use]
pub fn lint(board: &Value, import: bool) -> Vec<String> {
    let mut found = Vec::new();
    let bytes = board.to_string().len();
    if bytes > MOST_BYTES {
        found.push(format!(
            "{bytes} bytes, expected at most {MOST_BYTES}: a sidecar's ConfigMap is refused"
        ));
    }
    if board["__inputs"].is_array() != import {
        found.push(
            "__inputs: only the form for import has them; a sidecar leaves ${DS_…} unfilled"
                .to_owned(),
        );
    }
    let variables: BTreeSet<&str> = list(&board["templating"]["list"])
        .filter_map(|v| v["name"].as_str())
        .collect();
    if !variables.contains("datasource") {
        found.push("no variable `datasource`: the panels use whatever is the default".to_owned());
    }
    let outer: Vec<&Value> = list(&board["panels"]).collect();
    let inner = outer.iter().flat_map(|panel| list(&panel["panels"]));
    let panels: Vec<&Value> = outer.iter().copied().chain(inner).collect();
    let mut ids = BTreeSet::new();
    for panel in panels {
        let mut say = |what: &str| {
            found.push(format!(
                "{}: {what}",
                panel["title"].as_str().unwrap_or("a panel without title")
            ))
        };
        if !ids.insert(panel["id"].to_string()) {
            say("its id is taken: a link or an alert leads to the other panel");
        }
        let (x, w) = (
            panel["gridPos"]["x"].as_u64(),
            panel["gridPos"]["w"].as_u64(),
        );
        if x.zip(w).is_none_or(|(x, w)| x + w > 24) {
            say("gridPos: wider than the 24 columns: Grafana moves it");
        }
        match panel["type"].as_str() {
            Some("row" | "text") => {}
            kind => self::panel(panel, kind.unwrap_or_default(), &variables, &mut say),
        }
    }
    found
}

fn panel(panel: &Value, kind: &str, variables: &BTreeSet<&str>, say: &mut impl FnMut(&str)) {
    let defaults = &panel["fieldConfig"]["defaults"];
    if panel["description"].as_str().is_none_or(str::is_empty) {
        say("no description");
    }
    if defaults["noValue"].as_str().is_none_or(str::is_empty) {
        say("noValue: empty, so that it says \"No data\" and not why");
    }
    let traces = panel["datasource"]["uid"] == "${traces}";
    if defaults["unit"].as_str().is_none_or(str::is_empty) && !traces {
        say("no unit");
    }
    let mut letters = BTreeSet::new();
    for target in list(&panel["targets"]) {
        let letter = target["refId"].as_str().unwrap_or_default();
        if !letters.insert(letter) {
            say("two queries with one refId: Grafana runs one of them");
        }
        if traces {
            continue;
        }
        if target["datasource"]["uid"] != "${datasource}" {
            say("a query that does not follow the variable `datasource`");
        }
        let expr = target["expr"].as_str().unwrap_or_default();
        if expr.contains("$__") {
            say(
                "a query that depends on the zoom: empty where a window holds fewer than two scrapes",
            );
        }
        let mut words = expr.split('$').skip(1).map(|rest| {
            rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .next()
        });
        // `$1` is label_replace's own.
        let known = |word: &str| variables.contains(word) || word.parse::<u8>().is_ok();
        if words.any(|word| word.is_none_or(|word| !known(word))) {
            say("a query with a variable that is not defined: it is sent as it stands");
        }
        let (instant, range) = (target["instant"] == true, target["range"] == true);
        let format = target["format"].as_str().unwrap_or_default();
        let right = match kind {
            "table" => instant && !range && format == "table",
            "stat" => instant && !range && format == "time_series",
            "heatmap" => !instant && range && format == "heatmap",
            _ => !instant && range && format == "time_series",
        };
        if !right {
            say(
                "instant, range or format do not fit: a table must be asked for one moment as a table, a heatmap as a heatmap",
            );
        }
    }
    if letters.is_empty() {
        say("no query");
    }
    if kind == "heatmap" && panel["options"]["calculate"] != false {
        say("a heatmap that buckets its buckets again (calculate)");
    }
    for of in list(&panel["fieldConfig"]["overrides"]) {
        let letter = &of["matcher"];
        if letter["id"] == "byFrameRefID"
            && letter["options"]
                .as_str()
                .is_none_or(|l| !letters.contains(l))
        {
            say("an override of a query that is not there");
        }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
