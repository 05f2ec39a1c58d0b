//! A quantile that is read as from a summary: `name{quantile="0.5"}`. vLLM has histograms, which know none.

/// The selector at the beginning of a text, and the quantile of the histogram's buckets.
pub(super) fn quantile<'a>(text: &'a str, name: &str) -> Option<(&'a str, String)> {
    let inner = text.strip_prefix(name)?.strip_prefix('{')?;
    let inner = &inner[..inner.find('}')?];
    let old = &text[..name.len() + inner.len() + 2];
    let (mut of, mut rest) = (None, Vec::new());
    for matcher in inner.split(',') {
        let matcher = matcher.trim();
        match matcher.strip_prefix("quantile=") {
            Some(value) => of = Some(value.trim_matches(['"', '\'', '~'])),
            None if matcher.is_empty() => {}
            None => rest.push(matcher),
        }
    }
    let of = of.filter(|of| of.parse::<f64>().is_ok_and(|of| (0.0..=1.0).contains(&of)))?;
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", rest.join(", "))
    };
    // A range behind it is of the quantile itself.
    let ranged = text[old.len()..].trim_start().starts_with('[');
    let new = format!(
        "histogram_quantile({of}, sum by (model_name, le) (rate({name}_bucket{rest}[5m])))"
    );
    (!ranged).then_some((old, new))
}
