import { Prometheus } from './source';

/** By uid: the one of `${datasource}`, and those that a dashboard of traces names. */
export const runtimeDataSources = new Map([['prometheus', new Prometheus('prometheus')]]);
