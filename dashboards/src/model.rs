//! What a dashboard is, before it is anybody's JSON.

/// A dashboard.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// Its file's name, and the end of its uid.
    pub slug: &'static str,
    /// Its title, without the product's name.
    pub title: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// The time that is shown at first, back from now: `3h`.
    pub shows: &'static str,
    /// Seconds between two points at least, where raw series are read.
    pub step: Option<u32>,
    /// What is chosen at its top.
    pub variables: Vec<Variable>,
    /// Rows, from above.
    pub rows: Vec<Row>,
}

/// A choice at the top of a dashboard, out of the values of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// `$name` in queries.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// The label.
    pub of: &'static str,
    /// The series that have it, narrowed by the choices before.
    pub series: &'static str,
    /// Exactly one, or any number of them.
    pub one: bool,
    /// Whether its drop-down is hidden; links carry its value all the same.
    pub hidden: bool,
}

impl Dashboard {
    /// Every panel of every row.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.rows.iter().flat_map(|row| &row.panels)
    }

    /// The trace store whose data source is chosen at the top.
    #[must_use]
    pub fn trace_store(&self) -> Option<TraceStore> {
        self.panels().find_map(|panel| match panel.kind {
            Kind::Traces(store) => Some(store),
            _ => None,
        })
    }
}

/// A row of panels.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its title; none: its panels stand at the top, under no header.
    pub title: &'static str,
    /// Whether it is folded in at first: what not every server has, or not everybody needs.
    pub folded: bool,
    /// Its panels; they flow from left to right.
    pub panels: Vec<Panel>,
}

/// A panel.
#[derive(Debug, Clone)]
pub struct Panel {
    /// A question or a quantity.
    pub title: &'static str,
    /// How to read it.
    pub read: &'static str,
    /// The alerts that belong to it.
    pub alerts: &'static [&'static str],
    /// Why it can be empty.
    pub empty: &'static str,
    /// Dashboards, by slug, where one looks further.
    pub leads: &'static [&'static str],
    /// Of its values.
    pub unit: Unit,
    /// How it is drawn.
    pub kind: Kind,
    /// What it asks for.
    pub queries: Vec<Query>,
    /// Columns of 24.
    pub width: u32,
    /// Grid rows.
    pub height: u32,
}

/// How a panel is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Values of now, large: one for each query.
    Stat,
    /// Lines over time.
    Lines,
    /// Lines from -100 % to 100 %.
    Signed,
    /// Areas over time that add up to a whole.
    Stacked,
    /// Now, a row for each combination of these labels, a column for each query; sorted by the
    /// first one, from the largest.
    Table {
        /// Labels that make up a row, each with its heading.
        rows: &'static [(&'static str, &'static str)],
        /// Whether `pod` leads to that pod's dashboard.
        to_replica: bool,
    },
    /// Alerts that fire now, the most severe first; see `boards::alerts`.
    Alerts,
    /// Buckets over time. Perses draws native histograms only, so it has no twin there.
    Heatmap,
    /// Words; the queries are none.
    Text,
    /// Traces of a data source of this type, that are kept; Grafana's alone.
    Traces(TraceStore),
}

impl Kind {
    /// Whether it is asked for one moment, the end of the time that is shown.
    #[must_use]
    pub fn of_one_moment(self) -> bool {
        matches!(self, Self::Stat | Self::Table { .. } | Self::Alerts)
    }
}

/// Where kept traces can be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceStore {
    /// Grafana Tempo.
    Tempo,
    /// Jaeger.
    Jaeger,
}

impl TraceStore {
    /// Grafana's name of the data source.
    #[must_use]
    pub fn plugin(self) -> &'static str {
        match self {
            Self::Tempo => "tempo",
            Self::Jaeger => "jaeger",
        }
    }
}

/// The unit of a panel's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// 1 or 0.
    YesNo,
    /// Seconds.
    Seconds,
    /// Seconds, of which one is very many.
    Brief,
    /// Requests a second.
    RequestsPerSecond,
    /// Tokens a second.
    TokensPerSecond,
    /// Tokens.
    Tokens,
    /// Spans or traces a second.
    SpansPerSecond,
    /// Anything else a second.
    PerSecond,
    /// A part of a whole, 0 to 1; drawn from 0 to 100 %.
    Ratio,
    /// 0 to 1 where the whole range says nothing: error ratios.
    SmallRatio,
    /// So many times something.
    Times,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Degrees Celsius.
    Celsius,
}

/// A query of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// PromQL.
    pub expr: String,
    /// The name of its series, with `{{label}}`; in a table the column's heading.
    pub legend: String,
    /// How its line is drawn.
    pub style: Style,
    /// Its own unit, where it differs from its panel's: columns of a table.
    pub unit: Option<Unit>,
    /// From where on its value is amber and red, in a table or as a large value.
    pub bounds: Option<Bounds>,
    /// What Perses asks instead, which shows only numbers: the value of a text that Grafana shows.
    pub number: Option<String>,
}

/// From where on a value is amber and red.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// By a threshold of the chart's values: its alert's is red.
    Limit(Limit),
    /// Amber, and red.
    From(f64, f64),
    /// Amber below the first, red below the second.
    Below(f64, f64),
}

/// A threshold of the chart's values, by which the chart colours dashboards when it renders them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Limit {
    E2eLatency,
    TimeToFirstToken,
    InterTokenLatency,
    Waiting,
    KvCache,
    /// Restarts of a container, from the first one above the alert's threshold.
    Restarts,
    Failing,
    /// How many times too fast an error budget goes.
    Burn,
    /// The part of an objective's events that is good; less is worse.
    Good(Objective),
}

/// An objective, as `slos` in the chart's values names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Objective {
    Availability,
    TimeToFirstToken,
    InterTokenLatency,
    E2eLatency,
}

/// How a line is drawn. Lines that are told apart differ in colour and in stroke, so that nobody
/// needs to see colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A line. Where its legend has a label, its colour is that label's, whatever else is shown.
    Line(Hue, Stroke),
    /// A configured threshold.
    Limit,
}

/// Colours of lines that are not named by a label; in Perses those of Okabe and Ito.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Hue {
    Blue,
    Orange,
    Green,
    SkyBlue,
    Purple,
    Yellow,
}

impl Hue {
    /// As `#rrggbb`.
    #[must_use]
    pub fn hex(self) -> &'static str {
        match self {
            Self::Blue => "#0072B2",
            Self::Orange => "#E69F00",
            Self::Green => "#009E73",
            Self::SkyBlue => "#56B4E9",
            Self::Purple => "#CC79A7",
            Self::Yellow => "#F0E442",
        }
    }
}

/// The colour of thresholds, Okabe and Ito's vermillion; nothing else has it.
pub const LIMIT: &str = "#D55E00";

/// How a line is stroked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Stroke {
    Solid,
    Dashed,
    Dotted,
    DashDot,
}
