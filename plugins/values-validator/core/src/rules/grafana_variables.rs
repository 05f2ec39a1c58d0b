//! Settings of Grafana as environment variables: `GF_<SECTION>_<KEY>`, with each dot and each dash as `_`. One that
//! is none is ignored.

use super::Rule;
use super::look::on;
use crate::node::{Node, join};
use crate::{Finding, Findings, Values};

/// Sections of logins by OAuth.
const PROVIDERS: &str = "generic_oauth github gitlab google azuread okta grafana_com";

/// Their keys.
const KEYS: &str = "name icon enabled allow_sign_up auto_login client_authentication client_id managed_identity_client_id federated_credential_audience workload_identity_token_file client_secret scopes empty_scopes email_attribute_name email_attribute_path login_attribute_path name_attribute_path role_attribute_path role_attribute_strict org_attribute_path org_mapping groups_attribute_path id_token_attribute_name auth_url token_url api_url signout_redirect_url teams_url allowed_domains allowed_groups allowed_organizations team_ids team_ids_attribute_path skip_org_role_sync tls_skip_verify_insecure tls_client_cert tls_client_key tls_client_ca use_pkce use_refresh_token allow_assign_grafana_admin validate_id_token jwk_set_url login_prompt force_use_graph_api validate_hd domain_hint tenant_id hosted_domain";

/// Other settings that are given as variables, as sections and keys.
const OTHERS: &str = "auth.anonymous:enabled auth.anonymous:org_role auth.anonymous:org_name auth.anonymous:hide_version auth.anonymous:device_limit auth.basic:enabled auth:disable_login_form auth:disable_signout_menu auth:oauth_auto_login auth:signout_redirect_url smtp:enabled smtp:host smtp:user smtp:password smtp:from_address smtp:from_name smtp:skip_verify smtp:startTLS_policy smtp:ehlo_identity smtp:cert_file smtp:key_file security:admin_user security:admin_password security:admin_email security:secret_key security:allow_embedding security:cookie_secure security:cookie_samesite security:disable_initial_admin_creation security:disable_gravatar server:root_url server:domain server:http_port server:http_addr server:protocol server:serve_from_sub_path server:enforce_domain users:allow_sign_up users:allow_org_create users:auto_assign_org users:auto_assign_org_id users:auto_assign_org_role users:viewers_can_edit users:default_theme database:type database:host database:name database:user database:password database:url database:ssl_mode log:level log:mode";

/// Every variable that is known.
fn known() -> Vec<String> {
    let oauth = PROVIDERS.split(' ').flat_map(|provider| {
        KEYS.split(' ')
            .map(move |key| format!("auth_{provider}_{key}"))
    });
    let others = OTHERS.split(' ').map(str::to_owned);
    let upper = |text: String| format!("GF_{}", text.replace(['.', ':'], "_").to_uppercase());
    oauth.chain(others).map(upper).collect()
}

/// The cure of a secret in grafana.ini that a variable sets already.
pub(super) fn given(
    values: &Values,
    path: &str,
    key: &str,
    node: &Node,
    finding: Finding,
) -> Finding {
    let inside = path.strip_prefix("grafana.ini").unwrap_or_default();
    let section = inside.strip_suffix(key).unwrap_or_default();
    let section = section.trim_matches(['.', '[', ']', '"']);
    let name = format!("GF_{section}_{key}")
        .to_uppercase()
        .replace(['.', '-'], "_");
    let mut all = values.list("grafana.extraEnv");
    let own = all.find(|(_, item)| item.child("name").and_then(Node::as_str) == Some(&name));
    match own.filter(|_| !section.is_empty()) {
        Some((path, item)) => finding
            .fix(format!("remove it: {name} in {path} sets it"))
            .related(item.place, "the variable with the same setting")
            .remove(node),
        None => finding,
    }
}

/// Letters alone, in one case.
fn bare(text: &str) -> String {
    text.to_uppercase().replace(['_', '-', '.'], "")
}

pub(super) fn check(rule: &Rule, values: &Values, findings: &mut Findings) {
    if !on(values, "grafana.enabled") {
        return;
    }
    let known = known();
    for (path, item) in values.list("grafana.extraEnv") {
        let Some(node) = item.child("name") else {
            continue;
        };
        let name = node.as_str().unwrap_or_default();
        // A file with the setting, for any of them.
        let setting = name.strip_suffix("__FILE").unwrap_or(name);
        let begins = ["GF_", "GRAFANA_", "gf_"]
            .iter()
            .any(|start| name.starts_with(start));
        if !begins || known.iter().any(|one| one == setting) || read(values, setting) {
            continue;
        }
        let letters = bare(setting).replacen("GRAFANA", "GF", 1);
        let meant = known
            .iter()
            .find(|one| bare(one) == letters)
            .map(String::as_str);
        let meant = meant.or_else(|| {
            let oauth = name.starts_with("GF_AUTH_") || name.starts_with("GF_SMTP_");
            oauth.then(|| crate::shape::nearest(setting, known.iter().map(String::as_str)))?
        });
        let Some(meant) = meant else { continue };
        let finding = rule
            .warning(join(&path, "name"), &node.place)
            .found(format!("the variable {name}"))
            .expected("GF_<SECTION>_<KEY>, as grafana.ini has them")
            .why("Grafana ignores a variable that is no setting of it.")
            .meant(node.place, meant);
        findings.push(finding);
    }
}

/// Whether something else reads the variable: a text of Grafana's configuration names it.
fn read(values: &Values, name: &str) -> bool {
    let mut named = false;
    for part in ["grafana.ini", "grafana.datasources"] {
        if let Some(node) = values.get(part) {
            super::look::walk(node, part, &mut |_, _, node: &Node| {
                named |= node.as_str().is_some_and(|text| text.contains(name));
            });
        }
    }
    named
}
