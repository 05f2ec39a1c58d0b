//! `$(NAME)` in arguments and variables of a container: Kubernetes fills in variables of this container alone.

use super::RULE;
use crate::finding::in_quotes;
use crate::node::{item, join};
use crate::rules::look::Model;
use crate::shape::{nearest, reworded};
use crate::{Findings, Node};

/// Variables that the chart gives vLLM.
const CHART: [&str; 6] = ["HOME", "USER", "HF_HOME", "POD_NAME", "NODE_NAME", "PATH"];

/// The names between `$(` and `)`; what is written `$$(` is none.
fn used(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            rest = behind;
        } else if let Some(name) = rest.strip_prefix('(').and_then(|name| name.split_once(')')) {
            names.push(name.0);
        }
    }
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    names.retain(|name| {
        name.chars().all(upper) && name.starts_with(|c: char| c.is_ascii_uppercase())
    });
    names
}

fn name(variable: &Node) -> Option<&str> {
    variable.child("name")?.as_str()
}

/// The variables of a container, and what its arguments may use.
struct Container<'a> {
    env: &'a [Node],
    /// Whether it has those that the chart writes for vLLM.
    vllm: bool,
    token: bool,
}

impl Container<'_> {
    fn others(&self, used: &str) -> bool {
        let given = self.vllm && (CHART.contains(&used) || used.starts_with("OTEL_"))
            || self.token && used == "HF_TOKEN";
        given || used.starts_with("KUBERNETES_")
    }

    /// What a text uses of what is not there before the variable of that number.
    fn text(&self, path: &str, node: &Node, before: usize, findings: &mut Findings) {
        let text = node.as_str().unwrap_or("");
        let known = |used: &str| self.env[..before].iter().any(|v| name(v) == Some(used));
        let Some(used) = used(text)
            .into_iter()
            .find(|used| !known(used) && !self.others(used))
        else {
            return;
        };
        let later = self.env[before..].iter().any(|v| name(v) == Some(used));
        let finding = RULE
            .warning(path, &node.place)
            .found(if later {
                format!("$({used}), which is defined below it")
            } else {
                format!("$({used}), and no variable {used}")
            })
            .expected("a variable that is in env, above what uses it")
            .why(format!(
                "Kubernetes leaves it as it is: the program gets the text $({used})."
            ));
        let names = || self.env[..before].iter().filter_map(name);
        let near = nearest(used, names()).or_else(|| reworded(used, names()));
        findings.push(match near.filter(|_| !later) {
            Some(near) => finding
                .fix(format!("did you mean $({near})?"))
                .replace(node.place, in_quotes(&text.replace(&format!("$({used})"), &format!("$({near})")))),
            None if later => finding.fix(format!("move {used} above it in env")),
            None => finding.fix(format!(
                "add it to env: {{name: {used}, valueFrom: {{secretKeyRef: {{name: <Secret>, key: <key>}}}}}}"
            )),
        });
    }

    fn check(&self, path: &str, args: &[(String, &Node)], findings: &mut Findings) {
        for (at, variable) in self.env.iter().enumerate() {
            if let Some(value) = variable.child("value") {
                self.text(&join(&item(path, at), "value"), value, at, findings);
            }
        }
        for (path, node) in args {
            self.text(path, node, self.env.len(), findings);
        }
    }
}

fn listed<'a>(path: &str, node: Option<&'a Node>) -> Vec<(String, &'a Node)> {
    let items = node.map_or(&[][..], Node::items).iter().enumerate();
    items.map(|(at, node)| (item(path, at), node)).collect()
}

/// Those of vLLM itself.
pub(super) fn vllm(model: &Model<'_>, findings: &mut Findings) {
    let Some(deploy) = model.deploy else { return };
    let container = Container {
        env: deploy.child("env").map_or(&[][..], Node::items),
        vllm: true,
        token: deploy.get("huggingFaceToken.secretName").is_some(),
    };
    let args = listed(&model.deploy_path("args"), deploy.child("args"));
    container.check(&model.deploy_path("env"), &args, findings);
}

/// Those of containers beside it: the chart turns the variables of Services off in their pods.
pub(super) fn beside(path: &str, node: &Node, findings: &mut Findings) {
    if path.starts_with("extraObjects") {
        return;
    }
    for (path, one) in listed(path, Some(node)) {
        // A shell has such a form for commands.
        let shell = ["command", "args"].iter().any(|key| {
            let words = one.child(key).map_or(&[][..], Node::items);
            words.iter().any(|word| {
                word.as_str()
                    .is_some_and(|word| word.ends_with("sh") || word == "-c")
            })
        });
        if shell || one.child("envFrom").is_some() {
            continue;
        }
        let container = Container {
            env: one.child("env").map_or(&[][..], Node::items),
            vllm: false,
            token: false,
        };
        let mut args = listed(&join(&path, "args"), one.child("args"));
        args.extend(listed(&join(&path, "command"), one.child("command")));
        container.check(&join(&path, "env"), &args, findings);
    }
}
