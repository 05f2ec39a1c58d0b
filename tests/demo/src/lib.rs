//! The main job without a cluster: real collector, real Prometheus, captured scrapes and spans.
