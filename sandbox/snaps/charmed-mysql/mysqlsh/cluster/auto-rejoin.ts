// A server that tries by itself to come into its group: nothing can be set on it meanwhile, so that is ended first.
import type { Handle } from "../handle.ts";
import { ownState, readGroup } from "../primitives/group.ts";
import type { Instance } from "../session.ts";

/** Tells of a server that must be stopped first; answers whether it is one. */
export async function tellAutoRejoin({ shell }: Pick<Handle, "shell">, target: Instance): Promise<boolean> {
  if (!(await isAutoRejoining(target))) return false;
  shell.output.note(
    `The instance '${target.address}' is running auto-rejoin process, which will be cancelled.`,
  );
  shell.output.info();
  return true;
}

/** True while the server tries by itself to come back into its group: after an expulsion, or since its start. */
async function isAutoRejoining(target: Instance): Promise<boolean> {
  const threads = await target.value(
    `SELECT COUNT(*) FROM performance_schema.threads
     WHERE name IN ('thread/group_rpl/THD_autorejoin', 'thread/group_rpl/THD_delayed_initialization')`,
  );
  return Number(threads) > 0 && ownState(await readGroup(target), target.uuid) !== "ONLINE";
}
