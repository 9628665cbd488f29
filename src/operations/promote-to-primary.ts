// promote-to-primary: switchover within the cluster, with force=true recovery from a lost quorum or outage; or of the whole cluster.
import { type ActionContext, OperatorError } from "../../lib/index.ts";
import { viewLocal } from "../cluster/domain.ts";
import { surveyCluster } from "../cluster/survey.ts";
import { commands } from "../mysql/commands.ts";
import { livePrimary } from "../mysql/group.ts";
import type { ShellCommand } from "../mysql/ports.ts";
import type { ServerView } from "../mysql/topology.ts";
import { runPass } from "../pass.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { askOthers, withNewest } from "../replication/set-copies.ts";
import { promoteToPrimarySchema } from "../wire/actions.ts";
import { memberHost } from "../workload/domain.ts";
import { promoteOwnCluster } from "./promote.ts";
import { type PromotionFacts, type PromotionPlan, planPromotion } from "./unit-promotion.ts";

/** An operator waits for it: a restart that takes longer goes on, and the status shows how. */
const RESTART_SECONDS = 600;

export async function promoteToPrimary(ports: Ports, action: ActionContext): Promise<void> {
  const { scope, force } = await action.params("promote-to-primary", promoteToPrimarySchema);
  if (scope === "cluster") return await promoteOwnCluster(ports, action, force);
  const host = await memberHost(ports);
  const before = await viewLocal(ports);
  const plan = planPromotion(await look(ports, before, host, force));
  if (plan.kind === "refuse") throw new OperatorError(`Not promoted: ${plan.why}. Nothing was changed.`);
  await carryOut(ports, action, plan, host);
  await requirePrimary(ports);
  await runPass(ports, "other");
  tell(ports, action, plan, before);
}

async function look(
  ports: Ports,
  view: ServerView | "unknown",
  host: string,
  force: boolean,
): Promise<PromotionFacts> {
  const { unit } = ports.model.context;
  const cluster = await surveyCluster(ports);
  if (view === "unknown") return { unit, force, own: "silent", standing: "member", cluster };
  const { standing } = withNewest(view, await askOthers(ports, view));
  if (view.metadata === "absent") return { unit, force, own: "absent", standing, cluster };
  const { state, role } = view.member;
  return {
    unit,
    force,
    own: { host, online: state === "ONLINE", primary: role === "PRIMARY" },
    standing,
    cluster,
  };
}

async function carryOut(
  ports: Ports,
  action: ActionContext,
  plan: Exclude<PromotionPlan, { readonly kind: "refuse" }>,
  host: string,
): Promise<void> {
  switch (plan.kind) {
    case "done":
      return;
    case "switch-over":
      return await run(ports, host, commands.setPrimaryInstance(host));
    case "force-quorum":
      await action.log(`Going on without ${plan.lost.join(", ")}`);
      await run(ports, host, commands.forceQuorum(host));
      // Alone it leads already, and AdminAPI hands nothing over in a cluster whose writes are stopped.
      if (!(await isPrimary(ports))) await run(ports, host, commands.setPrimaryInstance(host));
      return;
    case "restart": {
      const command = commands.reboot(plan.clusterName, host, true);
      await action.log(`Starting cluster ${plan.clusterName} again from this unit`);
      return await run(ports, host, { ...command, deadlineSeconds: RESTART_SECONDS });
    }
  }
}

async function run(ports: Ports, host: string, command: ShellCommand): Promise<void> {
  try {
    await ports.shell.run(host, command);
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    throw new OperatorError(`Not promoted: ${error.message}. See get-cluster-status, then try again.`);
  }
}

async function isPrimary(ports: Ports): Promise<boolean> {
  const view = await viewLocal(ports);
  return view !== "unknown" && livePrimary(view)?.uuid === view.server.uuid;
}

async function requirePrimary(ports: Ports): Promise<void> {
  if (await isPrimary(ports)) return;
  throw new OperatorError(
    "MySQL Shell reported success, but this unit is not the primary of its cluster; see get-cluster-status.",
  );
}

function tell(
  ports: Ports,
  action: ActionContext,
  plan: PromotionPlan,
  before: ServerView | "unknown",
): void {
  const { unit } = ports.model.context;
  const lost = plan.kind === "force-quorum" || plan.kind === "restart" ? plan.lost : [];
  const previous = before === "unknown" ? undefined : livePrimary(before)?.host;
  const document = { primary: unit, "previous-primary": previous ?? "", "without-members": lost.join(",") };
  action.setResults({
    message:
      plan.kind === "done" ? `${unit} already is the primary` : `${unit} is the primary of its cluster`,
    ...document,
    json: JSON.stringify(document),
  });
}
