//! How many requests a server of vLLM can run at a time: `--max-num-seqs` for each engine.

use super::look::{Arg, Model};
use crate::Node;

/// A whole number as vLLM reads it: `4096`, `32k` for 32,000, `32K` for 32,768.
pub fn integer(text: &str) -> Option<u64> {
    let (digits, unit) = match text.char_indices().next_back()? {
        (at, 'k') => (&text[..at], 1000),
        (at, 'K') => (&text[..at], 1 << 10),
        (at, 'm') => (&text[..at], 1_000_000),
        (at, 'M') => (&text[..at], 1 << 20),
        _ => return text.parse().ok(),
    };
    match digits.parse::<u64>() {
        Ok(number) => number.checked_mul(unit),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "vLLM cuts it too"
        )]
        Err(_) => Some((crate::units::float(digits)?.max(0.0) * unit as f64) as u64),
    }
}

/// The requests that a pod runs at most, where its arguments say so, and the argument.
pub fn running<'a>(model: &'a Model<'_>) -> Option<(u64, Arg<'a>)> {
    let arg = model.arg("--max-num-seqs")?;
    let each = integer(arg.value).filter(|each| *each > 0)?;
    let key = model.deploy?.child("dataParallelSize");
    let size = ["--data-parallel-size", "-dp"]
        .iter()
        .find_map(|flag| model.arg(flag)?.value.parse().ok())
        .or_else(|| u64::try_from(key?.as_i64()?).ok());
    Some((each.checked_mul(size.unwrap_or(1).max(1))?, arg))
}

/// The most pods of a model that this chart deploys, without those of a rollout.
pub fn replicas(model: &Model<'_>) -> Option<u64> {
    let most = match model.autoscaling() {
        Some(autoscaling) => autoscaling.child("maxReplicas").and_then(Node::as_i64)?,
        None => model.node.child("replicas").map_or(Some(1), Node::as_i64)?,
    };
    u64::try_from(most).ok()
}

#[cfg(test)]
mod tests {
    use super::integer;

    #[test]
    fn a_unit_in_small_letters_is_decimal() {
        let read = ["4096", "32k", "32K", "1.5k", "1M", "auto", "", "k"].map(integer);
        let known = [
            Some(4096),
            Some(32_000),
            Some(32_768),
            Some(1500),
            Some(1 << 20),
            None,
            None,
            None,
        ];
        assert_eq!(read, known);
    }
}
