// How a member gets what it lacks when it comes into its group.
import { catchUp } from "./data.ts";
import { groupOf, leave, primaryOf } from "./groups.ts";
import { isSubset } from "./gtid.ts";
import type { MysqlState, Server } from "./state.ts";

/** Ends the recovery of a member. A member that cannot get or apply what it lacks leaves. */
export function recover(state: MysqlState, server: Server): void {
  const group = groupOf(state, server);
  const primary = group === undefined ? undefined : primaryOf(state, group);
  if (group === undefined) return;
  // Nobody is left to recover from.
  if (primary === undefined) {
    leave(state, server, "ERROR");
    return;
  }
  const possible = isSubset(primary.purged, server.data.executed) && server.data.gaps === undefined;
  if (!possible && !isSubset(primary.data.executed, server.data.executed)) {
    leave(state, server, "ERROR");
    return;
  }
  catchUp(server, primary);
  group.members[server.host] = "ONLINE";
}
