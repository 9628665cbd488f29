// Statuses as they change: what is shown now, and the past of it. Changes the records in place.
import type { Application, MachineRecord, StatusInfo, StatusRecord, Unit } from "./model.ts";

/** How many past statuses of a unit, an application or a machine are kept. */
const KEPT = 200;

/** Sets what a unit's charm (or Juju in its place) says of the workload. */
export function setWorkload(unit: Unit, info: StatusInfo): void {
  remember(unit.history, "workload", unit.workload, info);
  unit.workload = info;
}

/** Sets what a unit's agent is doing. */
export function setAgent(unit: Unit, info: StatusInfo): void {
  remember(unit.history, "juju-unit", unit.agent, info);
  unit.agent = info;
}

/** Sets what the leader says of the whole application. */
export function setApplication(application: Application, info: StatusInfo): void {
  remember(application.history, "application", application.status, info);
  application.status = info;
}

/** Sets the state of a machine. */
export function setMachine(
  record: MachineRecord,
  info: Pick<MachineRecord, "status" | "message" | "since">,
): void {
  remember(record.history, "juju-machine", record, info);
  Object.assign(record, info);
}

/** The same words again are no news. */
function remember(
  history: StatusRecord[],
  kind: StatusRecord["kind"],
  before: StatusInfo | null,
  { status, message, since }: StatusInfo,
): void {
  if (before?.status === status && before.message === message) return;
  history.push({ kind, status, message, since });
  if (history.length > KEPT) history.splice(0, history.length - KEPT);
}
