//! Short words for the definition.

use crate::model::{Bounds, Hue, Kind, Panel, Query, Row, Stroke, Style, Unit, Variable};
use crate::select::{of, with};

/// A line.
#[must_use]
pub fn line(legend: &str, expr: impl Into<String>, hue: Hue, stroke: Stroke) -> Query {
    Query {
        expr: expr.into(),
        legend: legend.to_owned(),
        style: Style::Line(hue, stroke),
        unit: None,
        bounds: None,
        number: None,
    }
}

/// A solid line of the first colour.
#[must_use]
pub fn plain(legend: &str, expr: impl Into<String>) -> Query {
    line(legend, expr, Hue::Blue, Stroke::Solid)
}

/// A column of a table.
#[must_use]
pub fn column(heading: &str, unit: Unit, expr: impl Into<String>) -> Query {
    Query {
        unit: Some(unit),
        ..plain(heading, expr)
    }
}

/// The line of a configured threshold, by the name of its recorded series.
#[must_use]
pub fn limit(series: &str) -> Query {
    limit_of("threshold", format!("max({})", of(series)))
}

/// The same, only where there is something to hold against it: a line alone would be no word about why
/// nothing else is there.
#[must_use]
pub fn limit_where(series: &str, data: &str) -> Query {
    limit_of("threshold", format!("max({}) and on () {data}", of(series)))
}

/// The same of an expression.
#[must_use]
pub fn limit_of(legend: &str, expr: impl Into<String>) -> Query {
    Query {
        expr: expr.into(),
        legend: legend.to_owned(),
        style: Style::Limit,
        unit: None,
        bounds: None,
        number: None,
    }
}

/// Median, 95th and 99th percentile of a recorded latency of models.
#[must_use]
pub fn percentiles(metric: &str) -> Vec<Query> {
    let quantile = |q: &str| of(&format!("model:{metric}:{q}"));
    vec![
        line(
            "{{model_name}} p99",
            quantile("p99"),
            Hue::Blue,
            Stroke::Solid,
        ),
        line(
            "{{model_name}} p95",
            quantile("p95"),
            Hue::Orange,
            Stroke::Dashed,
        ),
        line(
            "{{model_name}} p50",
            quantile("p50"),
            Hue::Green,
            Stroke::Dotted,
        ),
    ]
}

/// Minimum, median, 95th percentile and maximum across the pods of a model.
#[must_use]
pub fn band(metric: &str) -> Vec<Query> {
    let across = |of_pods: &str| of(&format!("model:{metric}:{of_pods}"));
    vec![
        line(
            "{{model_name}} highest pod",
            across("max"),
            Hue::Blue,
            Stroke::Solid,
        ),
        line(
            "{{model_name}} p95 of pods",
            across("p95"),
            Hue::Orange,
            Stroke::Dashed,
        ),
        line(
            "{{model_name}} median pod",
            across("p50"),
            Hue::Green,
            Stroke::Dashed,
        ),
        line(
            "{{model_name}} lowest pod",
            across("min"),
            Hue::SkyBlue,
            Stroke::Dotted,
        ),
    ]
}

/// The threshold of a latency in this panel: the alert's.
#[must_use]
pub fn objective(slo: &str) -> Query {
    limit_of(
        "objective's limit",
        format!(
            "max({})",
            with("release:vllm_slo:limit_seconds", &format!("slo=\"{slo}\""))
        ),
    )
}

impl Query {
    /// From where on it is amber and red.
    #[must_use]
    pub fn bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = Some(bounds);
        self
    }

    /// What Perses asks instead.
    #[must_use]
    pub fn number(mut self, expr: impl Into<String>) -> Self {
        self.number = Some(expr.into());
        self
    }
}

/// A panel of lines, half as wide as the dashboard.
#[must_use]
pub fn lines(title: &'static str, unit: Unit, queries: Vec<Query>) -> Panel {
    Panel {
        title,
        read: "",
        alerts: &[],
        empty: "",
        leads: &[],
        unit,
        kind: Kind::Lines,
        queries,
        width: 12,
        height: 8,
    }
}

/// One value, large.
#[must_use]
pub fn stat(title: &'static str, unit: Unit, query: Query) -> Panel {
    Panel {
        kind: Kind::Stat,
        width: 4,
        height: 4,
        ..lines(title, unit, vec![query])
    }
}

impl Panel {
    /// How to read it, and why it can be empty.
    #[must_use]
    pub fn read(mut self, read: &'static str, empty: &'static str) -> Self {
        self.read = read;
        self.empty = empty;
        self
    }

    /// The alerts that belong to it.
    #[must_use]
    pub fn alerts(mut self, alerts: &'static [&'static str]) -> Self {
        self.alerts = alerts;
        self
    }

    /// Dashboards where one looks further.
    #[must_use]
    pub fn leads(mut self, slugs: &'static [&'static str]) -> Self {
        self.leads = slugs;
        self
    }

    /// Another size.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.width = width;
        self.height = height;
        self
    }

    /// Another way of drawing.
    #[must_use]
    pub fn drawn(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// One more query.
    #[must_use]
    pub fn and(mut self, query: Query) -> Self {
        self.queries.push(query);
        self
    }
}

/// An open row.
#[must_use]
pub fn row(title: &'static str, panels: Vec<Panel>) -> Row {
    Row {
        title,
        folded: false,
        panels,
    }
}

/// A row that is folded in.
#[must_use]
pub fn folded(title: &'static str, panels: Vec<Panel>) -> Row {
    Row {
        folded: true,
        ..row(title, panels)
    }
}

const fn any(
    name: &'static str,
    label: &'static str,
    of: &'static str,
    series: &'static str,
) -> Variable {
    Variable {
        name,
        label,
        of,
        series,
        one: false,
        hidden: false,
    }
}

/// Which release's series: two of them may watch the same pods.
pub const RELEASE: Variable = any(
    "release",
    "Release",
    "vllm_monitoring",
    r#"entry:vllm_replicas:up{cluster=~"$cluster"}"#,
);
/// Which cluster, where several are federated. Hidden, for in one cluster it would be empty: the chart shows
/// it with `dashboards.multiCluster`.
pub const CLUSTER: Variable = Variable {
    hidden: true,
    ..any("cluster", "Cluster", "cluster", "entry:vllm_replicas:up")
};
/// Which namespace the pods are in.
pub const NAMESPACE: Variable = any(
    "namespace",
    "Namespace",
    "namespace",
    r#"model:vllm_request_success:rate{vllm_monitoring=~"$release", cluster=~"$cluster"}"#,
);
/// Which served model.
pub const MODEL: Variable = any(
    "model",
    "Model",
    "model_name",
    r#"model:vllm_request_success:rate{vllm_monitoring=~"$release", cluster=~"$cluster", namespace=~"$namespace"}"#,
);
/// Which pod: one.
pub const POD: Variable = Variable {
    one: true,
    ..any(
        "pod",
        "Pod",
        "pod",
        r#"pod:vllm_model:info{vllm_monitoring=~"$release", cluster=~"$cluster", namespace=~"$namespace", model_name=~"$model"}"#,
    )
};
