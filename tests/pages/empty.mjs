// What has no data over the simulated fleet, for the fleet does not have the feature: rows by dashboard.
const ROWS = {
  fleet: [/GPU|DCGM/i, /Speculative/i, /KV transfer|offload/i],
};

/** Whether a panel must be empty. */
export const empty = (dashboard, panel) => (ROWS[dashboard] ?? []).some((row) => row.test(panel.row));
