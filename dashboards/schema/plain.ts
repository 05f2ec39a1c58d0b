// Grafana's types with enums as the texts and numbers that stand in JSON.
import type { AnnotationQuery, Dashboard as Typed, Panel, RowPanel, TableFieldOptions } from '@grafana/schema';
import type { Options as Stat } from 'raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  FieldConfig as LineFields,
  Options as Lines,
} from 'raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type { Options as Heatmap } from 'raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type { Options as Table } from 'raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';

type Plain<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends (infer U)[]
      ? Plain<U>[]
      : T extends object
        ? { [K in keyof T]: Plain<T[K]> }
        : T;

type Config<F> = Omit<Plain<NonNullable<Panel['fieldConfig']>>, 'defaults'> & {
  defaults: Omit<Plain<NonNullable<Panel['fieldConfig']>['defaults']>, 'custom'> & { custom?: Plain<F> };
};
type Of<T extends string, O, F = never> = Omit<Plain<Panel>, 'type' | 'options' | 'fieldConfig'> & {
  type: T;
  options: Plain<Partial<O>>;
  fieldConfig: Config<F>;
};
type Drawn =
  | Of<'stat', Stat>
  | Of<'timeseries', Lines, LineFields>
  | Of<'heatmap', Heatmap>
  | Of<'table', Table, Partial<TableFieldOptions>>;
type Row = Omit<Plain<RowPanel>, 'panels'> & { panels: Drawn[] };

// What the Prometheus data source adds to an annotation has no type there.
type Mark = Plain<AnnotationQuery> & {
  expr: string;
  step: string;
  titleFormat: string;
  textFormat: string;
  tagKeys: string;
  useValueForTime: boolean;
};

export type Dashboard = Omit<Plain<Typed>, 'panels' | 'annotations'> & {
  panels: (Drawn | Row)[];
  annotations: { list: Mark[] };
};
