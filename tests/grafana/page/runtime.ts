// What a Grafana would set up before a dashboard is drawn.
import {
  DataSourceApi, FieldConfigPropertyItem, LoadingState, booleanOverrideProcessor, createTheme, dataLinksOverrideProcessor, displayNameOverrideProcessor, identityOverrideProcessor,
  numberOverrideProcessor, standardEditorsRegistry, standardFieldConfigEditorRegistry, standardTransformers, standardTransformersRegistry, stringOverrideProcessor, thresholdsOverrideProcessor, unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';
import { config, setDataSourceSrv, setPluginImportUtils, setRunRequest, setTemplateSrv } from '@grafana/runtime';
import { runtimeDataSources } from './sources';
import { catchError, map, of } from 'rxjs';

/** A property of fields that an override may set. */
export const property = (id: string, process: any = identityOverrideProcessor, path = id, custom = false): FieldConfigPropertyItem => ({
  id: custom ? `custom.${id}` : id, path, name: id, isCustom: custom, override: (() => null) as any, editor: (() => null) as any, process, shouldApply: () => true, settings: {},
});

export function prepare(mode: 'dark' | 'light') {
  config.theme2 = createTheme({ colors: { mode } });
  (config as any).theme = config.theme2.v1;
  (config.bootData as any) = { ...(config.bootData ?? {}), settings: {}, user: { locale: 'en-US', timezone: 'browser', theme: mode, orgRole: 'Viewer' }, navTree: [] };
  standardEditorsRegistry.setInit(() => []);
  standardFieldConfigEditorRegistry.setInit(() => [
    property('displayName', displayNameOverrideProcessor), property('description', stringOverrideProcessor), property('unit', unitOverrideProcessor), property('min', numberOverrideProcessor),
    property('max', numberOverrideProcessor), property('decimals', numberOverrideProcessor), property('noValue', stringOverrideProcessor), property('color'), property('links', dataLinksOverrideProcessor),
    property('mappings', valueMappingsOverrideProcessor), property('thresholds', thresholdsOverrideProcessor), property('filterable', booleanOverrideProcessor), property('fieldMinMax', booleanOverrideProcessor),
  ]);
  // One is listed under two names.
  const transformers = [...new Map(Object.values(standardTransformers).map((one: any) => [one.id, one])).values()];
  standardTransformersRegistry.setInit(() => transformers.map((transformation: any) => ({ id: transformation.id, name: transformation.name, transformation: async () => transformation, editor: null as any, description: '', imageDark: '', imageLight: '' }) as any));
  setPluginImportUtils({ importPanelPlugin: async () => { throw new Error('an unknown panel'); }, getPanelPluginFromCache: () => undefined } as any);
  const one = () => [...runtimeDataSources.values()][0];
  setDataSourceSrv({ get: async () => one(), getInstanceSettings: () => one().instanceSettings, getList: () => [...runtimeDataSources.values()].map((source: any) => source.instanceSettings), reload: () => {}, registerRuntimeDataSource: () => {} } as any);
  setTemplateSrv({ getVariables: () => [], replace: (text: any) => text ?? '', containsTemplate: () => false, updateTimeRange: () => {} } as any);
  setRunRequest(((source: DataSourceApi, request: any) =>
    (source.query(request) as any).pipe(
      map((answer: any) => ({ state: LoadingState.Done, series: answer.data, timeRange: request.range, request })),
      catchError((error) => of({ state: LoadingState.Error, series: [], timeRange: request.range, request, error: { message: String(error.message ?? error) }, errors: [{ message: String(error.message ?? error) }] })),
    )) as any);
}
