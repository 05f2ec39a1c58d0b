#!/usr/bin/env python3
"""Two clusters of simulated servers, one store, and the rules in other engines: `make neighbours`.

Each cluster is a fleet and a Prometheus with the chart's scrape configuration. Both write their samples to
a Prometheus, to VictoriaMetrics and to Thanos Receive; each of these has the exported rules of its engine
(`rules.export`) evaluated over it. The central Prometheus is what the others are compared with: recorded
series, values, alerts, and the queries of the dashboards. Then one cluster loses its replicas, and stops.

The result is the part *Stores* of docs/compatibility.md; `--page` writes it again from target/neighbours.json,
the part *Sizes* from target/neighbours-sizes.json (`--sizes` measures it: fleets of 40, 400 and 4,000 replicas, or those in SIZES,
all series and recorded ones alone, written and federated), the part *The VictoriaMetrics operator* from
target/neighbours-converted.json (`--converted`), and the part *On a cluster* from what the cases of tests/kind/tests/neighbours left in target/neighbours.
What was not measured again stays as it was. Python's standard library alone: everything else is a pinned tool.
"""

import collections
import datetime
import glob
import json
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
RELEASE = ["vllm-monitoring", os.path.join(ROOT, "chart"), "--namespace", "monitoring"]
CLUSTERS = ["a", "b"]
REPLICAS = 4
# The clusters' servers listen at 127.0.NET.1 and so on, of the next cluster at 127.0.NET+1.1.
NET = int(os.environ.get("NEIGHBOURS_NET", "61"))
# Short, so that an hour of a fleet passes in minutes: a scrape every 2 s, rates over ten of them.
VALUES = [
    "metrics.mode=standalone", "metrics.scrape.interval=2s", "metrics.scrape.timeout=2s",
    "rules.interval=2s", "rules.window=20s", "slos.interval=2s",
    "slos.windows.fast.long=60s", "slos.windows.fast.short=20s",
    "slos.windows.steady.long=90s", "slos.windows.steady.short=30s",
    "slos.windows.slow.long=120s", "slos.windows.slow.short=40s",
    "tracing.enabled=false", "alertmanager.enabled=false", "helmTest.enabled=false",
    f"models[0].name=chat,models[0].namespaces={{inference}},models[0].replicas={REPLICAS}",
]
# Of rules at the store alone: series of a cluster's own rules get its external label on the way out.
CENTRAL = ["--set", "rules.export.clusters={a,b}"]
# Relative difference of a mean over half a minute up to which values are the same.
TOLERANCE = 0.05


def say(*words):
    print("neighbours:", *words, file=sys.stderr, flush=True)


def tool(name):
    return subprocess.run([os.path.join(ROOT, "tools/get"), name], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def version(name):
    with open(os.path.join(ROOT, "tools/tools.lock")) as lock:
        return next(line.split()[1] for line in lock if line.startswith(name + " "))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url, limit=30):
    with urllib.request.urlopen(url, timeout=limit) as answer:
        return answer.read().decode()


def wait(what, condition, limit=120):
    until = time.monotonic() + limit
    why = ""
    while time.monotonic() < until:
        try:
            if condition():
                return
        except (OSError, ValueError, KeyError, IndexError) as error:
            why = f" ({error})"
        time.sleep(0.5)
    raise SystemExit(f"neighbours: {what}: not within {limit} s{why}")


class Running:
    """Processes that end with this one."""

    def __init__(self, folder):
        self.folder, self.children = folder, {}

    def start(self, name, command):
        log = open(os.path.join(self.folder, name + ".log"), "w")
        self.children[name] = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)

    def stop(self, name):
        child = self.children.pop(name)
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()

    def cpu(self, name):
        with open(f"/proc/{self.children[name].pid}/stat") as stat:
            fields = stat.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, name):
        with open(f"/proc/{self.children[name].pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))

    def end(self):
        for name in list(self.children):
            self.stop(name)


# Recorded series alone, as docs/standalone.md filters them.
RECORDED = "(collector|engine|entry|gpu|model|pod|release):.+"
# Replicas, and the seconds between two scrapes of each: two cores do not scrape 4,000 every 15 s.
SIZES = [(40, 15), (400, 15), (4000, 60)]


def sizes(run, folder, replicas, interval):
    """Scrapes a fleet, evaluates the rules beside it, sends all series and the recorded ones to a store each by
    remote_write, and has the recorded ones fetched by federation. Rates are over four scrapes."""
    path = lambda name: os.path.join(folder, name)
    values = [f"models[0].replicas={replicas}", f"metrics.scrape.interval={interval}s", f"rules.interval={interval}s", f"rules.window={4 * interval}s",
              f"slos.interval={interval}s"]
    for name, short, long in (("fast", 4, 12), ("steady", 6, 18), ("slow", 8, 24)):
        values += [f"slos.windows.{name}.short={short * interval}s", f"slos.windows.{name}.long={long * interval}s"]
    sets = [word for value in values for word in ("--set", value)]
    rules = rule_file("prometheus", path("rules.yaml"), *sets)
    control, web = free_port(), free_port()
    stores = {"all series": free_port(), "recorded series": free_port()}
    writes = []
    for name, port in stores.items():
        run.start(name, [tool("victoria-metrics"), f"-storageDataPath={path(name)}", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=1d"])
        writes.append(f"http://127.0.0.1:{port}/api/v1/write")
    config = scrape_config(control, writes, *sets).replace("CLUSTER", "a").replace("2s", f"{interval}s")
    # Prometheus waits for an answer of this discovery no longer than its interval.
    config = config.replace("refresh_interval: 1s", "refresh_interval: 30s")
    only = f"    write_relabel_configs: [{{source_labels: [__name__], regex: '{RECORDED}', action: keep}}]\n"
    with open(path("prometheus.yml"), "w") as file:
        file.write(config + only + f"rule_files: [{rules}]\n")
    run.start("fleet", [os.environ.get("FLEET", os.path.join(ROOT, "target/debug/fleet")), f"--model=chat={replicas}", f"--first=127.0.{NET}.1",
                        f"--control=127.0.0.1:{control}", "--port=8000", "--requests-per-second=2"])
    run.start("prometheus", [tool("prometheus"), f"--config.file={path('prometheus.yml')}", f"--storage.tsdb.path={path('tsdb')}", f"--web.listen-address=127.0.0.1:{web}"])
    federated = free_port()
    with open(path("federated.yml"), "w") as file:
        file.write(f"global: {{scrape_interval: {interval}s}}\nscrape_configs:\n" + FEDERATE.format(interval=interval, recorded=RECORDED, address=f"127.0.0.1:{web}"))
    run.start("federated", [tool("prometheus"), f"--config.file={path('federated.yml')}", f"--storage.tsdb.path={path('federation')}", f"--web.listen-address=127.0.0.1:{federated}"])
    source = Engine("prometheus", "", f"http://127.0.0.1:{web}", "")
    wait("every replica is up", lambda: list(source.query("sum(up{model!=''})").values()) == [float(replicas)], 600)
    time.sleep(2 * interval)

    def seen(name, port):
        text = get(f"http://127.0.0.1:{port}/metrics")
        total = lambda metric: sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(metric))
        status = json.loads(get(f"http://127.0.0.1:{port}/api/v1/status/tsdb"))["data"]
        return {"rows": total('vm_rows_inserted_total{type="promremotewrite"}'), "bytes": total('vm_tcplistener_read_bytes_total'),
                "cpu": run.cpu(name), "series": status["totalSeries"]}

    def fetched():
        text = get(f"http://127.0.0.1:{federated}/metrics")
        total = lambda metric: sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(metric))
        return {"rows": total("prometheus_tsdb_head_samples_appended_total"), "bytes": 0, "cpu": run.cpu("federated"),
                "series": int(total("prometheus_tsdb_head_series "))}

    def all_seen():
        return {**{n: seen(n, p) for n, p in stores.items()}, "federated": fetched()}

    before, began, source_cpu = all_seen(), time.monotonic(), run.cpu("prometheus")
    took = 4 * interval
    time.sleep(took)
    after, took = all_seen(), time.monotonic() - began
    source_cpu = (run.cpu("prometheus") - source_cpu) / took
    # What one fetch brings, compressed as Prometheus asks for it; and which series are not there.
    selector = urllib.parse.quote(f'{{__name__=~"{RECORDED}"}}')
    request = urllib.request.Request(f"http://127.0.0.1:{web}/federate?match[]={selector}", headers={"Accept-Encoding": "gzip"})
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = len(answer.read())
    fetch = time.monotonic() - began
    central = Engine("prometheus", "", f"http://127.0.0.1:{federated}", "")
    at = int(time.time()) - 2 * interval
    # Federation adds the external label and, where a series has none, a job. Series that become the same by it are one.
    added = (("cluster", "a"), ("job", "federate"))
    named = lambda engine: collections.Counter(
        tuple(label for label in labels if label not in added)
        for labels in engine.query(f'label_replace({{__name__=~"{RECORDED}"}}, "name", "$1", "__name__", "(.+)")', at))
    missing = sorted(dict(labels)["name"] for labels in (named(source) - named(central)).elements())
    rate = lambda name, what: (after[name][what] - before[name][what]) / took
    rows = []
    for name in [*stores, "federated"]:
        rows.append({"replicas": replicas, "interval": interval, "sent": name, "series": after[name]["series"], "samples": rate(name, "rows"),
                     "bytes": body / interval if name == "federated" else rate(name, "bytes"), "cpu": rate(name, "cpu"),
                     "memory": run.memory(name), "source": source_cpu, "source_memory": run.memory("prometheus"), "fetch": fetch, "missing": missing})
    return rows


# As docs/scale.md has it, for one cluster.
FEDERATE = """  - job_name: federate
    honor_labels: true
    metrics_path: /federate
    scrape_timeout: {interval}s
    params: {{"match[]": ['{{__name__=~"{recorded}"}}']}}
    static_configs: [{{targets: ["{address}"]}}]
"""


def sized(result, before):
    """The part about sizes; what is said of those that were not measured again stays as it was."""
    ways = {"all series": "all series, remote_write", "recorded series": "recorded series, remote_write", "federated": "recorded series, federation"}
    out = [f"Measured on {result['date']}: one model, rates over four scrapes, on two cores that other programs kept busy. What is written",
           f"goes into victoria-metrics {result['version']}; federation fetches into Prometheus {result['prometheus']}, as often as replicas are scraped, and its bytes",
           "are those of one compressed answer by that time. Series include those that the scrape itself adds. *Source* is the",
           "Prometheus that scrapes the replicas, evaluates the rules and serves all three ways at once.", "",
           "| replicas, scraped every | way | series | samples/s | received, bytes/s | the store's CPU | its memory | the source's CPU | its memory |",
           "|---|---|---|---|---|---|---|---|---|"]
    rows, fetches = {}, {}
    for r in result["rows"]:
        size = f"{r['replicas']:,}"
        rows.setdefault(size, []).append(f"| {size}, {r['interval']} s | {ways[r['sent']]} | {r['series']:,} | {r['samples']:,.0f} | {r['bytes']:,.0f} | {r['cpu']:.1%} of a core | {r['memory'] / 2**20:,.0f} MiB | {r['source']:.1%} of a core | {r['source_memory'] / 2**20:,.0f} MiB |")
        fetches[size] = f"- {size} replicas: one fetch by federation took {r['fetch']:.2f} s; recorded series of the source that the federated store lacks: {lacking(r['missing'])}."
    old = before.split("\n")
    for size, _ in SIZES:
        out += rows.get(f"{size:,}", [line for line in old if line.startswith(f"| {size:,}, ")])
    out.append("")
    for size, _ in SIZES:
        out += [fetches[f"{size:,}"]] if f"{size:,}" in fetches else [line for line in old if line.startswith(f"- {size:,} replicas: ")]
    return "\n".join(out) + "\n"


def lacking(names):
    """How many series of which names."""
    return f"{len(names)} (" + ", ".join(f"`{name}`" for name in sorted(set(names))) + ")" if names else "0"


def template(*arguments):
    command = [tool("helm"), "template", *RELEASE]
    for value in VALUES:
        command += ["--set", value]
    return subprocess.run(command + list(arguments), check=True, text=True, stdout=subprocess.PIPE).stdout


def rule_file(engine, path, *sets):
    text = template(*sets, "--set", f"rules.export.engines={{{engine}}}", "--set", "rules.export.format=file",
                    "--show-only", "templates/rules/export.yaml")
    # The waits of alerts, as short as the windows.
    text = re.sub(r"^( *)for: .*$", r"\1for: 10s", text, flags=re.M)
    with open(path, "w") as file:
        file.write(text)
    return path


# Of every shape that a monitor has.
CONVERTED = """
metrics: {scrape: {interval: 20s, timeout: 7s, limits: {samples: 5000, bodySize: 10MB}}}
models:
  - {name: ranks, selector: {app: big}, namespaces: [inference, batch], ports: [8000, 8001]}
  - name: mesh
    selector: {app: mesh}
    selectorExpressions: [{key: role, operator: In, values: [decode]}]
    namespaces: [inference]
    port: http-metrics
    scrape: {path: /stats/prometheus, scheme: https}
  - {name: service, monitor: ServiceMonitor, serviceSelector: {app: s}, namespaces: ["*"]}
probe: {enabled: true}
tracing: {collector: {replicas: 2}, balancer: {enabled: true}, spanMetrics: {enabled: true}}
"""


def converted(folder):
    """What the VictoriaMetrics operator makes of the objects of mode `operator`, with those of mode `victoriametrics`
    beside it, on a cluster with a Prometheus Operator alone and on one with both."""
    values = os.path.join(folder, "values.yaml")
    with open(values, "w") as file:
        file.write(CONVERTED)

    def objects(*arguments):
        text = subprocess.run([tool("helm"), "template", *RELEASE, "--values", values, *arguments], check=True, stdout=subprocess.PIPE).stdout
        out = subprocess.run([tool("vm-converter")], input=text, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        # `sourceLabels` is written a second time as `source_labels`.
        return {(one["object"]["metadata"]["name"], one["kind"].removeprefix("VM").replace("Prometheus", "").replace("Scrape", "Monitor")):
                (one.get("refused", ""), without_aliases(one["object"]["spec"])) for one in json.loads(out)}

    prometheus, victoria = (["--api-versions", api] for api in ("monitoring.coreos.com/v1", "operator.victoriametrics.com/v1beta1"))
    own = objects("--set", "metrics.mode=victoriametrics")
    result = {"date": datetime.date.today().isoformat(), "converter": version("vm-converter"), "own": len(own), "clusters": {}}
    for name, apis in (("a Prometheus Operator", prometheus), ("both operators", prometheus + victoria)):
        found = objects(*apis)
        if found.keys() != own.keys():
            raise SystemExit(f"neighbours: converted {sorted(found)}, expected {sorted(own)}")
        fields = sorted({re.sub(r"\[\d+\]", "[]", path) for object_ in own for path in differences(found[object_][1], own[object_][1])})
        result["clusters"][name] = {"refused": [why for why, _ in found.values() if why], "fields": fields}
    both = result["clusters"]["both operators"]
    if both["refused"] or [field for field in both["fields"] if not field.endswith(".max_scrape_size")]:
        raise SystemExit(f"neighbours: beside a Prometheus Operator the VictoriaMetrics operator would scrape or evaluate something else: {both}")
    return result


def without_aliases(spec):
    if isinstance(spec, dict):
        return {key: without_aliases(value) for key, value in spec.items() if key not in ("source_labels", "target_label")}
    return [without_aliases(one) for one in spec] if isinstance(spec, list) else spec


def differences(a, b, at=""):
    """Paths at which two values differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys()):
            yield from differences(a.get(key), b.get(key), f"{at}.{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for number, (one, other) in enumerate(zip(a, b)):
            yield from differences(one, other, f"{at}[{number}]")
    elif a != b:
        yield at


def of_conversion(result):
    """The part about the VictoriaMetrics operator."""
    out = [f"Measured on {result['date']} with the conversion and the validation of the VictoriaMetrics operator {result['converter']} (types of its API",
           f"v0.66.1). The chart's monitors and rules of mode `operator` are converted and compared with the {result['own']} objects of mode",
           "`victoriametrics`, for entries with several ports, a named port, a path and a scheme of their own, a ServiceMonitor, the",
           "probe, collectors and balancers.", "",
           "| the cluster serves the API of | objects refused | fields that differ |", "|---|---|---|"]
    for name, found in result["clusters"].items():
        refused = f"{len(found['refused'])}: " + "; ".join(re.sub(r"\s+", " ", why)[:160].replace("|", "\\|") + " …" for why in found["refused"]) if found["refused"] else "none"
        fields = ", ".join(f"`{field.lstrip('.')}`" for field in found["fields"]) or "none"
        out.append(f"| {name} | {refused} | {fields} |")
    return "\n".join(out) + "\n"


def scrape_config(control, sent_to, *sets):
    """The chart's Prometheus, with the fleet's discovery in place of the Kubernetes API."""
    text = template(*sets, "--show-only", "templates/prometheus/configmap.yaml")
    lines = text[text.index("prometheus.yml: |"):].split("\n")[1:]
    indent = len(lines[0]) - len(lines[0].lstrip())
    config = []
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            break
        config.append(line[indent:])
    text = "\n".join(config)
    job = re.search(r"^  - job_name: vllm/chat\n(?:    .*\n)+", text, re.M).group(0)
    found = f'    http_sd_configs:\n      - url: "http://127.0.0.1:{control}/fleet/sd?model=chat"\n        refresh_interval: 1s\n'
    job = re.sub(r"^    kubernetes_sd_configs:\n(?:      .*\n)+", found, job, flags=re.M)
    writes = "".join(
        f"  - url: {url}\n    queue_config: {{batch_send_deadline: 1s}}\n" for url in sent_to)
    return ("global: {scrape_interval: 2s, scrape_timeout: 2s, external_labels: {cluster: CLUSTER}}\n"
            f"scrape_configs:\n{job}remote_write:\n{writes}")


class Engine:
    """What evaluates the exported rules, and where their series are asked for."""

    def __init__(self, name, title, query, alerts):
        self.name, self.title, self.queried, self.asked = name, title, query, alerts

    def query(self, expression, at=None):
        url = f"{self.queried}/api/v1/query?query={urllib.parse.quote(expression)}"
        if at is not None:
            url += f"&time={at}"
        answer = json.loads(get(url))
        return {key(one["metric"]): float(one["value"][1]) for one in answer["data"]["result"]}

    def alerts(self):
        data = json.loads(get(f"{self.asked}/api/v1/alerts"))["data"]
        # Thanos Ruler spells it with a capital.
        found = data.get("alerts") or data.get("Alerts") or []
        return {(a["labels"]["alertname"], a["labels"].get("cluster", "")) for a in found if a["state"] == "firing"}


def key(labels):
    """Labels without those that only one of the engines writes; MetricsQL keeps the name in avg_over_time."""
    return tuple(sorted((k, v) for k, v in labels.items() if k not in ("__name__", "replica", "receive", "tenant_id", "prometheus")))


def recorded(path):
    with open(path) as file:
        return sorted(set(re.findall(r"^ *- (?:record|expr: .*\n *record): \"?([a-z]+:[a-z0-9_]+:[a-z0-9_]+)", file.read(), re.M)))


def queries():
    """What the dashboards ask, with one cluster chosen."""
    found = set()
    for path in glob.glob(os.path.join(ROOT, "chart/dashboards/*.json")):
        def panels(of):
            for panel in of:
                yield panel
                yield from panels(panel.get("panels", []))
        with open(path) as file:
            for panel in panels(json.load(file)["panels"]):
                for target in panel.get("targets", []):
                    if target.get("expr"):
                        found.add(target["expr"])
    filled = []
    for text in sorted(found):
        for variable, value in {"$cluster": "b", "$pod": "chat-0", "$__range": "2m", "$__rate_interval": "20s", "$__interval": "2s"}.items():
            text = text.replace(variable, value).replace("${" + variable[1:] + "}", value)
        filled.append(re.sub(r"\$\{?[a-z]+(:[a-z]+)?\}?", ".*", text))
    return filled


def compared(one, other, names, at):
    """For each recorded name: series of both, series that only one has (of either), largest relative difference."""
    rows = {}
    for name in names:
        expression = f"avg_over_time({name}[30s])"
        a, b = one.query(expression, at), other.query(expression, at)
        worst = 0.0
        for labels in a.keys() & b.keys():
            x, y = a[labels], b[labels]
            if math.isnan(x) or math.isnan(y) or x == y:
                continue
            worst = max(worst, abs(x - y) / max(abs(x), abs(y)))
        rows[name] = (len(a), len(a.keys() - b.keys()), len(b.keys() - a.keys()), worst)
    return rows


def main():
    # Ended from outside, its processes end, too.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))
    if sys.argv[1:] == ["--page"]:
        return page()
    if "FLEET" not in os.environ and sys.argv[1:] != ["--converted"]:
        subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "fleet", "--bin", "fleet"], cwd=ROOT, check=True)
    if sys.argv[1:] == ["--sizes"]:
        result = {"date": datetime.date.today().isoformat(), "version": version("victoria-metrics"), "prometheus": version("prometheus"), "rows": []}
        only = os.environ.get("SIZES", "").split()
        for replicas, interval in [size for size in SIZES if not only or str(size[0]) in only]:
            result["rows"] += in_a_folder(lambda run, folder: sizes(run, folder, replicas, interval))
        keep(result, "neighbours-sizes")
    elif sys.argv[1:] == ["--converted"]:
        keep(in_a_folder(lambda _, folder: converted(folder)), "neighbours-converted")
    else:
        keep(in_a_folder(measured))
    page()
    if sys.argv[1:] == ["--sizes"]:
        lost = {f"{r['replicas']} replicas": lacking(r["missing"]) for r in result["rows"] if r["missing"]}
        if lost:
            raise SystemExit(f"neighbours: the federated store lacks recorded series of the source: {lost}")


def in_a_folder(measure):
    folder = tempfile.mkdtemp(prefix="neighbours.")
    run = Running(folder)
    try:
        result = measure(run, folder)
    finally:
        run.end()
    shutil.rmtree(folder)
    return result


def keep(result, name="neighbours"):
    os.makedirs(os.path.join(ROOT, "target"), exist_ok=True)
    with open(os.path.join(ROOT, f"target/{name}.json"), "w") as file:
        json.dump(result, file, indent=1)


TITLES = {"prometheus": "Prometheus", "vmalert": "VictoriaMetrics, vmalert", "thanos": "Thanos Receive, Query, Ruler"}

def differing(rows):
    return {name: row for name, row in rows.items() if row[1] or row[2] or row[3] > TOLERANCE}


PAGE = os.path.join(ROOT, "docs/compatibility.md")


def page():
    """Puts what was measured into docs/compatibility.md, between the marks of its part."""
    stores = os.path.join(ROOT, "target/neighbours.json")
    if os.path.exists(stores):
        with open(stores) as file:
            part("stores", lambda _: written(json.load(file)))
    measured_sizes = os.path.join(ROOT, "target/neighbours-sizes.json")
    if os.path.exists(measured_sizes):
        with open(measured_sizes) as file:
            part("sizes", lambda before: sized(json.load(file), before))
    conversion = os.path.join(ROOT, "target/neighbours-converted.json")
    if os.path.exists(conversion):
        with open(conversion) as file:
            part("converted", lambda _: of_conversion(json.load(file)))
    cases = sorted(glob.glob(os.path.join(ROOT, "target/neighbours/*.json")))
    if cases:
        part("cluster", lambda before: merged(before, cases))


def part(name, written_again):
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
    with open(PAGE) as file:
        before, rest = file.read().split(begin)
    old, after = rest.split(end)
    text = before + begin + written_again(old) + end + after
    with open(PAGE, "w") as file:
        file.write(text)


def merged(before, cases):
    """The table of cases: rows of those that ran, and of the others as they were."""
    lines = before.rstrip("\n").split("\n")
    rows = {}
    for line in lines[2:]:
        rows.setdefault(line.rsplit("`", 2)[1], []).append(line)
    for path in cases:
        name = os.path.splitext(os.path.basename(path))[0]
        date = datetime.date.fromtimestamp(os.path.getmtime(path)).isoformat()
        with open(path) as file:
            rows[name] = ["| {} | {} | {} | {} | `{}` |".format(
                ", ".join(f"{tool} {version(tool)}" for tool in row["with"]), row["done"], row["seen"], date, name) for row in json.load(file)]
    return "\n".join(lines[:2] + [row for name in sorted(rows) for row in rows[name]]) + "\n"


def written(result):
    """The part about stores."""
    out = []
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    out += [f"Measured on {result['date']} by `make neighbours` with {versions}.", "",
            f"Two clusters of {REPLICAS} simulated servers each write into three stores; the exported rules (`rules.export`, see",
            "[Several clusters and one store](scale.md)) run over each. Prometheus is what the others are compared with: means of",
            f"each recorded series over 30 s. Rates are over 20 s here (ten scrapes), and engines evaluate at moments of their own",
            f"and read the edges of a window differently: values of single series differ, their labels must not.", "",
            "| | recorded series | missing or more | names with a series off by more than 5 % | dashboards' queries with data | with an error | VllmFleetDown of a cluster without replicas | of one that stopped writing |",
            "|---|---|---|---|---|---|---|---|"]
    for name in result["queries"]:
        rows = result["recorded"].get(name)
        answers = result["queries"][name].values()
        data = sum(1 for a in answers if isinstance(a, int) and a > 0)
        failed = sum(1 for a in answers if isinstance(a, str))
        if rows is None:
            first = next(iter(result["recorded"].values()))
            series, apart, differ = sum(r[0] for r in first.values()), "", ""
        else:
            series = sum(r[0] - r[1] + r[2] for r in rows.values())
            apart = sum(r[1] + r[2] for r in rows.values())
            differ = f"{len(differing(rows))} of {sum(1 for r in rows.values() if r[0] or r[2])}"
        out.append(f"| {TITLES[name]} | {series} | {apart} | {differ} | {data} of {len(answers)} | {failed} | after {result['outage'][name]:.0f} s | {'yes' if result['silent'].get(name) else 'no'} |")
    for name, why in result["failed"].items():
        out.append(f"| {TITLES[name]} | not run: {why} | | | | | | |")
    out += ["", "The simulated servers have no GPUs, collector or kube-state-metrics: queries about these have no data anywhere.", ""]
    for name, rows in result["recorded"].items():
        found = differing(rows)
        if found:
            out += [f"### What differs in {TITLES[name]}", "", "| recorded | series in Prometheus | missing | more | largest difference |", "|---|---|---|---|---|"]
            out += [f"| `{n}` | {r[0]} | {r[1]} | {r[2]} | {r[3]:.0%} |" for n, r in found.items()]
            out.append("")
        errors = [t for t, a in result["queries"][name].items() if isinstance(a, str)]
        silent = [t for t, a in result["queries"][name].items() if a == 0 and result["queries"]["prometheus"][t] not in (0,) and not isinstance(result["queries"]["prometheus"][t], str)]
        for title, list_ in (("refused", errors), ("without data here and with data in Prometheus", silent)):
            if list_:
                out += [f"Queries of dashboards that are {title}: {len(list_)}.", ""] + ["    " + " ".join(t.split())[:140].strip() for t in list_[:12]] + [""]
    out += ["### Alerts", "", "Alerts wait for 10 s here, over rates of 20 s: a short peak can fire an alert in one engine and not in another.", "", "| while | " + " | ".join(TITLES[n] for n in result["alerts"]) + " |", "|---|" + "---|" * len(result["alerts"])]
    for label, field in (("both clusters are healthy", "steady"), ("b has no replica", "alerts")):
        cells = [", ".join(f"{a} ({c})" if c else a for a, c in result[field][n]) or "none" for n in result["alerts"]]
        out.append(f"| {label} | " + " | ".join(cells) + " |")
    out += ["", "### Cost", "", "CPU over 30 s and memory of each process, for the two clusters together:", "", "| process | CPU | memory |", "|---|---|---|"]
    out += [f"| {n} | {c:.1%} of a core | {result['memory'][n] / 2**20:.0f} MiB |" for n, c in result["cpu"].items()]
    return "\n".join(out) + "\n"


def measured(run, folder):
    fleet = os.environ.get("FLEET", os.path.join(ROOT, "target/debug/fleet"))
    with_thanos = os.environ.get("WITHOUT") != "thanos"
    prometheus, promtool, vmalert = tool("prometheus"), tool("promtool"), tool("vmalert")
    thanos = tool("thanos") if with_thanos else None
    path = lambda name: os.path.join(folder, name)
    result = {"date": datetime.date.today().isoformat(), "versions": {n: version(n) for n in ("prometheus", "victoria-metrics", "vmalert", "thanos")}}

    # Each engine's own check of its file.
    files = {engine: rule_file(engine, path(engine + ".yaml"), *CENTRAL) for engine in ("prometheus", "thanos", "vmalert")}
    checks = {"prometheus": [promtool, "check", "rules", files["prometheus"]],
              "thanos": [thanos, "tools", "rules-check", "--rules=" + files["thanos"]],
              "vmalert": [vmalert, "-dryRun", "-rule=" + files["vmalert"]]}
    if not with_thanos:
        del checks["thanos"]
    for engine, command in checks.items():
        out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if out.returncode:
            raise SystemExit(f"neighbours: {engine} refuses the exported rules:\n{out.stdout[-2000:]}")

    central, victoria, vma = free_port(), free_port(), free_port()
    receive, receive_grpc, receive_write, rule, rule_grpc, ask, ask_grpc = (free_port() for _ in range(7))
    with open(path("central.yml"), "w") as file:
        file.write(f"global: {{evaluation_interval: 2s}}\nrule_files: [{files['prometheus']}]\n")
    run.start("prometheus", [prometheus, f"--config.file={path('central.yml')}", f"--storage.tsdb.path={path('central')}",
                             f"--web.listen-address=127.0.0.1:{central}", "--web.enable-remote-write-receiver", "--query.lookback-delta=1m"])
    run.start("victoria-metrics", [tool("victoria-metrics"), f"-storageDataPath={path('victoria')}", f"-httpListenAddr=127.0.0.1:{victoria}",
                                   "-search.latencyOffset=2s", "-retentionPeriod=1d"])
    if with_thanos:
        run.start("receive", [thanos, "receive", f"--tsdb.path={path('receive')}", f"--http-address=127.0.0.1:{receive}",
                          f"--grpc-address=127.0.0.1:{receive_grpc}", f"--remote-write.address=127.0.0.1:{receive_write}", '--label=receive="0"'])
    wait("the stores are ready", lambda: all(get(f"http://127.0.0.1:{p}{w}") is not None for p, w in
                                              ((central, "/-/ready"), (victoria, "/health"), *([(receive, "/-/ready")] if with_thanos else []))))
    targets = [f"http://127.0.0.1:{central}/api/v1/write", f"http://127.0.0.1:{victoria}/api/v1/write", f"http://127.0.0.1:{receive_write}/api/v1/receive"]
    if not with_thanos:
        targets.pop()
    controls = {}
    for number, cluster in enumerate(CLUSTERS):
        controls[cluster] = free_port()
        run.start("fleet-" + cluster, [fleet, f"--model=chat={REPLICAS}", f"--first=127.0.{NET + number}.1", f"--control=127.0.0.1:{controls[cluster]}",
                                       f"--port=8000", f"--seed={number + 1}", "--requests-per-second=2", "--speed=3"])
        with open(path(f"{cluster}.yml"), "w") as file:
            file.write(scrape_config(controls[cluster], targets).replace("CLUSTER", cluster))
        run.start("prometheus-" + cluster, [prometheus, f"--config.file={path(cluster + '.yml')}", f"--storage.tsdb.path={path(cluster)}", f"--web.listen-address=127.0.0.1:{free_port()}"])
    run.start("vmalert", [vmalert, f"-rule={files['vmalert']}", f"-datasource.url=http://127.0.0.1:{victoria}", f"-remoteWrite.url=http://127.0.0.1:{victoria}",
                          f"-remoteRead.url=http://127.0.0.1:{victoria}", "-notifier.blackhole", f"-httpListenAddr=127.0.0.1:{vma}", "-rule.evalDelay=3s", "-evaluationInterval=2s"])
    if with_thanos:
        run.start("query", [thanos, "query", f"--http-address=127.0.0.1:{ask}", f"--grpc-address=127.0.0.1:{ask_grpc}",
                        f"--endpoint=127.0.0.1:{receive_grpc}", f"--endpoint=127.0.0.1:{rule_grpc}", "--query.replica-label=replica", "--query.replica-label=receive", "--query.lookback-delta=1m"])
    if with_thanos:
        run.start("ruler", [thanos, "rule", f"--data-dir={path('ruler')}", f"--http-address=127.0.0.1:{rule}", f"--grpc-address=127.0.0.1:{rule_grpc}",
                        f"--rule-file={files['thanos']}", f"--query=http://127.0.0.1:{ask}", "--eval-interval=2s", '--label=replica="0"', "--alert.label-drop=replica"])
    url = "http://127.0.0.1:{}".format
    engines = {"prometheus": Engine("prometheus", "Prometheus", url(central), url(central)),
               "vmalert": Engine("vmalert", "VictoriaMetrics and vmalert", url(victoria), url(vma)),
               "thanos": Engine("thanos", "Thanos Receive, Query and Ruler", url(ask), url(rule))}
    if not with_thanos:
        del engines["thanos"]
    names = recorded(files["prometheus"])
    say(len(names), "recorded names;", len(queries()), "queries")
    up = 'count(model:vllm_e2e_request_latency_seconds:p99)'
    result["failed"] = {}
    for name, engine in list(engines.items()):
        try:
            wait(f"{engine.title} records both clusters", lambda: list(engine.query(up).values()) == [2.0], 180)
        except SystemExit as why:
            if name == "prometheus":
                raise
            say(why, "- it is left out")
            result["failed"][name] = str(why).removeprefix("neighbours: ")
            del engines[name]
    # The longest window is full of scrapes.
    say("recording for a minute")
    time.sleep(60)
    before = {n: run.cpu(n) for n in run.children}
    measured_at = time.monotonic()
    time.sleep(30)
    at = int(time.time()) - 10
    result["recorded"] = {n: compared(engines["prometheus"], e, names, at) for n, e in engines.items() if n != "prometheus"}
    result["cpu"] = {n: (run.cpu(n) - before[n]) / (time.monotonic() - measured_at) for n in before}
    result["memory"] = {n: run.memory(n) for n in run.children}
    asked = {}
    for text in queries():
        for name, engine in engines.items():
            try:
                asked.setdefault(name, {})[text] = len(engine.query(text, at))
            except (OSError, ValueError) as error:
                asked.setdefault(name, {})[text] = str(getattr(error, "read", lambda: b"")()[:300] or error)
    result["queries"] = asked
    keep(result)
    result["steady"] = {n: sorted(e.alerts()) for n, e in engines.items()}

    say("the replicas of b are lost")
    body = json.dumps({"scenario": "total-outage"}).encode()
    urllib.request.urlopen(urllib.request.Request(url(controls["b"]) + "/fleet/scenario", body, {"Content-Type": "application/json"}), timeout=30)
    wanted = ("VllmFleetDown", "b")
    began = time.monotonic()
    result["outage"] = {}
    for name, engine in engines.items():
        wait(f"{engine.title}: VllmFleetDown of b", lambda: wanted in engine.alerts(), 120)
        result["outage"][name] = round(time.monotonic() - began, 1)
    time.sleep(10)
    result["alerts"] = {n: sorted(e.alerts()) for n, e in engines.items()}

    say("Prometheus of a stops: nothing of the cluster arrives")
    run.stop("prometheus-a")
    result["silent"] = {}
    for name, engine in engines.items():
        try:
            wait(f"{engine.title}: VllmFleetDown of a", lambda: ("VllmFleetDown", "a") in engine.alerts(), 420)
            result["silent"][name] = True
        except SystemExit as why:
            say(why)
    return result


if __name__ == "__main__":
    main()
