# The checks of `helm test` that need no image of this project: sh, timeout, wget, nslookup, sed and awk of the
# Prometheus image. Runs under BusyBox' sh and dash; docs/helm-test.md has its lines.
#
# In the environment (chart/templates/tests/_fallback.tpl):
#   RELEASE         namespace/name
#   TIMEOUT         seconds for all checks
#   PROMETHEUS      its address, or nothing where none is known
#   TARGETS         a line for each check of targets: the encoded query, a space, the entry's name
#   FOREIGN         what is queried where others scrape, or nothing
#   PROBE           the encoded query of what the probe saw last, or nothing
#   RULE_GROUPS     a name a line; RULE_FILTER the same as parameters of /api/v1/rules
#   COLLECTORS      the name that resolves to each collector, or nothing; REPLICAS, METRICS_PORT
#   ALERTMANAGER, GRAFANA, JAEGER   their addresses, or nothing
#   IMAGE_CHECKS, IMAGE   a check that needs the image of this project, and how to build that

failed=0
passed=0
deadline=$(($(date +%s) + TIMEOUT))

# tell OUTCOME CHECK TEXT
tell() {
  echo "$1: $2: $3"
  case $1 in FAIL) failed=1 ;; pass) passed=1 ;; esac
}

# await CHECK COMMAND [ARGUMENT]…: until the command succeeds, which sets `said`, or no time is left.
await() {
  check=$1
  shift
  until "$@"; do
    if [ "$(date +%s)" -ge "$deadline" ]; then
      tell FAIL "$check" "$said"
      return 1
    fi
    sleep 1
  done
  tell pass "$check" "$said"
}

# fetch URL: the answer is in `body`.
fetch() {
  body=$(timeout 5 wget -q -O - "$1" 2>/dev/null) && return
  said="$1 does not answer; $2"
  return 1
}

# query ENCODED: the first sample's value is in `value`, which is empty where there is none.
query() {
  fetch "$PROMETHEUS/api/v1/query?query=$1" "check metrics.operator.prometheusURL" || return 1
  value=$(printf '%s' "$body" | sed -n 's/.*"value":\[[^,]*,"\([^"]*\)"\].*/\1/p')
}

answers() {
  fetch "$PROMETHEUS/api/v1/query?query=vector%281%29" "is the pod up, does a NetworkPolicy let this one in, and is metrics.operator.prometheusURL right?" || return 1
  said="$PROMETHEUS answers"
}

# up ENCODED ENTRY
up() {
  query "$1" || return 1
  case $value in
    '') said="no target for the entry $2; compare models[].selector and models[].namespaces with kubectl get pods --all-namespaces --show-labels" ;;
    0) said="all targets of the entry $2 are down; see their errors at $PROMETHEUS/targets, then check models[].port" ;;
    *) said="$2 $value up" && return ;;
  esac
  return 1
}

# foreign ENCODED
foreign() {
  query "$1" || return 1
  said="$PROMETHEUS has no series of vLLM that fit metrics.matchers"
  [ -n "$value" ] && said="$value series of vLLM, scraped by something else"
}

# probed ENCODED
probed() {
  query "$1" || return 1
  case $value in
    '') said="no replica has been probed; is the probe's pod ready, and does Prometheus ask it?" ;;
    0) said="a replica does not answer a request for one token; see probe_success at $PROMETHEUS" ;;
    *) said="every replica answers a request for one token" && return ;;
  esac
  return 1
}

# A group is awaited that is evaluated at least twice in the time for all checks.
# shellcheck disable=SC2016 # awk's own variables
judge='
  BEGIN {
    wanted = split(ENVIRON["RULE_GROUPS"], names, "\n")
    for (i in names) own[names[i]] = 1
  }
  match($0, /^[{]"name":"[^"]*","file":/) {
    name = substr($0, 10, RLENGTH - 18)
    if (!(name in own)) next
    seen[name] = 1
    if (error == "" && match($0, /"lastError":"[^"\\]+/)) error = substr($0, RSTART + 13, RLENGTH - 13)
    interval = match($0, /"interval":[0-9.]+/) ? substr($0, RSTART + 11, RLENGTH - 11) : 0
    bad += gsub(/"health":"err"/, "")
    fresh = gsub(/"health":"unknown"/, "")
    if (interval + 0 <= ENVIRON["TIMEOUT"] / 2) waiting += fresh; else later += fresh
    good += gsub(/"health":"ok"/, "")
  }
  END {
    for (i = 1; i <= wanted; i++) if (!(names[i] in seen)) { lacking++; missing = missing " " names[i] }
    if (lacking) print "no " lacking " of " wanted " rule groups are not loaded:" missing "; check the log of Prometheus, and whether metrics.operator.prometheusURL is this release\047s"
    else if (bad) print "no " bad " rules fail, the first with: " error
    else if (waiting) print "no " waiting " rules have not been evaluated yet; check the log of Prometheus"
    else print "ok " good " rules in " wanted " groups are evaluated" (later ? ", " later " are not due yet" : "")
  }'

rules() {
  fetch "$PROMETHEUS/api/v1/rules?$RULE_FILTER" "a server without this path does not evaluate rules" || return 1
  # A line for each group. Older servers do not know the filter, and answer with every group.
  verdict=$(printf '%s\n' "$body" | sed 's/{"name":"[^"]*","file":/\n&/g' | awk "$judge")
  said=${verdict#* }
  [ "${verdict%% *}" = ok ]
}

# The addresses behind a name. BusyBox' nslookup does not try the domains of resolv.conf.
addresses() {
  for domain in '' $(sed -n 's/^search//p' /etc/resolv.conf); do
    found=$(nslookup "$1${domain:+.$domain}" 2>/dev/null |
      awk '/^Name:/ { named = 1 } named && /^Address/ { sub(/^Address[^:]*:[ \t]*/, ""); print $1 }' | sort -u)
    if [ -n "$found" ]; then
      echo "$found"
      return
    fi
  done
}

collectors() {
  list=$(addresses "$COLLECTORS")
  ready=0
  for address in $list; do
    case $address in *:*) address="[$address]" ;; esac
    fetch "http://$address:$METRICS_PORT/metrics" "see kubectl logs of the collectors; a NetworkPolicy must let this pod reach the port" || return 1
    case $body in
      *otelcol_*) ready=$((ready + 1)) ;;
      *) said="http://$address:$METRICS_PORT/metrics is not a collector's" && return 1 ;;
    esac
  done
  said="$ready of $REPLICAS collectors are ready; see kubectl get pods -l app.kubernetes.io/component=collector"
  [ "$ready" -ge "$REPLICAS" ] && said="$ready of $REPLICAS collectors are ready"
}

# serves URL TEXT: it answers, with the text.
serves() {
  fetch "$1" "see kubectl logs and kubectl describe of its pod" || return 1
  said="$1 answers without $2; see kubectl logs of its pod"
  case $body in *"$2"*) said="it answers" ;; *) return 1 ;; esac
}

echo "install-check without an image of this project: release $RELEASE, at most $TIMEOUT s"
if [ -z "$PROMETHEUS" ]; then
  for check in prometheus targets rules; do
    tell "not run" "$check" "no address of Prometheus over plain HTTP is known; set metrics.operator.prometheusURL, for example http://prometheus-operated.monitoring:9090"
  done
elif ! await prometheus answers; then
  for check in targets rules; do tell "not run" "$check" "see prometheus"; done
else
  if [ -n "$FOREIGN" ]; then await targets foreign "$FOREIGN"; fi
  while read -r encoded entry; do
    if [ -n "$encoded" ]; then await targets up "$encoded" "$entry"; fi
  done <<END
$TARGETS
END
  if [ -n "$RULE_GROUPS" ]; then await rules rules; else tell "not run" rules "rules.enabled is false"; fi
  if [ -n "$PROBE" ]; then await probe probed "$PROBE"; fi
fi
if [ -n "$COLLECTORS" ]; then await collectors collectors; fi
if [ -n "$ALERTMANAGER" ]; then await alertmanager serves "$ALERTMANAGER/-/ready" OK; fi
if [ -n "$GRAFANA" ]; then await grafana serves "$GRAFANA/api/health" '"ok"'; fi
if [ -n "$JAEGER" ]; then await jaeger serves "$JAEGER/" Jaeger; fi
tell "not run" "$IMAGE_CHECKS" "$IMAGE"
case $failed$passed in
  00) echo "nothing was checked" ;;
  01) echo "what was checked works" ;;
esac
exit "$failed"
