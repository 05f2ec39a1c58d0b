// In place of @grafana/plugin-compat/datasources, which asks for names that one of two versions of the runtime has.
import { getDataSourceSrv } from '@grafana/runtime';

export const getDataSourceInstance = async (ref: any, scoped?: any) => getDataSourceSrv().get(ref, scoped);
export const getDataSourceInstanceSettings = async (ref: any, scoped?: any) => getDataSourceSrv().getInstanceSettings(ref, scoped);
export const getDataSourceInstanceList = async (filters?: any) => getDataSourceSrv().getList(filters);
export const getDefaultDataSourceInstanceListItem = async () => getDataSourceSrv().getList()[0];
