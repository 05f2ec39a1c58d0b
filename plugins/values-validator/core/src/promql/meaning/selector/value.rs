//! Values of labels that are known in full: of the catalog, of `models`, and classes of HTTP answers.

use super::super::{NEVER, Reader, Topic, unsure};
use crate::promql::expr::Matcher;
use crate::re2;

impl Reader<'_> {
    /// Whether none of the texts that a label has is asked for, which is said then.
    #[cfg_attr(not(feature = "full"), inline(always))]
    pub(super) fn one_of(&mut self, matcher: &Matcher, texts: &[&str], why: &'static str) -> bool {
        let Matcher {
            at,
            label,
            operator,
            value,
        } = matcher;
        let fits = match *operator {
            "=" | "!=" => value.is_empty() || texts.contains(&value.as_str()),
            _ => re2::whole(value)
                .is_none_or(|p| texts.iter().any(|t| p.is_match(t)) || p.is_match("")),
        };
        if fits || crate::FULL && texts.is_empty() {
            return false;
        }
        // Another window is another number, and no misspelt one.
        let near = crate::shape::nearest(value, texts.iter().copied())
            .filter(|_| !crate::FULL || !value.starts_with(|c: char| c.is_ascii_digit()));
        let fix = near.map_or_else(
            || format!("write one of them: {}", texts.join(", ")),
            |near| format!("did you mean {label}{operator}{near:?}?"),
        );
        let found = format!("{label}{operator}{value:?}");
        let doubt = self.doubt(
            Topic::Selector,
            *at,
            found.clone(),
            match near {
                Some(near) if crate::FULL && texts.len() > 20 => {
                    format!("a name such as {near}")
                }
                _ => format!("one of {}", texts.join(", ")),
            },
            why,
            fix,
        );
        if let (Some(doubt), Some(near)) = (doubt, near) {
            doubt.edit = Some((*at, found, format!("{label}{operator}{near:?}")));
        }
        true
    }

    /// The label model names an entry of `models`; the name that vLLM serves is in model_name.
    pub(super) fn entry(&mut self, matcher: &Matcher) {
        let Matcher {
            at,
            operator,
            value,
            ..
        } = matcher;
        let entries = self.context.entries;
        let fits = match *operator {
            "=" => value.is_empty() || entries.contains(&value.as_str()),
            "=~" => re2::whole(value)
                .is_none_or(|p| p.is_match("") || entries.iter().any(|e| p.is_match(e))),
            _ => true,
        };
        if fits {
            return;
        }
        let all = entries.join(", ");
        let near = crate::shape::nearest(value, entries.iter().copied());
        let fix = match near {
            Some(near) => format!("did you mean model{operator}{near:?}?"),
            None => format!("write model_name{operator}{value:?} for the name that vLLM serves"),
        };
        let doubt = self.doubt(
            Topic::Selector,
            *at,
            format!("model{operator}{value:?}"),
            format!("the name of an entry of models: {all}"),
            NEVER.as_str(),
            fix,
        );
        unsure(doubt);
    }

    /// vLLM counts HTTP requests by class: 2xx, 4xx.
    pub(super) fn status(&mut self, matcher: &Matcher, why: &'static str) {
        const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
        let Matcher {
            at,
            operator,
            value,
            ..
        } = matcher;
        let fits = match *operator {
            "=" | "!=" => value.is_empty() || CLASSES.contains(&value.as_str()),
            _ => re2::whole(value)
                .is_none_or(|p| p.is_match("") || CLASSES.iter().any(|c| p.is_match(c))),
        };
        if fits {
            return;
        }
        let found = format!("status{operator}{value:?}");
        let meant = match value.chars().next() {
            Some(class @ '1'..='5') => {
                let operator = operator.replace('~', "");
                format!("status{operator}\"{class}xx\"")
            }
            _ => "status=\"5xx\"".to_owned(),
        };
        let doubt = self.doubt(
            Topic::Selector,
            *at,
            found.clone(),
            text!("a class, as vLLM writes it: 2xx, 3xx, 4xx or 5xx").as_str(),
            why,
            format!("write {meant}"),
        );
        if let Some(doubt) = doubt {
            doubt.edit = Some((*at, found, meant));
            doubt.sure = false;
        }
    }
}
