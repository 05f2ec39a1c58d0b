//! What breaks under load, and what it costs: `make faults`. Each case writes its row to target/faults;
//! `make faults` makes docs/faults.md of them. Beyond what the suite needs it has a shell on the node (`NODE`).

mod detection;
mod kills;
mod moves;
mod network;
mod store;
mod watchers;
