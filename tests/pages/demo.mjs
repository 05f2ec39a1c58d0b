// `make demo` as it stands, on free ports.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const START = 90_000;
const DATA = 120_000;

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Asks until `met` is true of the answer; `what` names what did not come. */
export async function until(what, limit, ask, met = Boolean) {
  const end = Date.now() + limit;
  let last;
  while (Date.now() < end) {
    last = await ask().catch((error) => error);
    if (!(last instanceof Error) && met(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${what} did not come within ${limit / 1000} s; the last answer: ${last instanceof Error ? last : JSON.stringify(last)}`);
}

/** Answers of an instant query. */
export async function query(prometheus, expression) {
  const answer = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query: expression })}`);
  return (await answer.json()).data.result;
}

/** The demo, when its dashboards' address is printed and recorded series have `seconds` behind them; with further environment. */
export async function start(seconds = 20, more = {}) {
  const [prometheus, dashboards] = [await freePort(), await freePort()];
  const quiet = { ONESHOT: '', REPLAY: '', REPLICAS: '', SPANS: '', KEPT: '' };
  const child = spawn(`${root}target/debug/demo`, { env: { ...process.env, ...quiet, ...more, PROMETHEUS_PORT: prometheus, DASHBOARDS_PORT: dashboards }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => said.push(line));
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await ended;
  };
  const alive = () => {
    if (child.exitCode !== null) throw new Error(`the demo ended with ${child.exitCode}:\n${said.join('\n')}`);
  };
  try {
    const line = await until('the dashboards\' address', START, async () => {
      alive();
      return said.find((line) => line.includes('demo: dashboards'));
    });
    const url = line.match(/http:\S+\//)?.[0];
    if (!url) throw new Error(line);
    const api = `http://127.0.0.1:${prometheus}`;
    const recorded = `min(count_over_time(model:vllm_e2e_request_latency_seconds:p99[1h])) * 2 >= ${seconds}`;
    await until('recorded series', DATA + seconds * 1000, () => query(api, recorded), (found) => found.length > 0);
    // Objectives are recorded once a minute.
    const objectives = 'count(count by (slo) (model:vllm_slo:error_ratio)) >= 4 and on () model:vllm_requests_aborted:ratio';
    await until('recorded objectives', DATA + 60_000, () => query(api, objectives), (found) => found.length > 0);
    return { url, prometheus: api, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
