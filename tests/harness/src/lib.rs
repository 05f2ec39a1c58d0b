//! What the end-to-end tests and the demo share: tools, processes, ports, OTLP files, rendered manifests.
