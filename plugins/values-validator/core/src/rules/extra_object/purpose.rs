//! Two names that say the same in other words: `hf-token` and `huggingface-token`.

/// Words that a name has in several forms, the common one last.
const FORMS: [&[&str]; 6] = [
    &["hf", "hugging", "face", "huggingface"],
    &["am", "alertmanager"],
    &["prom", "prometheus"],
    &["pg", "postgres", "postgresql"],
    &["pd", "pagerduty"],
    &["reg", "regcred", "docker", "registry"],
];
/// Words that say what kind of thing it is, of which one name may have another or none.
const KINDS: [&str; 14] = [
    "token",
    "tokens",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "creds",
    "auth",
    "key",
    "keys",
    "login",
    "config",
    "api",
    "hub",
];

/// The parts of a name that say what it is for.
fn words(name: &str) -> Vec<&str> {
    let parts = name.split(['-', '_', '.']);
    let mut words: Vec<&str> = parts
        .filter(|part| !part.is_empty() && !KINDS.contains(part))
        .map(|part| {
            let form = FORMS.iter().find(|forms| forms.contains(&part));
            form.and_then(|forms| forms.last()).copied().unwrap_or(part)
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// Whether two names are for the same.
pub(super) fn same(one: &str, other: &str) -> bool {
    let own = words(one);
    !own.is_empty() && own == words(other)
}
