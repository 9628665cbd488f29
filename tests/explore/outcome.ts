// What a story comes to, as people see it: statuses, who is a member of what, in which role, and the clients' rows.
import { writersOf } from "./ledger.ts";
import { rowsOn, setOf } from "./mysql/facts.ts";
import { type ExploreState, hostOf } from "./state.ts";

/** One text for each outcome; how it was come to does not show. */
export function outcomeOf(state: ExploreState): string {
  const { juju, mysql } = state;
  const writers = writersOf(state);
  const told = Object.values(juju.models).map((model) => ({
    name: model.name,
    status: Object.values(model.applications).map(({ status }) => [status?.status, status?.message]),
    // Which unit leads is Juju's to say, and which member is the primary is MySQL's.
    units: Object.values(model.units).map(({ name, workload, machine }) => {
      const host = hostOf(model, machine);
      const set = setOf(mysql, host);
      return [name, workload.status, rowsOn(mysql, host).toSorted(), set?.domain, set?.cluster, set?.role];
    }),
    writers: Object.values(model.units).filter(({ machine }) => writers.includes(hostOf(model, machine)))
      .length,
    relations: Object.values(model.relations).map(({ key }) => key),
  }));
  return JSON.stringify(told);
}
