// What has no data over the demo, for the fleet does not have the feature or nothing exports it: rows and panels
// by dashboard.
const NOT_SIMULATED = ['GPUs (DCGM exporter)', 'Speculative decoding', 'KV transfer and offload'];
const EMPTY = {
  fleet: NOT_SIMULATED,
  capacity: [...NOT_SIMULATED, 'GPUs', 'Tokens generated per GPU'], // of DCGM
  'slow-requests': ["How full are the exporters' queues?"], // the demo's exporter writes a file and has none
  replica: ['Restarts'], // of kube-state-metrics
};

/** Whether a panel must be empty. */
export const empty = (dashboard, { row, title }) => (EMPTY[dashboard] ?? []).some((name) => name === row || name === title);
