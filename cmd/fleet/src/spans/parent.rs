//! A caller's trace context, from its headers.

/// A caller's trace context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// 16 bytes.
    pub trace_id: Vec<u8>,
    /// 8 bytes.
    pub span_id: Vec<u8>,
    /// Whether the caller samples; vLLM sends no span where it does not.
    pub sampled: bool,
    /// `tracestate`.
    pub state: String,
}

impl Parent {
    /// Reads the header `traceparent`; anything malformed is no parent, as in the SDK.
    #[must_use]
    pub fn parse(traceparent: &str, tracestate: &str) -> Option<Self> {
        let mut parts = traceparent.trim().split('-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        let flags = u8::from_str_radix(parts.next()?, 16).ok()?;
        let (trace_id, span_id) = (unhex(trace, 16)?, unhex(span, 8)?);
        let zero = |id: &[u8]| id.iter().all(|byte| *byte == 0);
        if version.len() != 2 || version == "ff" || zero(&trace_id) || zero(&span_id) {
            return None;
        }
        Some(Self {
            trace_id,
            span_id,
            sampled: flags & 1 == 1,
            state: tracestate.to_owned(),
        })
    }
}

fn unhex(text: &str, bytes: usize) -> Option<Vec<u8>> {
    if text.len() != 2 * bytes || !text.is_ascii() {
        return None;
    }
    (0..bytes)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spans::hex;

    #[test]
    fn a_traceparent_is_read_or_is_none() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let parent = Parent::parse(good, "vendor=x").unwrap();
        assert_eq!(hex(&parent.span_id), "b7ad6b7169203331");
        assert!(parent.sampled && parent.state == "vendor=x");
        assert!(
            !Parent::parse(&good.replace("-01", "-00"), "")
                .unwrap()
                .sampled
        );
        for bad in [
            "",
            "00-0-0-01",
            &good.replace("b7ad6b7169203331", "0000000000000000"),
            "é",
        ] {
            assert_eq!(Parent::parse(bad, ""), None, "{bad}");
        }
    }
}
