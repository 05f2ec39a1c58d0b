//! Which request traces are kept: settings, rules and the record border, without a host.
