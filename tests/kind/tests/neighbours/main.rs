//! Programs of other projects, real, beside the chart: `make neighbours CASE=keda`. Each case writes its rows
//! to target/neighbours; `make neighbours` makes docs/compatibility.md of them.

mod argocd;
mod flux;
mod generic;
mod keda;
mod kube_state_metrics;
mod teams;
