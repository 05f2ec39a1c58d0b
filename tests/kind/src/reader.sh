# Sourced by bash before each block of a page that kind_tests::reader runs: what the commands of a page mean on
# the cluster of the tests. Read from the environment: HELM, OVER (a values file that is put over the page's),
# KUBECTL, TREE (the checkout), STATE (variables and folder after the block before).
set -euo pipefail
before=" before $(compgen -v | tr '\n' ' ') "
# Variables of the page, and the folder that it is in.
save() {
  local variable
  for variable in $(compgen -v); do
    if [[ $variable == [a-z]* && $before != *" $variable "* && $variable != variable ]]; then declare -p "$variable"; fi
  done
  printf 'cd %q\n' "$PWD"
}
trap 'save >"$STATE"' EXIT
# shellcheck source=/dev/null
if [[ -f $STATE ]]; then source "$STATE"; fi

# `git clone ADDRESS`: the checkout that is tested, with uncommitted changes, in place of what is published.
git() {
  [[ $1 == clone ]] || { echo "git $*: only 'clone' is known here" >&2; return 1; }
  mkdir "$(basename "$2")" && ln -s "$TREE"/* "$(basename "$2")"
}

helm() {
  case $1 in
    install | upgrade) "$HELM" "$@" --values "$OVER" ;;
    *) "$HELM" "$@" ;;
  esac
}

# kubectl may run elsewhere, as on the node of kind: it is given local files through its input. A port-forward runs
# until somebody stops it; what it needs is looked for instead: the Service, its port, and a pod that is ready.
kubectl() {
  local argument file=/dev/null arguments=()
  for argument; do
    case $argument in
      port-forward) forwarded "$@" && return ;;
      --from-file=*=*) file=${argument##*=} && arguments+=("${argument%=*}=/dev/stdin") ;;
      *) arguments+=("$argument") ;;
    esac
  done
  $KUBECTL "${arguments[@]}" <"$file"
}

# forwarded -n NAMESPACE port-forward svc/NAME PORT
forwarded() {
  local service=${4#svc/} there deadline=$((SECONDS + 90))
  until
    there=$($KUBECTL "$1" "$2" get service "$service" -o jsonpath='{.spec.ports[*].port} ') &&
      there+=$($KUBECTL "$1" "$2" get endpointslices -l "kubernetes.io/service-name=$service" -o jsonpath='{.items[*].endpoints[*].conditions.ready}') &&
      [[ " $there " == *" $5 "*true* ]]
  do
    ((SECONDS < deadline)) || { echo "svc/$service: ports and readiness are '$there'; expected port $5 and a pod that is ready" >&2; exit 1; }
    sleep 0.5
  done
}
