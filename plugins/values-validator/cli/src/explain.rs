//! `--explain CODE`: what docs/findings.md says about a finding.

/// The page, as it is generated.
const PAGE: &str = include_str!("../../../../docs/findings.md");

/// The section of a code, and its address.
///
/// # Errors
/// In one line, where there is no such code.
pub fn explain(code: &str) -> Result<String, String> {
    let heading = format!("\n### {code}\n");
    let Some((_, rest)) = PAGE.split_once(&heading) else {
        return Err(format!(
            "--explain: found {code:?}; expected a code of a finding, such as unknown-key"
        ));
    };
    let end = [rest.find("\n### "), rest.find("\n## ")]
        .into_iter()
        .flatten()
        .min();
    let section = rest[..end.unwrap_or(rest.len())].trim();
    let url = values_validator_core::codes::url(code);
    Ok(format!("{code}\n\n{section}\n\n{url}\n"))
}

#[cfg(test)]
mod tests {
    use values_validator_core::{codes, rules};

    use super::explain;

    #[test]
    fn every_code_has_an_explanation() {
        let all = codes::ALL
            .iter()
            .map(|c| c.code)
            .chain(rules::ALL.iter().map(|r| r.code));
        for code in all {
            let text = explain(code).unwrap_or_default();
            assert!(
                text.starts_with(code) && text.contains("**") && text.contains("https://"),
                "{code}: {text}"
            );
        }
        assert!(explain("no-such-code").is_err());
    }
}
