//! What a scalar is.

use super::super::refusal;
use super::super::scalar::{number, resolve};
use super::super::tree::Raw;
use super::{Decoder, EXACT, Result};
use crate::codes::DIGITS_LOST;
use crate::node::{Value, quoted};
use vllm_catalog::number::exact;

impl Decoder<'_> {
    pub(super) fn scalar(
        &mut self,
        raw: &Raw,
        text: &str,
        plain: bool,
        path: &str,
    ) -> Result<Value> {
        match self.meaning(raw, text, plain)? {
            Value::Int(int) if int.unsigned_abs() > EXACT => {
                let kept = int as f64;
                if kept as i128 != i128::from(int) {
                    self.digits_lost(raw, text, kept, path);
                }
                Ok(number(kept))
            }
            Value::Float(double) if !double.is_finite() => Err(refusal(
                raw.place,
                quoted(text),
                text!("a number that JSON can hold").as_str(),
                text!("put quotes around it if it is meant as a text").as_str(),
            )),
            Value::Float(double) => {
                if double.fract() == 0.0
                    && !text.contains(['.', 'e', 'E'])
                    && exact(double) != text.replace('_', "")
                {
                    self.digits_lost(raw, text, double, path);
                }
                Ok(number(double))
            }
            value => Ok(value),
        }
    }

    fn digits_lost(&mut self, raw: &Raw, text: &str, kept: f64, path: &str) {
        self.findings.push(
            DIGITS_LOST
                .at(path, &raw.place)
                .found(text)
                .expected(format!("helm keeps {}", exact(kept)))
                .why(text!(
                    "helm reads numbers as doubles, which hold 15 to 17 digits."
                ))
                .fix(text!(
                    "put quotes around it if it is a name or an identifier"
                )),
        );
    }

    /// What a scalar is, with its tag.
    pub(super) fn meaning(&self, raw: &Raw, text: &str, plain: bool) -> Result<Value> {
        const PREFIX: &str = "tag:yaml.org,2002:";
        let Some(tag) = raw.tag.as_deref() else {
            return Ok(if plain {
                resolve(text)
            } else {
                Value::Text(text.to_owned())
            });
        };
        let cannot = |wanted: &str| {
            refusal(
                raw.place,
                format!("{} with the tag !!{wanted}", quoted(text)),
                format!("what the tag !!{wanted} says"),
                "remove the tag",
            )
        };
        let value = resolve(text);
        match tag.strip_prefix(PREFIX) {
            Some("null") if value == Value::Null => Ok(value),
            Some("bool") if matches!(value, Value::Bool(_)) => Ok(value),
            Some("int") if integral(&value, text) => Ok(value),
            Some("float") if matches!(value, Value::Int(_) | Value::Float(_)) => Ok(value),
            Some(wanted @ ("null" | "bool" | "int" | "float")) => Err(cannot(wanted)),
            Some("timestamp") if !is_date(text) => Err(cannot("timestamp")),
            Some("binary") => match base64(text) {
                Some(bytes) => Ok(Value::Text(String::from_utf8_lossy(&bytes).into_owned())),
                None => Err(cannot("binary")),
            },
            _ => Ok(Value::Text(text.to_owned())),
        }
    }
}

fn integral(value: &Value, text: &str) -> bool {
    match value {
        Value::Int(_) => !text.contains(['.', 'e', 'E']) || text.starts_with("0x"),
        _ => false,
    }
}

/// `2001-12-14`, with or without a time.
fn is_date(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let parts: Vec<u32> = date.split('-').map_while(|p| p.parse().ok()).collect();
    let date = matches!(parts[..], [_, 1..=12, 1..=31]) && date.find('-') == Some(4);
    date && time.is_none_or(|time| time.split(':').count() >= 3)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let clean: Vec<u8> = text
        .bytes()
        .filter(|b| !matches!(b, b'\n' | b'\r'))
        .collect();
    let (quads, []) = clean.as_chunks::<4>() else {
        return None;
    };
    for (i, quad) in quads.iter().enumerate() {
        let padding = quad.iter().rev().take_while(|b| **b == b'=').count();
        if padding > 2 || (padding > 0 && i + 1 < quads.len()) {
            return None;
        }
        let mut bits = 0u32;
        for byte in &quad[..4 - padding] {
            let six = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        bits <<= 6 * padding;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
    }
    Some(bytes)
}
