// A dashboard's JSON as a scene, as the application makes it.
import { GrafanaTheme2 } from '@grafana/data';
import {
  AdHocFiltersVariable, DataSourceVariable, EmbeddedScene, QueryVariable, SceneControlsSpacer, SceneDataLayerControls, SceneDataLayerSet, SceneDataTransformer, SceneGridItem, SceneGridLayout, SceneGridRow,
  SceneQueryRunner, SceneRefreshPicker, SceneTimePicker, SceneTimeRange, SceneVariableSet, VariableValueSelectors, VizPanel, behaviors, dataLayers, SceneObjectBase, sceneGraph, SceneComponentProps,
} from '@grafana/scenes';
import { Dropdown, Icon, LinkButton, Menu, ToolbarButton } from '@grafana/ui';
import React from 'react';

/** Links by tag, as the application shows them: one button each, or one list. */
class Links extends SceneObjectBase<any> {
  static Component = ({ model }: SceneComponentProps<Links>) => {
    const { links, boards } = model.useState();
    return (
      <>
        {links.map((link: any) => {
          const menu = <Menu>{boards.map((board: any) => <Menu.Item key={board.uid} label={board.title} url={`/d/${board.uid}`} />)}</Menu>;
          if (link.asDropdown) return <Dropdown key={link.title} overlay={menu}><ToolbarButton icon="bars" variant="canvas" isOpen={false}>{link.title}</ToolbarButton></Dropdown>;
          return boards.map((board: any) => <LinkButton key={board.uid} icon="apps" variant="secondary" fill="outline" href={`/d/${board.uid}`}>{board.title}</LinkButton>);
        })}
      </>
    );
  };
}

function variable(of: any) {
  const common = { name: of.name, label: of.label, hide: of.hide };
  if (of.type === 'datasource') return new DataSourceVariable({ ...common, pluginId: of.query, value: 'prometheus', text: 'Prometheus' });
  if (of.type !== 'query') throw new Error(`variable ${of.name}: ${of.type} is not known here`);
  return new QueryVariable({
    ...common, datasource: of.datasource, query: of.query, sort: of.sort, refresh: of.refresh, regex: of.regex, isMulti: of.multi, includeAll: of.includeAll, allValue: of.allValue, allowCustomValue: false,
    value: of.current?.value ?? '', text: of.current?.text ?? '', defaultToAll: Boolean(of.includeAll),
  } as any);
}

function panel(of: any) {
  const query = new SceneQueryRunner({ datasource: of.datasource, queries: of.targets ?? [], maxDataPoints: 500 });
  const data = of.targets && (of.transformations?.length ? new SceneDataTransformer({ $data: query, transformations: of.transformations }) : query);
  return new SceneGridItem({
    x: of.gridPos.x, y: of.gridPos.y, width: of.gridPos.w, height: of.gridPos.h, isResizable: false, isDraggable: false,
    body: new VizPanel({
      title: of.title, description: of.description, pluginId: of.type, options: of.options, fieldConfig: of.fieldConfig, $data: data || undefined, key: `panel-${of.id}`,
      titleItems: of.links?.length ? <span data-panel-links={JSON.stringify(of.links)} style={{ padding: '0 8px' }}><Icon name={of.links.length > 1 ? 'link' : 'external-link-alt'} /></span> : undefined,
    }),
  });
}

export function scene(board: any, boards: any[], { from, to, open }: { from: string; to: string; open: boolean }) {
  const children: (SceneGridRow | SceneGridItem)[] = [];
  let row: SceneGridRow | undefined;
  for (const of of board.panels) {
    if (of.type === 'row') {
      row = new SceneGridRow({ title: of.title, y: of.gridPos.y, isCollapsed: of.collapsed && !open, isCollapsible: true, children: (of.panels ?? []).map(panel) });
      children.push(row);
    } else if (row) row.setState({ children: [...row.state.children, panel(of)] });
    else children.push(panel(of));
  }
  const layers = board.annotations.list.map((of: any) => new dataLayers.AnnotationsDataLayer({ key: `annotations-${of.name}`, name: of.name, isEnabled: of.enable, isHidden: of.hide, query: of }));
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from, to }),
    $variables: new SceneVariableSet({ variables: board.templating.list.map(variable) }),
    $data: new SceneDataLayerSet({ layers }),
    $behaviors: [new behaviors.CursorSync({ sync: board.graphTooltip })],
    controls: [new VariableValueSelectors({}), new SceneDataLayerControls(), new SceneControlsSpacer(), new Links({ links: board.links, boards }) as any, new SceneTimePicker({ isOnCanvas: true }), new SceneRefreshPicker({ isOnCanvas: true, intervals: ['30s'], refresh: '' })],
    body: new SceneGridLayout({ isLazy: false, children }),
  });
}
