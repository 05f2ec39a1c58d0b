//! Addresses of a receiver or of `global`, and fields that exclude each other.

use super::{CRASHES, RULE, Reader};
use crate::Node;
use crate::node::join;
use crate::url::Url;

impl Reader<'_> {
    /// Addresses, and fields that exclude each other.
    pub(super) fn fields(&mut self, path: &str, node: &Node) {
        for (name, value) in node.entries() {
            let below = join(path, name);
            if node.child(&format!("{name}_file")).is_some() {
                self.say(
                    &below,
                    value.place,
                    format!("{name} and {name}_file"),
                    "one of them",
                    format!("remove {name}, or {name}_file"),
                );
            }
            let Some(text) = value
                .as_str()
                .filter(|t| !t.contains("{{") && !t.is_empty())
            else {
                continue;
            };
            if matches!(name, "smarthost" | "smtp_smarthost") {
                let port = text
                    .rsplit_once(':')
                    .and_then(|(_, port)| port.parse::<u16>().ok());
                if port.is_none() || text.contains("://") {
                    let host = Url::of(text).host;
                    self.say(
                        &below,
                        value.place,
                        value.described(),
                        text!("host:port of the mail server").as_str(),
                        format!("write {host}:587, or {host}:25 for a relay without login"),
                    );
                }
            }
            let address =
                name == "url" || name.ends_with("api_url") || name.ends_with("webhook_url");
            let file = format!("{name}_file");
            if address && text.starts_with('/') && node.child(&file).is_none() {
                self.push(
                    RULE.at(&below, &value.place)
                        .found(text!("the path of a file"))
                        .expected(file.as_str())
                        .why(CRASHES)
                        .writes(value.key_place(), &file),
                );
                continue;
            }
            // What the pod does not mount, no file is in, unless something else injects it.
            if name.ends_with("_file")
                && text.starts_with('/')
                && !self.injected
                && !self.mounts.iter().any(|mount| text.starts_with(mount))
            {
                let last = text.rsplit('/').next().unwrap_or("");
                let finding = RULE
                    .finds(
                        &below,
                        &value.place,
                        format!("{text:?}, which no volume is mounted at"),
                        text!("a path below a mountPath of alertmanager.extraVolumeMounts"),
                        text!("There is no such file in the pod: no notification is sent there."),
                    )
                    .as_warning();
                self.push(match self.mounts[..] {
                    [only] => finding
                        .fix(format!("write {}/{last}", only.trim_end_matches('/')))
                        .replace(
                            value.place,
                            format!("{}/{last}", only.trim_end_matches('/')),
                        ),
                    _ => finding.fix(text!(
                        "mount the Secret there: alertmanager.extraVolumes and extraVolumeMounts"
                    )),
                });
            }
            let url = Url::of(text);
            if address && (!matches!(url.scheme, Some("http" | "https")) || url.host.is_empty()) {
                let host = text.rsplit_once("://").map_or(text, |(_, host)| host);
                self.say(
                    &below,
                    value.place,
                    if name == "url" {
                        value.described()
                    } else {
                        format!("a text without http:// or https:// in {name}")
                    },
                    text!("a URL with http:// or https://").as_str(),
                    if name == "url" {
                        let web = if url.public() || host.contains(".com") {
                            "https"
                        } else {
                            "http"
                        };
                        format!("write {web}://{host}")
                    } else {
                        "write https:// before it".into()
                    },
                );
            }
        }
    }
}
