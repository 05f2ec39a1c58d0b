//! What a value may have been meant to be.

use super::super::{moved, targets};
use super::Guess;
use crate::check::DEFAULTS;
use crate::node::Value;
use crate::units;
use crate::url::Url;

impl Guess<'_> {
    /// A number with a word behind it that is no unit.
    pub(super) fn number(&self, text: &str) -> Option<(String, String)> {
        let end = text.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = text.split_at(end);
        let word = unit.trim_start_matches([' ', '/']);
        let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '/');
        (!number.is_empty() && plain && units::quantity(text).is_none())
            .then(|| self.put(number))?
    }

    /// A number with a letter that looks like a digit.
    pub(super) fn digits(&self, text: &str) -> Option<(String, String)> {
        let new: String = (text.chars())
            .map(|c| match c {
                'O' | 'o' => '0',
                'l' | 'I' => '1',
                c => c,
            })
            .collect();
        let plain = |c: char| c.is_ascii_digit() || c == '.';
        let digits = text.contains(|c: char| c.is_ascii_digit());
        let number = new.chars().all(plain)
            || units::quantity(&new).is_some()
            || units::seconds(&new).is_some()
            || new
                .strip_suffix('%')
                .is_some_and(|new| new.chars().all(plain));
        (digits && number && new != text).then(|| self.put(&new))?
    }

    /// A boolean with two letters changed, or one.
    pub(super) fn boolean(&self, text: &str) -> Option<(String, String)> {
        let lower = text.trim().to_ascii_lowercase();
        let near = |known: &&str| strsim::damerau_levenshtein(known, &lower) == 1;
        let near = ["true", "false"].into_iter().find(near)?;
        (self.finding.expected == "true or false").then(|| self.put(near))?
    }

    /// An address on the Internet, which has TLS.
    pub(super) fn web(&self, text: &str) -> Option<(String, String)> {
        let public = Url::of(text).public() && !text.contains("://");
        public.then(|| self.put(&format!("https://{text}")))?
    }

    /// A host of an Ingress by which Grafana knows itself.
    pub(super) fn host(&self, text: &str) -> Option<(String, String)> {
        let (ingress, _) = self.finding.path.split_once(".tls[")?;
        let root = self.root.get("grafana.rootURL")?.as_str()?;
        let own = Url::of(root).host;
        let hosts = self.root.get(ingress)?.child("hosts")?.items();
        if own.is_empty() || !ingress.starts_with("grafana") {
            return None;
        }
        if hosts.iter().any(|host| host.as_str() == Some(own)) {
            return self.put(own);
        }
        let [only] = hosts else { return None };
        (own == text).then(|| {
            let new = self.source.replaced(only.place, own)?;
            Some((new, format!("write {own} in hosts, as in rootURL")))
        })?
    }

    /// `a: {b: {…}}` in grafana.ini, whose section is `a.b`.
    pub(super) fn section(&self) -> Option<(String, String)> {
        let from = targets::parts(&self.finding.path);
        let [grafana, ini, above, name] = &from[..] else {
            return None;
        };
        if ini != "ini" || !matches!(self.node.value, Value::Map(_)) {
            return None;
        }
        let section = format!("{above}.{name}");
        let to = [grafana.clone(), ini.clone(), section.clone()];
        let index = self.finding.place?.source;
        let new = moved::moved(self.source, index, self.root, &from, &to)?;
        Some((new, format!("write {section}, with what is below")))
    }

    /// The nearer end of a range of durations.
    pub(super) fn bound(&self, text: &str) -> Option<(String, String)> {
        let (_, range) = self.finding.expected.split_once("a duration from ")?;
        let (least, most) = range.split_once(" to ")?;
        let above = units::seconds(text)? > units::seconds(most)?;
        let (limit, words) = if above {
            (most, "most")
        } else {
            (least, "least")
        };
        let (new, _) = self.put(limit)?;
        Some((new, format!("write {limit}, which is the {words}")))
    }

    /// A file's name without its folder, and a URL without what is replaced in it.
    pub(super) fn below(&self, text: &str) -> Option<(String, String)> {
        if self.finding.expected.contains("{traceID}") && text.contains("://") {
            return self.put(&format!("{}/{{traceID}}", text.trim_end_matches('/')));
        }
        let parts = targets::parts(&self.finding.path);
        let (first, rest) = parts.split_first()?;
        let default = targets::walked(DEFAULTS.get(first.as_str())?, rest)?.as_str()?;
        let (folder, _) = default.rsplit_once('/')?;
        // A folder in the place of the file in it.
        let name = default.strip_prefix(folder)?;
        if text.ends_with('/') && name.contains('.') {
            return self.put(&format!("{}{name}", text.trim_end_matches('/')));
        }
        let named = default.starts_with('/') && !text.contains('/');
        named.then(|| self.put(&format!("{folder}/{text}")))?
    }

    /// The fields that a clock's rule lacks, where the words of the finding have them.
    pub(super) fn schedule(&self, text: &str) -> Option<(String, String)> {
        let words = self.finding.fix.text.strip_prefix("write ")?;
        let more = words.strip_prefix(text).filter(|more| !more.is_empty());
        let clock = self.finding.expected.starts_with("five fields");
        more.filter(|_| clock).and_then(|_| {
            let (new, _) = self.put(&format!("{words:?}"))?;
            Some((new, format!("write {words}")))
        })
    }

    /// A wait of five times the longest request that is to be kept, or of twice a very long one: some take longer.
    pub(super) fn longer(&self) -> Option<(String, String)> {
        let (_, rest) = self.finding.found.split_once("requests from ")?;
        let least = units::seconds(rest.split(' ').next()?)?;
        let wait = units::duration((5.0 * least).min(600.0).max(2.0 * least));
        let (new, _) = self.put(&wait)?;
        Some((
            new,
            format!(
                "write decisionWait: {wait}, or more where a request can take longer; mode: immediate needs no such wait"
            ),
        ))
    }

    /// A label that belongs beside labels.
    pub(super) fn beside(&self) -> Option<(String, String)> {
        let from = targets::parts(&self.finding.path);
        let (key, above) = from.split_last()?;
        let (_, above) = above.split_last()?;
        let to: Vec<String> = above.iter().chain([key]).cloned().collect();
        let index = self.finding.place?.source;
        let new = moved::moved(self.source, index, self.root, &from, &to)?;
        Some((new, format!("move {key} out of labels")))
    }

    /// The data source whose type is nearly the one that is missing.
    pub(super) fn kind(&self, kind: &str) -> Option<(String, String)> {
        let sources = self.root.get("grafana.datasources")?.items();
        let near = sources.iter().find_map(|source| {
            let node = source.child("type")?;
            let near = node.as_str()?.to_ascii_lowercase().contains(kind);
            near.then_some(node)
        })?;
        let new = self.source.replaced(near.place, kind)?;
        Some((new, format!("write type: {kind} in grafana.datasources")))
    }

    /// A namespace or a range of addresses in the place of a peer.
    pub(super) fn peer(&self, text: &str) -> Option<(String, String)> {
        let path = &self.finding.path;
        if !path.starts_with("networkPolicies.") || !path.ends_with(']') || text.is_empty() {
            return None;
        }
        self.put(&if text.contains('/') {
            format!("{{ipBlock: {{cidr: {text}}}}}")
        } else {
            format!(
                "{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {text}}}}}}}"
            )
        })
    }
}
