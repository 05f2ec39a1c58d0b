//! Parts of a model in another form: the time of its start, its image's tag, a label copied from another entry.

use super::targets::walked;
use crate::Source;
use crate::node::Node;
use crate::rules::secret_name;

type Form = Option<(String, String)>;

/// The time that a probe of Kubernetes gives a start, as the chart takes it.
pub fn startup(source: &Source, node: &Node) -> Form {
    let number = |key: &str, other: i64| node.child(key).map_or(Some(other), Node::as_i64);
    let times = number("failureThreshold", 3)?.checked_mul(number("periodSeconds", 10)?)?;
    let seconds = times.checked_add(number("initialDelaySeconds", 0)?)?;
    let new = format!("startupSeconds: {seconds}");
    let mut place = node.key?;
    (place.end_line, place.end_column) = (node.place.end_line, node.place.end_column);
    let end = if place.end_column == 1 { "\n" } else { "" };
    let indent = " ".repeat(if end.is_empty() {
        0
    } else {
        place.end_column as usize - 1
    });
    let text = source.replaced(place, &format!("{new}{end}{indent}"))?;
    let words = format!("write {new}: failureThreshold times periodSeconds");
    Some((text, words))
}

/// A tag in its own key.
pub fn tagged(source: &Source, root: &Node, above: &[String], node: &Node) -> Form {
    let (name, tag) = node.as_str()?.rsplit_once(':')?;
    let key = node.key.filter(|key| key.line == node.place.line)?;
    let tag = match walked(root, above)?.child("tag") {
        Some(given) if !given.is_default() && given.as_str() == Some(tag) => String::new(),
        Some(given) if !given.is_default() => return None,
        _ if source
            .text
            .split('\n')
            .nth(key.line as usize - 1)?
            .contains('{') =>
        {
            format!(", tag: {tag}")
        }
        _ => format!("\n{:1$}tag: {tag}", "", key.column as usize - 1),
    };
    let text = source.replaced(node.place, &format!("{name}{tag}"))?;
    Some((text, String::new()))
}

/// An entry's label with the name of another entry, copied with it.
pub fn copied(source: &Source, index: u32, root: &Node) -> Form {
    let models = root.child("models")?.items();
    let name = |model: &Node| {
        model
            .child("name")
            .and_then(Node::as_str)
            .map(str::to_owned)
    };
    for model in models {
        let own = name(model)?;
        for (key, label) in model.child("selector").into_iter().flat_map(Node::entries) {
            let text = label.as_str().filter(|text| *text != own);
            let other = models.iter().any(|other| name(other).as_deref() == text);
            if text.is_some() && other && label.place.source == index {
                let text = source.replaced(label.place, &own)?;
                return Some((text, format!("write {key}: {own} in the selector of {own}")));
            }
        }
    }
    None
}

/// The name of a Secret in the place of a token and its key.
pub fn token(source: &Source, node: &Node) -> Form {
    let name = node.as_str().filter(|name| secret_name(name))?;
    let new = format!("{{secretName: {name}, secretKey: token}}");
    let text = source.replaced(node.place, &new)?;
    Some((text, format!("write {new}, with the key of that Secret")))
}
