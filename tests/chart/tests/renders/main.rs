//! What the chart renders, by subject.

mod collector;
mod dashboards;
mod objects;
mod policy;
mod scrape;
mod test_pod;
