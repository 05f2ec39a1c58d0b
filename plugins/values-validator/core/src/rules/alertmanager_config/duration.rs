//! A duration has its unit, and is above 0 where Alertmanager needs it.

use super::{CRASHES, RULE, Reader};
use crate::{Node, Value, units};

impl Reader<'_> {
    pub(super) fn duration(&mut self, path: &str, node: &Node) {
        let written = match &node.value {
            Value::Text(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            _ => {
                return self.say(
                    path,
                    node.place,
                    node.described(),
                    text!("a duration such as 30s or 4h").as_str(),
                    "write 30s",
                );
            }
        };
        if written == "0" || written.is_empty() {
            return;
        }
        match units::seconds(&written) {
            Some(seconds) => {
                let needed = path.ends_with("group_interval") || path.ends_with("repeat_interval");
                if seconds == 0.0 && needed {
                    self.push(
                        RULE.at(path, &node.place)
                            .found(written)
                            .expected("a duration above 0")
                            .why(CRASHES)
                            .fix("write 5m")
                            .replace(node.place, "5m"),
                    );
                }
            }
            None => {
                let number = written.parse::<u64>().is_ok();
                let finding = RULE
                    .at(path, &node.place)
                    .found(node.described())
                    .expected(text!("a duration with its unit, such as 30s, 5m or 4h"))
                    .why(CRASHES);
                let meant = if number {
                    Some(format!("{written}s"))
                } else {
                    units::meant(&written)
                };
                self.push(if let Some(meant) = meant {
                    finding
                        .fix(format!("write {meant}"))
                        .replace(node.place, meant)
                } else {
                    finding.fix("write 30s, 5m or 4h")
                });
            }
        }
    }
}
