//! Whether the bundled Grafana answers.

use serde::Deserialize;

use crate::outcome::Look;

/// Grafana's answer to `/api/health`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Health {
    database: String,
    version: String,
}

/// It answers, and its database does.
#[must_use]
pub fn healthy(url: &str, status: u16, body: &str) -> Look {
    let Ok(health) = serde_json::from_str::<Health>(body) else {
        return Look::NotYet(format!("{url} answers {status}, and not as Grafana does"));
    };
    if status == 200 && health.database == "ok" {
        return Look::Holds(format!("Grafana {} answers", health.version));
    }
    Look::NotYet(format!(
        "{url} answers {status}, its database is `{}`; see the log of Grafana and its disk",
        health.database
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://grafana:3000/api/health";

    #[test]
    fn a_healthy_one_says_its_version() {
        let body = r#"{"commit": "abc", "database": "ok", "version": "12.3.0"}"#;
        let found = healthy(URL, 200, body);
        assert_eq!(found, Look::Holds("Grafana 12.3.0 answers".to_owned()));
    }

    #[test]
    fn a_failing_database_and_a_stranger_are_told_apart() {
        for (status, body, words) in [
            (
                503,
                r#"{"database": "failing"}"#,
                "its database is `failing`",
            ),
            (200, r#"{"status": "up"}"#, "its database is ``"),
            (502, "<html>", "not as Grafana does"),
        ] {
            let Look::NotYet(said) = healthy(URL, status, body) else {
                panic!("{body} passes");
            };
            assert!(said.contains(words) && said.contains(URL), "{said}");
        }
    }
}
