// A data source over Prometheus' HTTP API. It stands in for Grafana's own, which is AGPL; what it returns has
// the shape that the panels rely on: a frame a series, tables with one value column a query, classic buckets as
// a frame of ascending bounds, and firing alerts as regions.
import { DataFrame, DataQueryRequest, DataSourceApi, Field, FieldType, LoadingState, ScopedVars } from '@grafana/data';
import { sceneGraph } from '@grafana/scenes';
import { Observable, from } from 'rxjs';

type Series = { metric: Record<string, string>; values?: [number, string][]; value?: [number, string] };

async function ask(path: string, parameters: Record<string, string>): Promise<any> {
  const answer = await fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const body = await answer.json();
  if (body.status !== 'success') throw new Error(body.error ?? `${path}: ${answer.status}`);
  return body.data;
}

/** `{{label}}` of a legend. */
const named = (format: string, labels: Record<string, string>) => format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label) => labels[label] ?? '');
const ms = (range: any) => [range.from.valueOf() / 1000, range.to.valueOf() / 1000];
/** Prometheus gives at most 11,000 points; a panel draws one for each pixel. */
const step = (start: number, end: number, points: number) => Math.max(15, Math.ceil((end - start) / Math.max(1, Math.min(points, 1500)) / 15) * 15);

function lines(refId: string, legend: string, found: Series[], start: number, end: number, width: number): DataFrame[] {
  return found.map(({ metric, values }) => {
    const at = new Map((values ?? []).map(([time, value]) => [time, Number(value)]));
    const times: number[] = [];
    for (let time = start; time <= end; time += width) times.push(time);
    const of = times.map((time) => at.get(time) ?? null);
    const name = named(legend, metric);
    return {
      refId, name, length: times.length, meta: { type: 'timeseries-multi' as any },
      fields: [
        { name: 'Time', type: FieldType.time, config: { interval: width * 1000 }, values: times.map((time) => time * 1000) },
        { name: 'Value', type: FieldType.number, labels: metric, config: { displayNameFromDS: name }, values: of },
      ],
    };
  });
}

const instant = (refId: string, name: string, labels: Record<string, string>, [time, value]: [number, string]): DataFrame => ({
  refId, name, length: 1,
  fields: [
    { name: 'Time', type: FieldType.time, config: {}, values: [time * 1000] },
    { name: 'Value', type: FieldType.number, labels, config: { displayNameFromDS: name }, values: [Number(value)] },
  ],
});

function table(refId: string, found: Series[], several: boolean): DataFrame {
  const labels = [...new Set(found.flatMap(({ metric }) => Object.keys(metric)))].sort();
  const fields: Field[] = [
    { name: 'Time', type: FieldType.time, config: {}, values: found.map(({ value }) => value![0] * 1000) },
    ...labels.map((label) => ({ name: label, type: FieldType.string, config: { filterable: true }, values: found.map(({ metric }) => metric[label] ?? '') })),
    { name: several ? `Value #${refId}` : 'Value', type: FieldType.number, config: {}, values: found.map(({ value }) => Number(value![1])) },
  ];
  return { refId, fields, length: found.length, meta: { preferredVisualisationType: 'table' } };
}

/** Cumulative buckets as one frame, a field a bucket, each without those below it. */
function heatmap(refId: string, found: Series[], start: number, end: number, width: number): DataFrame[] {
  const bound = ({ metric }: Series) => (metric.le === '+Inf' ? Infinity : Number(metric.le));
  const sorted = [...found].sort((a, b) => bound(a) - bound(b));
  if (!sorted.length) return [];
  const frames = lines(refId, '{{le}}', sorted, start, end, width);
  const raw = frames.map((frame) => frame.fields[1].values as (number | null)[]);
  const fields = frames.map((frame, i) => ({
    ...frame.fields[1], name: sorted[i].metric.le, config: { displayNameFromDS: sorted[i].metric.le },
    values: raw[i].map((value, at) => (value === null || i === 0 ? value : Math.max(0, value - (raw[i - 1][at] ?? 0)))),
  }));
  return [{ refId, length: frames[0].length, meta: { type: 'heatmap-rows' as any }, fields: [frames[0].fields[0], ...fields] }];
}

/** As Grafana's Prometheus source makes annotations: samples at most a step apart are one region. */
export function regions(annotation: any, found: Series[]) {
  const out: any[] = [];
  for (const { metric, values } of found) {
    const times = (values ?? []).filter(([, value]) => Number(value) > 0).map(([time, value]) => (annotation.useValueForTime ? Math.floor(Number(value)) : time * 1000));
    const common = { title: named(annotation.titleFormat ?? '', metric), text: named(annotation.textFormat ?? '', metric), tags: (annotation.tagKeys ?? '').split(',').map((key: string) => metric[key]).filter(Boolean) };
    let open: any;
    for (const time of times) {
      if (open && open.timeEnd + 60_000 >= time) open.timeEnd = time;
      else out.push((open = { ...common, time, timeEnd: time }));
    }
  }
  return out;
}

export class Prometheus extends DataSourceApi<any> {
  readonly instanceSettings: any;
  constructor(uid: string) {
    const settings = { uid, type: 'prometheus', name: 'Prometheus', id: 1, access: 'proxy', jsonData: {}, readOnly: true, meta: { id: 'prometheus', name: 'Prometheus', info: { logos: { small: '', large: '' } } } } as any;
    super(settings);
    this.instanceSettings = settings;
  }
  // Not `this.annotations` of Grafana's source: the same outcome from the same query.
  annotations = {
    prepareAnnotation: (annotation: any) => annotation,
    prepareQuery: (annotation: any) => ({ refId: 'Anno', annotation, expr: annotation.expr, format: 'annotation' }),
    processEvents: (annotation: any, frames: DataFrame[]) => from([regions(annotation, frames.map((frame) => frame.meta?.custom as unknown as Series))]),
  } as any;
  private filled(text: string, scoped: ScopedVars | undefined) {
    const scene = (scoped as any)?.__sceneObject?.value.valueOf();
    // Several values as alternatives; a regular expression's own letters are left to the values of these tests.
    return sceneGraph.interpolate(scene, text, scoped, (value: any) => (Array.isArray(value) ? (value.length > 1 ? `(${value.join('|')})` : value[0]) : value));
  }
  private async one(target: any, request: DataQueryRequest<any>): Promise<DataFrame[]> {
    const query = this.filled(target.expr, request.scopedVars);
    let [start, end] = ms(request.range);
    if (target.instant) {
      const { result } = await ask('query', { query, time: String(end) });
      if (target.format === 'time_series') return result.map(({ metric, value }: Series) => instant(target.refId, named(target.legendFormat, metric), metric, value!));
      return result.length ? [table(target.refId, result, request.targets.length > 1)] : [];
    }
    const width = target.format === 'annotation' ? 60 : step(start, end, request.maxDataPoints ?? 500);
    start = Math.ceil(start / width) * width;
    const { result } = await ask('query_range', { query, start: String(start), end: String(end), step: String(width) });
    if (target.format === 'heatmap') return heatmap(target.refId, result, start, end, width);
    if (target.format === 'annotation') return result.map((series: Series) => ({ refId: 'Anno', fields: [], length: 0, meta: { custom: series as any } }));
    return lines(target.refId, target.legendFormat, result, start, end, width);
  }
  query(request: DataQueryRequest<any>): Observable<any> {
    return from(Promise.all(request.targets.map((target) => this.one(target, request))).then((frames) => ({ data: frames.flat(), state: LoadingState.Done })));
  }
  async metricFindQuery(query: any, options: any) {
    const text = typeof query === 'string' ? query : query.query;
    const [, series, label] = /^label_values\((.*),\s*(\w+)\)$/s.exec(text) ?? [];
    const found: Record<string, string>[] = await ask('series', { 'match[]': this.filled(series, options?.scopedVars), start: String(ms(options.range)[0]), end: String(ms(options.range)[1]) });
    return [...new Set(found.map((one) => one[label]).filter(Boolean))].sort().map((value) => ({ text: value, value }));
  }
  async testDatasource() {
    return { status: 'success', message: '' };
  }
}
