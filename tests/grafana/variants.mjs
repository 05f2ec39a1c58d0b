// Other fleets than the demo's, made out of its Prometheus' answers: more models, long names, everything slow,
// nothing at all.

/** Names as people serve them: with slashes, long, alike, and with letters that a regular expression reads. */
export const MODELS = [
  'deepseek-ai/DeepSeek-V3.2-Exp', 'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8', 'Qwen/Qwen3-235B-A22B-Instruct-2507', 'Qwen/Qwen3-235B-A22B-Thinking-2507',
  'mistralai/Mistral-Large-3-675B-Instruct-2512', 'openai/gpt-oss-120b', 'google/gemma-3-27b-it', 'nvidia/Llama-3_3-Nemotron-Super-49B-v1_5',
  'moonshotai/Kimi-K2-Instruct-0905', 'zai-org/GLM-4.6', 'c++/model (v2)', 'm',
];

const OF_DEMO = 'qwen3-235b';

/** The demo's large model as each of `models`, each `worse` times as slow as the one before. */
export const widened = (prometheus, models, worse = 1) => async (path, parameters) => {
  // What a query asks for is its first metric.
  const grows = /^[^{]*_seconds/.test(parameters.get('query') ?? '') ? worse : 1;
  const body = await (await fetch(`${prometheus}${path}?${parameters}`)).json();
  if (body.status !== 'success') return JSON.stringify(body);
  const rename = (metric, model) => Object.fromEntries(Object.entries(metric).map(([key, value]) => [key, key === 'pod' ? value.replace(OF_DEMO, podOf(model)) : value.replace(OF_DEMO, model)]));
  if (Array.isArray(body.data)) body.data = body.data.flatMap((metric) => models.map((model) => rename(metric, model)));
  else {
    const scaled = (value, by) => (Number.isFinite(Number(value)) ? String(Number(value) * by) : value);
    body.data.result = body.data.result.flatMap((series) =>
      Object.values(series.metric).some((value) => value.includes(OF_DEMO))
        ? models.map((model, at) => ({
            metric: rename(series.metric, model),
            ...(series.value && { value: [series.value[0], scaled(series.value[1], grows ** at)] }),
            ...(series.values && { values: series.values.map(([time, value]) => [time, scaled(value, grows ** at)]) }),
          }))
        : series.metric.model_name ? [] : [series]);
  }
  return JSON.stringify(body);
};

/** As Kubernetes names the pods of a Deployment. */
const podOf = (model) => `vllm-${model.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-7d9f8b6c5-x2`;

/** A Prometheus without a series. */
export const nothing = (path) => JSON.stringify({ status: 'success', data: path.endsWith('/series') ? [] : { resultType: path.endsWith('/query') ? 'vector' : 'matrix', result: [] } });
