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

# layer FILE NAME BINARY [CERTIFICATES]: an image's file system as one layer with /usr/local/bin/NAME. No names,
# times, owners or modes of this machine get into it, so that it is the same bytes everywhere.
layer() {
  local tree
  tree=$(mktemp -d)
  install -D -m 755 "$3" "$tree/usr/local/bin/$2"
  ln -s usr/local/bin "$tree/bin"
  if [[ -n ${4:-} ]]; then install -D -m 644 "$4" "$tree/etc/ssl/certs/ca-certificates.crt"; fi
  find "$tree" -type d -exec chmod 755 {} +
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -C "$tree" -cf - . | gzip -n -9 >"$1"
  rm -rf "$tree"
}

# push REFERENCE ENTRYPOINT LAYER…: an image of a layer for each platform, which the layer's name ends with
# (-ARCH.tar.gz). ENTRYPOINT is the program and its arguments, separated by commas.
push() {
  local reference=$1 entrypoint=$2 crane layer arch manifests=() insecure=()
  shift 2
  crane=$(tools/get crane)
  if [[ ${PLAIN_HTTP:-} == 1 ]]; then insecure=(--insecure); fi
  for layer; do
    arch=$(basename "$layer" .tar.gz)
    arch=${arch##*-}
    "$crane" append "${insecure[@]}" --oci-empty-base --platform "linux/$arch" --new_layer "$layer" --new_tag "$reference-$arch" >/dev/null
    "$crane" mutate "${insecure[@]}" --platform "linux/$arch" --set-platform "linux/$arch" --entrypoint "$entrypoint" --user 2000:2000 \
      --label "org.opencontainers.image.title=$(basename "${reference%:*}")" --label org.opencontainers.image.licenses=Apache-2.0 \
      --label "org.opencontainers.image.version=$version" \
      --label org.opencontainers.image.source=https://github.com/vllm-monitoring/vllm-monitoring \
      --tag "$reference-$arch" "$reference-$arch" >/dev/null
    manifests+=(--manifest "$reference-$arch")
  done
  "$crane" index append "${insecure[@]}" "${manifests[@]}" --tag "$reference" >/dev/null
}

# push_images REGISTRY FOLDER: this project's images, of the layers in the folder.
push_images() {
  local name
  for name in "${images[@]}"; do push "$1/$name:$version" "/usr/local/bin/$name" "$2/$name"-*.tar.gz; done
}

# serve FOLDER STORAGE ADDRESS [readonly]: starts a registry on a free port of the address. Its process is in
# served_pid, and ADDRESS:PORT in served.
serve() {
  local folder=$1 address=$3 readonly=false serve log port=
  [[ ${4:-} != readonly ]] || readonly=true
  serve=$(tools/get registry)
  log=$folder/registry.log
  # A free port: the kernel gives it, the registry says it.
  cat >"$folder/registry.yaml" <<YAML
version: 0.1
log: {level: info, formatter: json}
storage: {filesystem: {rootdirectory: $2}, maintenance: {readonly: {enabled: $readonly}}}
http: {addr: "$address:0"}
YAML
  : >"$log"
  OTEL_TRACES_EXPORTER=none "$serve" serve "$folder/registry.yaml" >"$log" 2>&1 &
  served_pid=$!
  for _ in $(seq 100); do
    port=$(sed -n "s/.*listening on $address:\([0-9]*\).*/\1/p" "$log" | head -n 1)
    if [[ -n $port ]]; then break; fi
    kill -0 "$served_pid" 2>/dev/null || { cat "$log" >&2; die "the registry ended"; }
    sleep 0.1
  done
  [[ -n $port ]] || { cat "$log" >&2; die "the registry does not listen"; }
  served=$address:$port
}
