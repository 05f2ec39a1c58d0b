//! The sampling policy as an Extism plugin: entry points only, every decision is the core's.
