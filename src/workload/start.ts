// Waiting for a server that was just started.
import pRetry, { AbortError } from "p-retry";
import type { Log } from "../../lib/index.ts";
import type { Keyring } from "../credentials/keyring.ts";
import { MysqlProblem } from "../problems.ts";

/** Crash recovery of a large data set can take longer: then the hook ends, and update-status looks again. */
const START_SECONDS = 60;

/** Resolves when the server takes the charm's login. Throws MysqlProblem when it does not within a minute. */
export async function waitForLogin(keyring: Keyring, log: Log): Promise<void> {
  await pRetry(
    async () => {
      try {
        await using _session = await keyring.connectLocal();
      } catch (error) {
        throw error instanceof MysqlProblem && error.reason === "unreachable"
          ? error
          : new AbortError(error as Error);
      }
    },
    {
      retries: Number.POSITIVE_INFINITY,
      factor: 1.3,
      minTimeout: 100,
      maxTimeout: 1_000,
      maxRetryTime: START_SECONDS * 1000,
      onFailedAttempt: ({ error }) => log.debug(`mysqld is starting: ${error.message}`),
    },
  );
}
