// The statuses a unit or an application can show, and which of several wins.

export type StatusKind = "active" | "waiting" | "maintenance" | "blocked";

/** What `juju status` shows. `error` and `unknown` belong to Juju and cannot be set. */
export interface Status {
  readonly kind: StatusKind;
  readonly message: string;
}

const severity: Readonly<Record<StatusKind, number>> = { active: 0, waiting: 1, maintenance: 2, blocked: 3 };

/** The status that most needs attention; the first among equals; undefined when there is none. */
export function worst(statuses: readonly Status[]): Status | undefined {
  let found: Status | undefined;
  for (const status of statuses) {
    if (found === undefined || severity[status.kind] > severity[found.kind]) found = status;
  }
  return found;
}

/** Whether both show the same to an operator. */
export function sameStatus(one: Status | undefined, other: Status | undefined): boolean {
  return one !== undefined && other !== undefined && one.kind === other.kind && one.message === other.message;
}
