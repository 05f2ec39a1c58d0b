//! Labels that are added to what leaves Prometheus.

use super::super::{Reader, Topic};
use crate::promql::expr::Matcher;
use crate::re2;

impl Reader<'_> {
    /// A matcher of an external label, which no series has where the rule is evaluated.
    pub(super) fn external(&mut self, matcher: &Matcher) -> bool {
        let Matcher {
            at,
            label,
            operator,
            value,
        } = matcher;
        let lets_through = match *operator {
            "=" => value.is_empty(),
            "=~" => re2::whole(value).is_none_or(|pattern| pattern.is_match("")),
            _ => true,
        };
        if lets_through || !self.context.external.contains(&label.as_str()) {
            return false;
        }
        let found = format!("{label}{operator}{value:?}");
        let fix = format!("remove {found} from the expression");
        self.doubt(
            Topic::Selector,
            *at,
            format!("{found}, an external label"),
            "labels that the series of this Prometheus have themselves",
            "Prometheus adds external labels to alerts and to remote write alone: no series here has it, so the alert never fires.",
            fix,
        );
        true
    }
}
