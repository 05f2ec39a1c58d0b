//! An image is written as `repository`, `tag` and `digest`, and the chart joins them. A tag or digest
//! inside the repository, or a digest in the place of the tag, gives a reference that no runtime takes.

use super::Rule;
use super::look::walk_given;
use crate::node::{Node, join};
use crate::{Findings, Severity, Values};

/// `repository` and `tag` of every image.
pub const RULE: Rule = Rule {
    code: "image-reference",
    severity: Severity::Error,
    title: text!("Parts of an image's reference are in the wrong fields"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    walk_given(&values.root, "", &mut |path, key, node| {
        if !matches!(key, "image" | "stockImage") {
            return;
        }
        let child = |key: &str| node.child(key).and_then(|n| Some((n, n.as_str()?)));
        if let Some((at, text)) = child("repository").filter(|_| path.contains(".deploy.")) {
            near(&join(path, "repository"), at, text, findings);
        }
        if let Some((at, text)) = child("repository") {
            repository(&join(path, "repository"), at, text, findings);
        }
        if let Some((at, text)) = child("image").filter(|_| path.contains("ontainers["))
            && text.contains(char::is_whitespace)
        {
            let new: String = text.split_whitespace().collect();
            findings.push(
                RULE.finds(
                    join(path, "image"),
                    &at.place,
                    format!("{text:?}, with a blank"),
                    text!("registry/name:tag"),
                    text!("The pod never gets its image."),
                )
                .writes(at.place, &new),
            );
        }
        if let Some((at, text)) = child("tag") {
            tag(&join(path, "tag"), at, text, findings);
        }
    });
}

/// One or two letters away from the image that vLLM publishes, or with its parts in another order.
fn near(path: &str, at: &Node, text: &str, findings: &mut Findings) {
    const PUBLISHED: &str = "vllm/vllm-openai";
    let plain = !text.contains(['.', ':', '@']) && !text.chars().any(|c| c.is_ascii_uppercase());
    let swapped = text == "vllm-openai/vllm" || text == "vllm/openai" || text == "vllm-openai";
    if text == PUBLISHED || !plain {
        return;
    }
    if swapped || strsim::damerau_levenshtein(text, PUBLISHED) <= 2 {
        findings.push(
            RULE.warning(path, &at.place)
                .found(format!("{text:?}, near to the image that vLLM publishes"))
                .expected(PUBLISHED)
                .why(text!("The pod never gets its image."))
                .meant(at.place, PUBLISHED),
        );
    }
}

fn repository(path: &str, at: &Node, text: &str, findings: &mut Findings) {
    let name = text.rsplit('/').next().unwrap_or(text);
    let (found, expected, fix) = if let Some((_, digest)) = text.split_once('@') {
        (
            "a digest in the repository",
            "the digest in `digest`",
            format!("write digest: {digest}, and the repository without it"),
        )
    } else if let Some((_, tag)) = name.split_once(':') {
        (
            "a tag in the repository",
            "the tag in `tag`",
            format!("write tag: {tag}, and the repository without it"),
        )
    } else if text.starts_with("http://") || text.starts_with("https://") {
        (
            "a URL",
            "registry/path, without a scheme",
            "take the scheme away".into(),
        )
    } else if text
        .split_once('/')
        // The first part is a host only with a dot or a port.
        .filter(|(host, _)| host.contains('.') || host.contains(':'))
        .map_or(text, |(_, path)| path)
        .chars()
        .any(|c| c.is_ascii_uppercase())
    {
        (
            "capital letters in the repository",
            "small letters only",
            format!("write {}", text.to_ascii_lowercase()),
        )
    } else {
        return;
    };
    let meant = match found {
        "capital letters in the repository" => Some(text.to_ascii_lowercase()),
        "a URL" => text.split_once("://").map(|(_, rest)| rest.to_owned()),
        _ => None,
    };
    let finding = RULE
        .at(path, &at.place)
        .found(format!("{text:?}: {found}"))
        .expected(expected)
        .why(text!(
            "The reference that comes of it is invalid: the pod never gets its image."
        ))
        .fix(fix);
    findings.push(match meant {
        Some(meant) => finding.replace(at.place, meant),
        None => finding,
    });
}

fn tag(path: &str, at: &Node, text: &str, findings: &mut Findings) {
    let tag = text.strip_prefix(':').unwrap_or(text);
    // A dot behind the v, commas for dots.
    let plain = text.replace(',', ".").replacen("v.", "v", 1);
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let numbers = plain.strip_prefix('v').unwrap_or(&plain);
    if plain != text && numbers.contains('.') && numbers.chars().all(digits) {
        findings.push(
            RULE.at(path, &at.place)
                .found_text(text)
                .expected(text!("a tag such as v0.33.0"))
                .why(text!(
                    "No image has such a tag: the pod never gets its image."
                ))
                .writes(at.place, &plain),
        );
        return;
    }
    let (found, fix) = if text.contains("sha256:") || looks_like_hash(text) {
        let digest = text.rsplit('@').next().unwrap_or(text);
        let digest = digest.strip_prefix("sha256:").unwrap_or(digest);
        (
            "a digest in the place of the tag",
            format!("write digest: sha256:{digest}"),
        )
    } else if tag.contains([':', '@', '/', ' ']) || text.starts_with(':') {
        (
            "no tag",
            format!(
                "write the tag alone, such as {}",
                tag.rsplit([':', '/']).next().unwrap_or(tag)
            ),
        )
    } else {
        return;
    };
    findings.push(
        RULE.finds(
            path,
            &at.place,
            format!("{text:?}: {found}"),
            text!("letters, digits, `.`, `_` and `-`; a digest goes into `digest`"),
            text!("The reference that comes of it is invalid: the pod never gets its image."),
        )
        .fix(fix),
    );
}

/// 64 hexadecimal digits: a sha256 without its name.
fn looks_like_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}
