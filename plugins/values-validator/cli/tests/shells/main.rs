//! The shells of the values validator as users run them: the command, the plugins in real Helms, the
//! module in Node. Needs `plugins/values-validator/build helm web`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests

mod command;
mod corpus;
mod helm;
mod legacy;
mod pre_commit;
mod signed;
mod sizes;
mod support;
