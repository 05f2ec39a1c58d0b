//! Names in the rules: of metrics, labels and runbooks.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use promql_parser::parser::{self, Expr};
use promql_parser::util::{ExprVisitor, walk_expr};
use rules_tests::{all, here, rules};

/// Every selector of an expression: its metric and whether it selects a `vllm_monitoring`.
#[derive(Default)]
struct Selectors(Vec<(String, bool)>);

impl ExprVisitor for Selectors {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Self::Error> {
        // A matrix selector holds its vector selector by value, so it is not visited on its own.
        let selector = match expr {
            Expr::VectorSelector(v) => v,
            Expr::MatrixSelector(m) => &m.vs,
            _ => return Ok(true),
        };
        let own = selector
            .matchers
            .matchers
            .iter()
            .any(|m| m.name == "vllm_monitoring");
        self.0
            .push((selector.name.clone().unwrap_or_default(), own));
        Ok(true)
    }
}

fn selectors(expr: &str) -> Result<Vec<(String, bool)>> {
    let parsed = parser::parse(expr).map_err(|e| anyhow!("{expr}: {e}"))?;
    let mut found = Selectors::default();
    walk_expr(&mut found, &parsed)?;
    Ok(found.0)
}

#[test]
fn every_metric_is_in_the_catalogue_or_recorded_before() {
    let rules = rules("vllm-monitoring", &[here().join("values.yaml")]).unwrap();
    let mut recorded = BTreeSet::new();
    let mut read = 0;
    for rule in all(&rules) {
        for (metric, own) in selectors(rule["expr"].as_str().unwrap()).unwrap() {
            read += 1;
            assert!(
                metric == "up"
                    || recorded.contains(&metric)
                    || vllm_catalog::family_of_series(&metric).is_some(),
                "{metric} is neither in the catalogue nor recorded before: {rule:?}"
            );
            assert!(own, "{metric} is read from every release: {rule:?}");
        }
        if let Some(name) = rule["record"].as_str() {
            assert_eq!(
                name.split(':').count(),
                3,
                "{name}: expected level:metric:operation"
            );
            recorded.insert(name.to_owned());
        }
    }
    assert!(read > 30, "only {read} selectors were found");
}

#[test]
fn a_wrong_name_would_be_found() {
    let found = selectors("rate(vllm:num_preemptions[5m]) > 1").unwrap();
    assert_eq!(found, [("vllm:num_preemptions".to_owned(), false)]);
    assert!(vllm_catalog::family_of_series("vllm:no_such_metric_total").is_none());
}

#[test]
fn every_runbook_url_leads_to_a_page_with_the_four_headings() {
    let rules = rules("vllm-monitoring", &[here().join("values.yaml")]).unwrap();
    let base = "https://github.com/vllm-monitoring/vllm-monitoring/blob/main/";
    let mut pages = 0;
    for rule in all(&rules) {
        let Some(alert) = rule["alert"].as_str() else {
            continue;
        };
        let url = rule["annotations"]["runbook_url"].as_str().unwrap();
        let path = url
            .strip_prefix(base)
            .unwrap_or_else(|| panic!("{alert}: {url}"));
        assert_eq!(path, format!("docs/runbooks/{alert}.md"));
        let page = std::fs::read_to_string(harness::repo::root().join(path)).unwrap();
        let headings: Vec<&str> = page.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        assert_eq!(
            headings,
            ["Meaning", "Impact", "Diagnosis", "Mitigation"],
            "{path}"
        );
        pages += 1;
    }
    assert_eq!(pages, 8);
}
