//! Durations and quantities, as Prometheus and Kubernetes write them.

mod duration;
mod float;

pub use duration::{duration, meant, seconds, whole};
pub use float::float;

/// A Kubernetes quantity in its base unit: `2Gi` in bytes, `200m` in cores. Signs and exponents
/// (`1e3`) too, as the API server reads it.
#[must_use]
pub fn quantity(text: &str) -> Option<f64> {
    const SUFFIXES: [(&str, f64); 15] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("Ei", 1_152_921_504_606_846_976.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("E", 1e18),
    ];
    let (number, factor) = SUFFIXES
        .iter()
        .find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)))
        .unwrap_or((text, 1.0));
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-');
    let exponent = factor.to_bits() == 1f64.to_bits();
    let known = |c: char| plain(c) || (exponent && matches!(c, 'e' | 'E'));
    if !number.starts_with(plain) || !number.chars().all(known) {
        return None;
    }
    float(number).filter(|n| n.is_finite()).map(|n| n * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_numbers_and_anything_else_is_none() {
        for (text, expected) in [
            ("2Gi", Some(2_147_483_648.0)),
            ("200m", Some(0.2)),
            ("1", Some(1.0)),
            ("0.5", Some(0.5)),
            ("1e3", Some(1000.0)),
            ("3E", Some(3e18)),
            ("10GB", None),
            ("10 Gi", None),
            ("", None),
            ("Gi", None),
            ("1gi", None),
            ("NaN", None),
            ("infinity", None),
        ] {
            assert_eq!(quantity(text), expected, "{text}");
        }
    }
}
