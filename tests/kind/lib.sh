# Sourced by the scripts of this folder: names, places and the one way to speak.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
kind_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$kind_dir/../.." && pwd)
cluster=vllm-monitoring
state=$root/target/kind # of this checkout: kubeconfig, images, sysctls
cache=${VLLM_MONITORING_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vllm-monitoring}/kind # of this machine
kubeconfig=$state/kubeconfig
mkdir -p "$state" "$cache"

say() { printf '%s\n' "kind: $*" >&2; }
die() { say "$*"; exit 1; }

# The version of a tool, from the one place that pins it.
pinned() { awk -v tool="$1" '$1 == tool { sub(/^v/, "", $2); print $2 }' "$root/tools/tools.lock"; }

# Installs what is missing from Debian's packages, for root only: COMMAND=PACKAGE ...
debian() {
  local pair missing=()
  for pair; do command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}"); done
  ((${#missing[@]})) || return 0
  { [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; } || die "missing: ${missing[*]}. Install them (Debian's names), or name a cluster: make kind-test KUBECONFIG=FILE"
  say "installing ${missing[*]}"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >"$cache/apt.log" 2>&1 || { tail -n 5 "$cache/apt.log" >&2; die "apt-get failed, see above"; }
}

# until_true SECONDS WHAT COMMAND ...: waits for a condition, and says which one never came.
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || die "waited in vain for $what"
    sleep 0.2
  done
}
