//! The HTTP layer's families, whose series appear as handlers are asked.

use super::template::{Labels, template};
use super::text::{header, labels, put, put_histogram};
use crate::http_stats::HttpStats;

/// Writes the HTTP layer's families; `started` is seconds since 1970.
pub(super) fn render(out: &mut String, http: &HttpStats, single_process: bool, started: f64) {
    for family in template().iter().filter(|f| f.name.starts_with("http_")) {
        let created = family.name.ends_with("_created");
        if created && !single_process {
            continue;
        }
        out.push_str(&header(&family.name, &family.help, &family.kind));
        let name = family.name.as_str();
        let number = |created_at: f64, value: f64| if created { created_at } else { value };
        match name.trim_end_matches("_created") {
            "http_requests_total" | "http_requests" => {
                for entry in &http.requests {
                    let [handler, method, status] = entry.key;
                    let labels =
                        labels(&[("handler", handler), ("method", method), ("status", status)]);
                    put(
                        out,
                        name,
                        &labels,
                        None,
                        number(entry.created, entry.value as f64),
                    );
                }
            }
            base @ ("http_request_size_bytes" | "http_response_size_bytes") => {
                let which = 1 + usize::from(base == "http_response_size_bytes");
                for entry in &http.sizes {
                    let labels = labels(&[("handler", entry.key)]);
                    if created {
                        put(out, name, &labels, None, entry.created);
                    } else {
                        let (count, sum) = (entry.value[0] as f64, entry.value[which] as f64);
                        put(out, &format!("{name}_count"), &labels, None, count);
                        put(out, &format!("{name}_sum"), &labels, None, sum);
                    }
                }
            }
            "http_request_duration_highr_seconds" if created => {
                put(out, name, &Labels::new(), None, started);
            }
            "http_request_duration_highr_seconds" => {
                put_histogram(out, name, &Labels::new(), &http.high_resolution);
            }
            _ => {
                for entry in &http.durations {
                    let [handler, method] = entry.key;
                    let labels = labels(&[("handler", handler), ("method", method)]);
                    if created {
                        put(out, name, &labels, None, entry.created);
                    } else {
                        put_histogram(out, name, &labels, &entry.value);
                    }
                }
            }
        }
    }
}
