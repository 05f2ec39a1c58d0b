//! Addresses, as the programs read them that get them: scheme, host, port, path.

/// The parts of `https://user:password@host:443/path?query`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Url<'a> {
    /// Before `://`.
    pub scheme: Option<&'a str>,
    /// Before `@`.
    pub login: Option<&'a str>,
    /// Without brackets.
    pub host: &'a str,
    /// Behind the host's colon.
    pub port: Option<&'a str>,
    /// From the first slash on, with what follows.
    pub path: &'a str,
}

impl<'a> Url<'a> {
    /// Splits a text; every text has a host, if an empty one.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (login, address) = match authority.rsplit_once('@') {
            Some((login, address)) => (Some(login), address),
            None => (None, authority),
        };
        let (host, port) = match address.strip_prefix('[').and_then(|a| a.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match address.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (address, None),
            },
        };
        Self {
            scheme,
            login,
            host,
            port,
            path,
        }
    }

    /// Whether a port is given that is none: no number, or not 1 to 65535.
    #[must_use]
    pub fn bad_port(&self) -> bool {
        self.port
            .is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0))
    }

    /// Whether it is the machine itself that asks.
    #[must_use]
    pub fn local(&self) -> bool {
        matches!(self.host, "localhost" | "127.0.0.1" | "::1" | "0.0.0.0")
    }

    /// Whether the host is a name of the internet, not of a cluster: by its last part.
    #[must_use]
    pub fn public(&self) -> bool {
        const ENDS: [&str; 15] = [
            "com", "net", "org", "io", "dev", "cloud", "app", "ai", "co", "eu", "de", "uk", "us",
            "fr", "tech",
        ];
        let last = self.host.rsplit_once('.').map_or("", |(_, last)| last);
        ENDS.contains(&last)
    }

    /// Whether it is a Service of the cluster, as far as a name tells.
    #[must_use]
    pub fn in_cluster(&self) -> bool {
        !self.host.is_empty()
            && !self.public()
            && !self.local()
            && !self.host.starts_with(|c: char| c.is_ascii_digit())
            && (!self.host.contains('.')
                || self.host.ends_with(".svc")
                || self.host.ends_with(".cluster.local")
                || self.host.matches('.').count() == 1)
    }

    /// The text without its path.
    #[must_use]
    pub fn origin(&self, text: &str) -> String {
        text[..text.len() - self.path.len()].to_owned()
    }

    /// The text with another port.
    #[must_use]
    pub fn with_port(&self, text: &str, port: &str) -> String {
        let origin = self.origin(text);
        let bare = match self.port {
            Some(old) => &origin[..origin.len() - old.len() - 1],
            None => &origin,
        };
        format!("{bare}:{port}{}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_parts() {
        let url = Url::of("https://u:p@[::1]:443/a?b");
        assert_eq!(
            (url.scheme, url.login, url.host),
            (Some("https"), Some("u:p"), "::1")
        );
        assert_eq!((url.port, url.path), (Some("443"), "/a?b"));
        let bare = Url::of("tempo.tracing");
        assert_eq!(
            (bare.scheme, bare.port, bare.in_cluster()),
            (None, None, true)
        );
        assert_eq!(
            bare.with_port("tempo.tracing", "4317"),
            "tempo.tracing:4317"
        );
        assert!(Url::of("http://a:70000").bad_port() && Url::of("http://a:x").bad_port());
        assert!(!Url::of("https://api.honeycomb.io").in_cluster());
    }
}
