//! What Alertmanager's configuration may have been meant to say.

use super::{Guess, targets};
use crate::rules::days;

impl Guess<'_> {
    /// `mon-fri`, as an item or in the place of the list.
    pub(super) fn weekdays(&self, text: &str) -> Option<(String, String)> {
        let list = days(text).or_else(|| {
            let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
            let all: Option<Vec<String>> = parts.map(|day| days(&format!("{day}-{day}"))).collect();
            Some(all?.join(", "))
        })?;
        let item = self.finding.path.ends_with(']');
        let list = if item { list } else { format!("[{list}]") };
        // In a block an item of its own each.
        let number = self.node.place.line as usize - 1;
        let line = self.source.text.lines().nth(number)?;
        let before = line.get(..self.node.place.column as usize - 1)?;
        let written = if item && before.trim_start() == "- " {
            list.replace(", ", &format!("\n{before}"))
        } else {
            list.clone()
        };
        let new = self.source.replaced(self.node.place, &written)?;
        Some((new, format!("write {list}")))
    }

    /// `8pm`, `20h`, `20.30` as a time of day.
    pub(super) fn clock(&self, text: &str) -> Option<(String, String)> {
        if !self.finding.path.ends_with("_time") {
            return None;
        }
        let text = text.trim().to_ascii_lowercase().replace(['.', 'h'], ":");
        let (bare, late) = match text.strip_suffix("pm") {
            Some(bare) => (bare, 12),
            None => (text.strip_suffix("am").unwrap_or(&text), 0),
        };
        let (hours, minutes) = bare.trim().split_once(':').unwrap_or((bare.trim(), ""));
        let (hours, minutes): (u32, u32) =
            (hours.parse().ok()?, format!("0{minutes}").parse().ok()?);
        self.put(&format!(
            "\"{:02}:{minutes:02}\"",
            hours % 12 + late + if late == 0 { hours / 12 * 12 } else { 0 }
        ))
    }

    /// A channel that a comment begins with.
    pub(super) fn channel(&self) -> Option<(String, String)> {
        if !self.finding.found.starts_with("channel without") {
            return None;
        }
        let number = self.finding.place?.line as usize - 1;
        let line = self.source.text.lines().nth(number)?;
        let (before, name) = line.split_once("channel: #")?;
        let meant = format!("channel: '#{}'", name.trim_end());
        let new = self
            .source
            .text
            .replacen(line, &format!("{before}{meant}"), 1);
        Some((new, format!("write {meant}")))
    }

    /// The second of two receivers of one name, where a route names one that is not there.
    pub(super) fn renamed(&self) -> Option<(String, String)> {
        if !self.finding.found.ends_with(", twice") {
            return None;
        }
        let missing = self.report.findings.iter().find_map(|f| {
            let rest = f
                .found
                .strip_prefix('"')
                .filter(|_| f.code == "receiver-undefined")?;
            Some(rest.split_once('"')?.0.to_owned())
        })?;
        let new = self.source.replaced(self.node.place, &missing)?;
        Some((
            new,
            format!("rename this one to {missing}, which a route names"),
        ))
    }

    /// Matchers below the old key `match`.
    pub(super) fn matchers(&self) -> Option<(String, String)> {
        let old = self.finding.path.ends_with(".match") && !self.node.items().is_empty();
        let new = self
            .source
            .replaced(self.node.key?, "matchers")
            .filter(|_| old)?;
        Some((new, "write matchers".to_owned()))
    }

    /// The source of a rule of which both sides are the same severity.
    pub(super) fn inhibit(&self) -> Option<(String, String)> {
        if !self.finding.path.ends_with("].source_matchers") {
            return None;
        }
        if self.finding.fix.text.starts_with("swap ") {
            let other = self.finding.path.replace("].source_", "].target_");
            let target = targets::walked(self.root, &targets::parts(&other))?;
            let (mut first, mut last) = (self.node.place, target.place);
            if (first.line, first.column) > (last.line, last.column) {
                std::mem::swap(&mut first, &mut last);
            }
            let mut new = self.source.clone();
            new.text = new.replaced(last, self.source.at(first)?)?;
            return Some((
                new.replaced(first, self.source.at(last)?)?,
                self.finding.fix.text.clone(),
            ));
        }
        let [only] = self.node.items() else {
            return None;
        };
        let text = self.source.at(only.place)?;
        let new = text
            .replace("warning", "critical")
            .replace("info", "critical");
        let put = self.source.replaced(only.place, &new)?;
        Some((
            put,
            format!("write {} in source_matchers", new.trim_matches('\'')),
        ))
    }
}
