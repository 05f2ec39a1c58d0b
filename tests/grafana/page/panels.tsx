// Panels of Grafana's own components, with the thin wrapper that the application has around them.
import { DataFrame, FieldType, PanelPlugin, PanelProps, VizOrientation, cacheFieldDisplayNames, formattedValueToString, getDisplayProcessor, getFieldDisplayName, getFieldDisplayValues, renderMarkdown, useDataLinksContext } from '@grafana/data';
import { GraphFieldConfig, TooltipDisplayMode } from '@grafana/schema';
import { sceneUtils } from '@grafana/scenes';
import { BigValue, TimeSeries, TooltipPlugin2, VizRepeater, VizTooltipContent, VizTooltipHeader, VizTooltipWrapper, useTheme2 } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import React from 'react';
import { getFieldDisplayItems } from '../node_modules/@grafana/ui/dist/esm/components/VizTooltip/utils.mjs';
import { property } from './runtime';

const Empty = ({ text }: { text?: string }) => (
  <div data-empty style={{ display: 'flex', alignItems: 'center', justifyContent: 'center', height: '100%', textAlign: 'center', fontSize: 18, opacity: 0.65, padding: 8 }}>{text ?? 'No data'}</div>
);

/** As the application prepares frames: without values that are not numbers, spread between missing ones left out. */
const graphable = (series: DataFrame[]) => series.filter((frame) => frame.fields.some((field) => field.type === FieldType.time) && frame.fields.some((field) => field.type === FieldType.number));

function Lines({ data, width, height, options, timeRange, timeZone, fieldConfig }: PanelProps<any>) {
  const frames = React.useMemo(() => {
    const found = graphable(data.series);
    found.forEach((frame) => frame.fields.forEach((field) => getFieldDisplayName(field, frame, found)));
    return found;
  }, [data.series]);
  const regions = (data.annotations ?? []).flatMap((frame) => {
    const of = (name: string) => frame.fields.find((field) => field.name === name)?.values ?? [];
    return [...of('time')].map((time, i) => ({ time, timeEnd: of('timeEnd')[i], color: of('color')[i], isRegion: of('isRegion')[i], title: of('title')[i] }));
  });
  if (!frames.length) return <Empty text={fieldConfig.defaults.noValue} />;
  return (
    <div data-annotations={JSON.stringify(regions)} data-series={JSON.stringify(frames.map((frame) => frame.fields.filter((field) => field.type === FieldType.number).map((field) => describe(field, frame, frames))).flat())}>
      <TimeSeries frames={frames} structureRev={data.structureRev} timeRange={timeRange} timeZone={timeZone} width={width} height={height} legend={options.legend} options={options}>
        {(config, aligned) => (
          <TooltipPlugin2
            config={seen(config)} hoverMode={1 as any} syncMode={0} maxWidth={options.tooltip.maxWidth}
            render={(_u, dataIdxs, seriesIdx) => {
              const items = getFieldDisplayItems(aligned.fields, aligned.fields[0], dataIdxs, seriesIdx, TooltipDisplayMode.Multi, options.tooltip.sort, (field: any) => field.type === FieldType.number, options.tooltip.hideZeros);
              const at = aligned.fields[0].values[dataIdxs[0] ?? 0];
              return <VizTooltipWrapper><VizTooltipHeader item={{ label: '', value: new Date(at).toISOString() }} isPinned={false} /><VizTooltipContent items={items} isPinned={false} /></VizTooltipWrapper>;
            }}
          />
        )}
      </TimeSeries>
    </div>
  );
}

const told = new WeakSet();
/** Notes what the left axis says when it is drawn: its ticks, and where it ends. */
function seen(config: any) {
  if (!told.has(config)) {
    told.add(config);
    config.addHook('draw', (u: any) => {
      const axis = u.axes[1];
      const at = u.root.closest('[data-series]');
      if (!axis || !at) return;
      at.setAttribute('data-ticks', JSON.stringify((axis._values ?? []).filter(Boolean)));
      at.setAttribute('data-scale', JSON.stringify([u.scales[axis.scale].min, u.scales[axis.scale].max]));
    });
  }
  return config;
}

/** Name, colour and stroke of a line as it is drawn. */
function describe(field: any, frame: DataFrame, frames: DataFrame[]) {
  const last = [...field.values].reverse().find((value: any) => value !== null);
  return { name: getFieldDisplayName(field, frame, frames), color: field.display?.(last)?.color, style: field.config.custom?.lineStyle, labels: field.labels, refId: frame.refId, legend: !field.config.custom?.hideFrom?.legend };
}

function Stat({ data, width, height, options, fieldConfig, replaceVariables, timeZone, renderCounter }: PanelProps<any>) {
  const theme = useTheme2();
  const values = () => getFieldDisplayValues({ fieldConfig, reduceOptions: options.reduceOptions, replaceVariables, theme, data: data.series, sparkline: options.graphMode !== 'none', timeZone });
  return (
    <div data-stats={JSON.stringify(values().map(({ display }) => ({ title: display.title, text: formattedValueToString(display), color: display.color })))}>
      <VizRepeater
        getValues={values} width={width} height={height} source={data} renderCounter={renderCounter} autoGrid orientation={options.orientation as VizOrientation}
        renderValue={({ value, width, height, count }: any) => (
          <BigValue value={value.display} count={count} sparkline={options.graphMode === 'none' ? undefined : value.sparkline} colorMode={options.colorMode} graphMode={options.graphMode} justifyMode={options.justifyMode}
            textMode={options.textMode} wideLayout={options.wideLayout} width={width} height={height} theme={theme} text={options.text} />
        )}
      />
    </div>
  );
}

function Rows({ data, width, height, options, fieldConfig, timeRange }: PanelProps<any>) {
  const frame = data.series[0];
  if (!frame || !frame.length) return <Empty text={fieldConfig.defaults.noValue} />;
  cacheFieldDisplayNames(data.series);
  return <TableNG data={frame} width={width} height={height} fieldConfig={fieldConfig as any} showTypeIcons={false} noHeader={!options.showHeader} sortBy={options.sortBy} cellHeight={options.cellHeight} structureRev={data.structureRev} timeRange={timeRange} sortByBehavior={'initial' as any} enableSharedCrosshair={false} getActions={() => []} />;
}

/** The application's heatmap is no package: its buckets over time as coloured cells, to see that there are some. */
function Heatmap({ data, width, height, fieldConfig }: PanelProps<any>) {
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const frame = data.series[0];
  React.useEffect(() => {
    const at = canvas.current?.getContext('2d');
    if (!at || !frame) return;
    const rows = frame.fields.slice(1);
    const most = Math.max(...rows.flatMap((row) => [...row.values].map(Number)));
    rows.forEach((row, y) => [...row.values].forEach((value, x) => {
      at.fillStyle = `hsl(210 60% ${20 + 60 * (Number(value) / (most || 1))}%)`;
      at.fillRect((x * width) / frame.length, height - ((y + 1) * height) / rows.length, width / frame.length, height / rows.length - 1);
    }));
  });
  return frame ? <canvas ref={canvas} width={width} height={height} data-buckets={frame.fields.length - 1} /> : <Empty text={fieldConfig.defaults.noValue} />;
}

const Words = ({ options }: PanelProps<any>) => <div className="markdown-html" dangerouslySetInnerHTML={{ __html: renderMarkdown(options.content) }} />;

const CUSTOM = ['drawStyle', 'lineInterpolation', 'lineWidth', 'lineStyle', 'fillOpacity', 'showPoints', 'spanNulls', 'stacking', 'hideFrom', 'axisPlacement', 'axisSoftMin', 'axisSoftMax', 'axisLabel', 'axisColorMode', 'axisBorderShow', 'scaleDistribution', 'thresholdsStyle', 'pointSize', 'barAlignment', 'gradientMode', 'axisCenteredZero', 'insertNulls', 'axisGridShow', 'axisWidth', 'transform', 'fillBelowTo'];
const CELLS = ['width', 'minWidth', 'align', 'cellOptions', 'hidden', 'hideFrom', 'inspect', 'filterable', 'displayMode', 'wrapText', 'wrapHeaderText', 'footer'];

function plugin(view: any, custom: string[]) {
  const made = new PanelPlugin<any, GraphFieldConfig>(view);
  made.useFieldConfig({
    useCustomConfig: (builder) => custom.forEach((id) => builder.addCustomEditor(property(id, undefined, id, true) as any && ({ ...property(id), id, path: id, category: [] } as any))),
  });
  return made;
}

export function register() {
  const all: [string, any, string[]][] = [['timeseries', Lines, CUSTOM], ['stat', Stat, []], ['table', Rows, CELLS], ['heatmap', Heatmap, []], ['text', Words, []]];
  for (const [pluginId, view, custom] of all) sceneUtils.registerRuntimePanelPlugin({ pluginId, plugin: plugin(view, custom) });
}
