// Starting mysqld and waiting for it, or learning from its error log why it does not come up.
import pRetry, { AbortError } from "p-retry";
import { paths } from "../machine/paths.ts";
import { type Trouble, troubleIn } from "../mysql/error-log.ts";
import type { Ports } from "../ports.ts";
import { CannotStart, MysqlProblem } from "../problems.ts";

/** Crash recovery of a large data set can take longer: then the hook ends, and update-status looks again. */
const START_SECONDS = 60;
/** More than mysqld writes at a start. */
const TAIL_BYTES = 65_536;

/** Starts the server and waits until it takes the charm's login. Throws CannotStart with the log's reason, or MysqlProblem. */
export async function startServer(ports: Ports): Promise<void> {
  const written = await ports.files.size(paths.errorLog);
  await ports.snap.start();
  await pRetry(() => logIn(ports, written), {
    retries: Number.POSITIVE_INFINITY,
    factor: 1.3,
    minTimeout: 100,
    maxTimeout: 1_000,
    maxRetryTime: START_SECONDS * 1000,
    onFailedAttempt: ({ error }) => ports.log.debug(`mysqld is starting: ${error.message}`),
  });
}

async function logIn(ports: Ports, written: number): Promise<void> {
  try {
    await using _session = await ports.keyring.connectLocal();
  } catch (error) {
    if (!(error instanceof MysqlProblem) || error.reason !== "unreachable")
      throw new AbortError(error as Error);
    const trouble = await readTrouble(ports, written);
    throw trouble === undefined ? error : new AbortError(new CannotStart(trouble));
  }
}

/** What the error log says from a size on; of a log that was rotated since, all that is there. */
export async function readTrouble(ports: Ports, from = 0): Promise<Trouble | undefined> {
  const size = await ports.files.size(paths.errorLog);
  const fresh = size < from ? size : size - from;
  return troubleIn(await ports.files.tail(paths.errorLog, Math.min(fresh, TAIL_BYTES)));
}

export async function restartServer(ports: Ports): Promise<void> {
  await ports.snap.stop();
  await startServer(ports);
}
