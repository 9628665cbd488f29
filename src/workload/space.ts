// The room that is left for data: seen before writes stop.
import type { Outcome } from "../../lib/index.ts";
import { paths } from "../machine/paths.ts";
import type { Ports } from "../ports.ts";
import { statuses } from "../statuses.ts";

const MB = 10 ** 6;
/** mysqld needs some for temporary tables, binary logs and the redo log, whose size it may change. */
const LEAST_MB = 200;

/** Nothing is done about it; the status tells. Writes wait while there is no space, and go on when there is. */
export async function spaceOutcome({ files }: Ports): Promise<Outcome> {
  const megabytes = Math.floor((await files.freeBytes(paths.dataDir)) / MB);
  const full = {
    kind: "settled",
    row: "space is short",
    status: statuses.diskFull(megabytes),
    steps: [],
  } as const;
  return megabytes < LEAST_MB ? full : { kind: "settled", row: "space is left", steps: [] };
}
