//! Recording rules and alerts through the real promtool and Prometheus.
