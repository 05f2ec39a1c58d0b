//! The values validator held against the real helm, hostile YAML and random bytes.
