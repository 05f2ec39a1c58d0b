//! Units, thresholds and letters as Grafana has them, for panels and tables.

use serde_json::{Value, json};

use crate::limits;
use crate::model::{Bounds, Unit};

/// Amber and red, in shades that are read on both themes.
const AMBER: &str = "dark-orange";
const RED: &str = "red";

/// Grafana's name of a unit.
pub(super) fn unit(unit: Unit) -> &'static str {
    match unit {
        // 9,555 and not 10 K.
        Unit::Count => "locale",
        Unit::YesNo => "bool_yes_no",
        Unit::Seconds | Unit::Brief => "s",
        Unit::RequestsPerSecond => "reqps",
        Unit::TokensPerSecond => "si:tok/s",
        Unit::Tokens => "si:tok",
        Unit::SpansPerSecond => "si:spans/s",
        Unit::PerSecond => "ops",
        Unit::Ratio | Unit::SmallRatio => "percentunit",
        Unit::Times => "suffix:×",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "Bps",
        Unit::Celsius => "celsius",
    }
}

/// Thresholds, over the colour of what is well.
pub(super) fn steps(bounds: Bounds, well: &str) -> Value {
    let steps = match bounds {
        Bounds::Limit(limit) => {
            let (amber, red) = limits::defaults(limit);
            let name = limits::name(limit);
            if limits::is_floor(limit) {
                let steps = json!([
                    {"color": RED, "value": null},
                    {"color": AMBER, "of": format!("{name} red"), "value": red},
                    {"color": well, "of": format!("{name} amber"), "value": amber},
                ]);
                return json!({"mode": "absolute", "steps": steps});
            }
            json!([
                {"color": well, "value": null},
                {"color": AMBER, "of": format!("{name} amber"), "value": amber},
                {"color": RED, "of": format!("{name} red"), "value": red},
            ])
        }
        Bounds::From(amber, red) => {
            json!([{"color": well, "value": null}, {"color": AMBER, "value": amber}, {"color": RED, "value": red}])
        }
        Bounds::Below(amber, red) => {
            json!([{"color": RED, "value": null}, {"color": AMBER, "value": red}, {"color": well, "value": amber}])
        }
    };
    json!({"mode": "absolute", "steps": steps})
}

/// `A`, `B`, …
pub(super) fn letter(number: usize) -> String {
    char::from(b'A' + u8::try_from(number).unwrap_or(25)).to_string()
}
