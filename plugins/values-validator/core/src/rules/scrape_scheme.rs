//! With `metrics.scrape.scheme: https` the scrape and the probes of vLLM that this chart deploys speak TLS.
//! vLLM does so only with `--ssl-certfile` and `--ssl-keyfile`: without them no pod is ever ready.

use super::Rule;
use super::look::{models, text};
use crate::{Findings, Severity, Values};

/// `metrics.scrape.scheme` against `deploy.args`.
pub const RULE: Rule = Rule {
    code: "scrape-scheme",
    severity: Severity::Error,
    title: text!("vLLM is scraped with TLS, which it does not serve"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let Some(scheme) = values.get("metrics.scrape.scheme") else {
        return;
    };
    let https = text(values, "metrics.scrape.scheme") == "https";
    for model in models(values).iter().filter(|model| model.deploy.is_some()) {
        let serves = model.arg("--ssl-certfile");
        // An entry may have a scheme of its own.
        if crate::FULL && model.node.get("scrape.scheme").is_some() {
            #[cfg(feature = "full")]
            findings.0.extend(own(model, serves.is_some()));
            continue;
        }
        if https && serves.is_none() && model.arg("--config").is_none() {
            findings.push(
                RULE.finds(
                    "metrics.scrape.scheme",
                    &scheme.place,
                    format!("https, and {} without --ssl-certfile", model.path),
                    text!("--ssl-certfile and --ssl-keyfile in deploy.args"),
                    text!("The probes of its pods never succeed: no replica becomes ready."),
                )
                .fix(text!(
                    "add them, and mount the certificate with deploy.volumes; or write http"
                )),
            );
            return;
        }
        if let (false, Some(arg)) = (https, serves) {
            findings.push(
                RULE.finds(
                    arg.path.clone(),
                    &arg.node.place,
                    text!("--ssl-certfile, and metrics.scrape.scheme is http"),
                    text!("metrics.scrape.scheme: https"),
                    text!("Probes and scrapes speak no TLS: no replica becomes ready."),
                )
                .fix(text!("set metrics.scrape.scheme: https")),
            );
        }
    }
}

/// The scheme of one entry against what its server speaks.
#[cfg(feature = "full")]
fn own(model: &super::look::Model<'_>, serves: bool) -> Option<crate::Finding> {
    let node = model.node.get("scrape.scheme")?;
    let path = format!("{}.scrape.scheme", model.path);
    let why = "Probes and scrapes fail: no replica becomes ready.";
    match node.as_str()? {
        "https" if !serves && model.arg("--config").is_none() => Some(
            RULE.at(path, node.place)
                .found("https, and no --ssl-certfile in deploy.args")
                .expected("--ssl-certfile and --ssl-keyfile in deploy.args")
                .why(why)
                .fix("add them, and mount the certificate with deploy.volumes; or write http"),
        ),
        "http" if serves => Some(
            RULE.at(path, node.place)
                .found("http, and --ssl-certfile in deploy.args")
                .expected("https")
                .why(why)
                .writes(node.place, "https"),
        ),
        _ => None,
    }
}
