// Small tables of the demo: the ClusterSet's state, and the rows on each server. Pure.
import type { StatusJson } from "../../sandbox/client.ts";
import type { Count } from "./client.ts";
import { type SetState, type Site, unitsOf } from "./deployment.ts";

/** What `juju status` shows of an application, in the columns that matter here. */
export function statusTable(status: StatusJson, { model, app }: Site): string {
  const own = status.applications[app]?.["application-status"];
  const head = `${app} in model ${model}: ${own?.current ?? "unknown"} ${own?.message ?? ""}`.trimEnd();
  const lines = unitsOf(status, app).map(([name, unit]) => {
    const { current, message = "" } = unit["workload-status"];
    const cells = [
      `${name}${unit.leader === true ? "*" : ""}`.padEnd(8),
      current.padEnd(11),
      unit["public-address"].padEnd(11),
      message,
    ];
    return `  ${cells.join(" ")}`.trimEnd();
  });
  return [head, ...lines].join("\n");
}

/** A ClusterSet with its clusters, one a line. */
export function setTable(name: string, { status, primaryCluster, clusters }: SetState): string {
  const primaryFirst = Object.entries(clusters).sort(([a], [b]) =>
    a === primaryCluster ? -1 : b === primaryCluster ? 1 : a.localeCompare(b),
  );
  const lines = primaryFirst.map(
    ([cluster, one]) => `  ${cluster.padEnd(10)} ${one.role.padEnd(9)} ${one.status}`,
  );
  return [`ClusterSet ${name}: ${status}, primary cluster ${primaryCluster}`, ...lines].join("\n");
}

/** How many rows each server has, a line per model. `names` maps an address to its model and unit. */
export function rowsOf(
  counts: readonly Count[],
  names: ReadonlyMap<string, readonly [model: string, unit: string]>,
  acknowledged: number,
): string {
  const lines = new Map<string, string[]>();
  for (const { address, rows, error } of counts) {
    const [model, unit] = names.get(address) ?? ["", address];
    const cells = lines.get(model) ?? [];
    cells.push(`${unit} ${error ?? rows}`.padEnd(18));
    lines.set(model, cells);
  }
  const shown = [...lines].map(([model, cells]) => `  ${model.padEnd(10)} ${cells.join("").trimEnd()}`);
  return [`Rows on each server (${acknowledged} acknowledged a moment before)`, ...shown].join("\n");
}
