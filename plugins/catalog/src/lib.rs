//! What vLLM exports, by version: metric families, labels, buckets, spans and their attributes.
