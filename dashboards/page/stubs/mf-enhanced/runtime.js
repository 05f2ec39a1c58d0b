// Perses imports this to load plugins from other servers; ours are all in the build.
export function createInstance() {
  throw new Error('plugins from other servers are not part of this page');
}
