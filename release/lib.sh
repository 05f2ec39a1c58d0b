# What the scripts of this folder share; to be sourced. PLAIN_HTTP=1: a registry on loopback without TLS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
root=$PWD
version=$(tools/version)
out=$root/target/publish
http=() helm_http=()
if [[ ${PLAIN_HTTP:-} == 1 ]]; then
  http=(--plain-http)
  helm_http=(--plain-http)
fi
export out root

say() { printf '%s\n' "release: $*" >&2; }
die() { say "$*"; exit 1; }

# What is released: kind, name in the registry, and how it is called by cosign.
images=(otelcol-vllm install-check)
artifacts=("${images[@]}" charts/vllm-monitoring plugins/vllm-values)

# cosign COMMAND …: its messages are shown only where it fails; it warns of a network that a key does not need.
cosign() {
  local tool command=$1
  tool=$(tools/get cosign)
  shift
  local flags=()
  if [[ ${PLAIN_HTTP:-} == 1 ]]; then flags+=(--allow-http-registry --allow-insecure-registry); fi
  COSIGN_PASSWORD='' "$tool" "$command" "${flags[@]}" "$@" >"$out/cosign.log" 2>&1 || { tail -n 5 "$out/cosign.log" >&2; return 1; }
}

# digest REF: sha256:… of what the registry has under a tag.
digest() {
  local flags=()
  if [[ ${PLAIN_HTTP:-} == 1 ]]; then flags=(--insecure); fi
  "$(tools/get crane)" digest "${flags[@]}" "$1"
}
