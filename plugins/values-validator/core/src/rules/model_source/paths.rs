//! Paths in arguments and the environment against what is mounted in a model's pod.

use super::RULE;
use super::idle::{idle, mount};
use crate::node::item;
use crate::rules::look::Model;
use crate::{Findings, Node};

/// Flags that name files to read; some in JSON.
const READ: &str = "--chat-template --ssl-keyfile --ssl-certfile --ssl-ca-certs --tool-parser-plugin --reasoning-parser-plugin --tokenizer --config --log-config-file --hf-config-path --generation-config --speculative-config --allowed-local-media-path";
/// Folders that vLLM's own image has.
const IMAGE: [&str; 6] = [
    "/vllm-workspace",
    "/usr",
    "/etc/ssl",
    "/opt",
    "/root",
    "/proc",
];
/// Volumes that the chart mounts, and what every user may write to.
const SCRATCH: [&str; 3] = ["/dev/shm", "/home/vllm", "/tmp"];
/// Where Hugging Face's libraries put what they download.
pub(super) const CACHES: [&str; 5] = [
    "HF_HOME",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "TRANSFORMERS_CACHE",
    "XDG_CACHE_HOME",
];

fn below(path: &str, base: &str) -> bool {
    let base = base.trim_end_matches('/');
    path.strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    let Some(deploy) = model.deploy else { return };
    let text = |path: &str| deploy.get(path).and_then(Node::as_str).unwrap_or("");
    let stored = ["existingClaim", "size", "image", "hostPath"]
        .iter()
        .any(|key| !text(&format!("storage.{key}")).is_empty());
    let base = match text("storage.mountPath") {
        "" => "/models",
        own => own,
    };
    let list = deploy.child("volumeMounts").map_or(&[][..], Node::items);
    let mut mounted: Vec<&str> = list
        .iter()
        .filter_map(|m| m.child("mountPath")?.as_str())
        .collect();
    if stored {
        mounted.push(base);
    }
    let pod = Pod {
        base: stored.then_some(base),
        mounted,
        idle: idle(deploy),
        root: deploy.child("runAsUser").and_then(Node::as_i64) == Some(0),
    };
    // A path is not downloaded, and nothing is put into storage that is read alone.
    let fixed = deploy.get("storage.readOnly").and_then(Node::as_bool) == Some(true);
    let downloads = !text("model").starts_with('/') && !fixed && text("storage.image").is_empty();
    if let Some(arg) = model.arg("--download-dir").filter(|_| downloads) {
        pod.kept(&arg.path, arg.holder, arg.value, findings);
    }
    let env = deploy.child("env").map_or(&[][..], Node::items);
    let env = if downloads { env } else { &[] };
    for (at, one) in env.iter().enumerate() {
        let name = one.child("name").and_then(Node::as_str).unwrap_or("");
        if let Some(node) = one.child("value").filter(|_| CACHES.contains(&name)) {
            let path = format!("{}.value", item(&model.deploy_path("env"), at));
            pod.kept(&path, node, node.as_str().unwrap_or(""), findings);
        }
    }
    // Another image may have any file.
    let image = text("image.repository");
    if !image.is_empty() && !image.ends_with("vllm/vllm-openai") {
        return;
    }
    let args = deploy.child("args").map_or(&[][..], Node::items);
    let mut flag = String::new();
    for (at, node) in args.iter().enumerate() {
        let Some(text) = node.as_str() else { continue };
        let value = if text.starts_with("--") {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            flag = name.replace('_', "-");
            value
        } else {
            text
        };
        // Certificates and adapters may be put there by what the values do not show.
        let bare = pod.mounted.is_empty() && flag.starts_with("--ssl");
        let adapter = flag == "--lora-modules" && !list.is_empty();
        if adapter || !bare && READ.split(' ').any(|known| known == flag) {
            let path = item(&model.deploy_path("args"), at);
            pod.there(&path, node, &flag, value, findings);
        }
    }
}

/// What is mounted in the pod.
struct Pod<'a> {
    /// Where the storage is, if there is one.
    base: Option<&'a str>,
    mounted: Vec<&'a str>,
    /// The volume that is declared and mounted nowhere.
    idle: Option<&'a str>,
    /// Whether the process may write everywhere.
    root: bool,
}

impl Pod<'_> {
    fn mounted(&self, path: &str) -> bool {
        self.mounted.iter().any(|base| below(path, base))
    }

    /// A folder for downloads.
    fn kept(&self, path: &str, node: &Node, value: &str, findings: &mut Findings) {
        if !value.starts_with('/') || value.contains("$(") || self.mounted(value) {
            return;
        }
        let scratch = SCRATCH.iter().any(|base| below(value, base));
        match self.base {
            Some(base) => {
                let old = node.as_str().unwrap_or("");
                let new = format!("{}{base}", old.strip_suffix(value).unwrap_or(""));
                findings.push(
                    RULE.at(path, &node.place)
                        .found(format!("downloads to {value}, and the storage is mounted at {base}"))
                        .expected(format!("{base}, or a folder below it"))
                        .why(if scratch || self.root {
                            "The weights are downloaded beside the storage, and again at each start."
                        } else {
                            "The weights are not kept in the storage; where the user may not write, vLLM ends at its start."
                        })
                        .writes(node.place, &new),
                );
            }
            None if !scratch && !self.root => findings.push(
                RULE.at(path, &node.place)
                    .found(format!("downloads to {value}, where no volume is mounted"))
                    .expected("a folder below a mount")
                    .why("The user of the pod may not write there: vLLM ends at its start, again and again.")
                    .fix("remove it, or give the weights a volume: storage: {size: …}, and write /models"),
            ),
            None => {}
        }
    }

    /// Files that are read.
    fn there(&self, path: &str, node: &Node, flag: &str, value: &str, findings: &mut Findings) {
        let parts = value.split(['=', '"', '\'', ',', ' ', '{', '}']);
        for file in parts.filter(|part| part.starts_with('/') && part.len() > 1) {
            let known = self.mounted(file) || IMAGE.iter().any(|base| below(file, base));
            if known || file.contains("$(") || below(file, "/dev/shm") {
                continue;
            }
            let name = file.rsplit('/').next().unwrap_or(file);
            let ways: Vec<String> = (self.mounted.iter())
                .map(|base| format!("write {}/{name}", base.trim_end_matches('/')))
                .collect();
            let folder = file.rsplit_once('/').map_or(file, |(folder, _)| folder);
            let folder = if folder.is_empty() { file } else { folder };
            let mount = mount(self.idle, folder);
            findings.push(
                RULE.at(path, &node.place)
                    .found(format!("{flag} reads {file}, where nothing is mounted"))
                    .expected(if self.mounted.is_empty() {
                        "a path below a mount of deploy.volumeMounts".to_owned()
                    } else {
                        format!("a path below {}", self.mounted.join(" or "))
                    })
                    .why("There is no such file in the pod: vLLM ends at its start, again and again.")
                    .fix(match self.idle {
                        Some(_) => mount,
                        None => [ways, vec![mount]].concat().join(", or "),
                    }),
            );
        }
    }
}
