//! Numbers as the Python client of Prometheus writes them.

/// `1.0`, `0.3`, `1.7954885308407001e+09`, `6.08e-05`: Python's shortest form, with Go's exponent from a
/// million on.
#[must_use]
pub fn python(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if value.is_nan() {
        return "NaN".to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = match exponent.strip_prefix('-') {
            Some(digits) => ('-', digits),
            None => ('+', exponent),
        };
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    let text = format!("{value:?}");
    let Some(dot) = text.find('.').filter(|dot| value > 0.0 && *dot > 6) else {
        return text;
    };
    let digits = format!("{}.{}{}", &text[..1], &text[1..dot], &text[dot + 1..]);
    let mantissa = digits.trim_end_matches(['0', '.']);
    format!("{mantissa}e+{:0>2}", dot - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_captured_bodies_is_written_as_it_was() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/vllm/");
        let mut seen = 0;
        for body in [
            "0.32.0/metrics-loaded-4.txt",
            "0.33.0/optional/metrics-busy.txt",
        ] {
            let text = std::fs::read_to_string(format!("{folder}{body}")).unwrap();
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let number = line.rsplit(' ').next().unwrap();
                assert_eq!(python(number.parse().unwrap()), number, "{line}");
                seen += 1;
            }
        }
        assert!(seen > 800, "{seen}");
    }

    #[test]
    fn the_edges_are_pythons() {
        for (value, text) in [
            (0.0, "0.0"),
            (f64::INFINITY, "+Inf"),
            (1e6, "1e+06"),
            (999_999.5, "999999.5"),
            (0.000_06, "6e-05"),
            (0.000_1, "0.0001"),
            (1e16, "1e+16"),
        ] {
            assert_eq!(python(value), text);
        }
    }
}
