// pre-upgrade-check: whether a refresh of the application can go on without a stop. It only looks.
import { type ActionContext, OperatorError } from "../../lib/index.ts";
import { worksOnMysql } from "../jobs.ts";
import type { ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { primaryHost, viewPrimary } from "../replication/local-cluster.ts";
import { missingMembers } from "../rollout/turn.ts";
import { preUpgradeCheckSchema } from "../wire/actions.ts";

/** On any unit. Fails with everything that stands in the way. */
export async function preUpgradeCheck(ports: Ports, action: ActionContext): Promise<void> {
  await action.params("pre-upgrade-check", preUpgradeCheckSchema);
  const view = await viewPrimary(ports);
  if (view === "unknown" || view.metadata === "absent") {
    throw new OperatorError(
      "The cluster has no primary that this unit can ask: see get-cluster-status. A refresh would wait for one.",
    );
  }
  const obstacles = obstaclesIn(view, await ports.model.plannedUnits());
  if (await worksOnMysql(ports.jobs))
    obstacles.push("a job of this unit runs: wait until juju status shows no progress of it");
  if (obstacles.length > 0) {
    throw new OperatorError(`A refresh would wait, or stop writes: ${obstacles.join("; ")}.`);
  }
  const members = view.group.length;
  const way =
    members === 1
      ? "With one member, clients are cut off while it restarts."
      : "Members restart one after the other, the primary last, after another took over.";
  action.setResults({
    success: "True",
    members: String(members),
    version: view.member.version,
    message: `Ready. ${way}${standbyNote(view)}`,
  });
}

function obstaclesIn(view: ServerView, planned: number): string[] {
  const obstacles: string[] = [];
  const missing = missingMembers(view);
  if (missing.length > 0) obstacles.push(`${missing.join(", ")} not online`);
  const expected = Math.min(planned, 9);
  if (view.group.length < expected)
    obstacles.push(`the group has ${view.group.length} of ${expected} members`);
  if (primaryHost(view) === undefined) obstacles.push("the group has no primary");
  const versions = [...new Set(view.group.map((member) => member.version))].sort();
  if (versions.length > 1)
    obstacles.push(`members run different versions (${versions.join(", ")}): an earlier refresh is not over`);
  return obstacles;
}

/** A standby may be newer than the cluster that it follows, never older. */
function standbyNote(view: ServerView): string {
  const set = view.metadata === "absent" ? undefined : view.metadata.set;
  if (set?.role !== "PRIMARY") return "";
  const standbys = set.clusters.filter((cluster) => cluster.role === "REPLICA" && !cluster.invalidated);
  if (standbys.length === 0) return "";
  return ` Refresh the standby clusters before this one: ${standbys.map(({ name }) => name).join(", ")}.`;
}
