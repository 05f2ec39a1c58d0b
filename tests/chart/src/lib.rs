//! The chart through the real helm and kubeconform.
