// The databases on a server that is to become a copy of another cluster's, and whose they are.
import { readNames } from "../identity/domain.ts";
import { missingHere, readServer, readUserDatabases } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import type { ReplicaFacts } from "./replica-facts.ts";

/** `primaries`: addresses of the primary cluster's servers; undefined where they cannot be logged in to yet. */
export async function readUserData(
  ports: Ports,
  primaries: readonly string[] | undefined,
): Promise<Pick<ReplicaFacts, "userData" | "userDatabases">> {
  const local = await localData(ports);
  if (local === undefined) return { userDatabases: [], userData: "unlisted" };
  const { databases: userDatabases, executed } = local;
  if (userDatabases.length === 0) return { userDatabases, userData: "none" };
  const isKnown = primaries === undefined ? undefined : await hasAll(ports, primaries, executed);
  if (isKnown !== undefined) return { userDatabases, userData: isKnown ? "theirs" : "own" };
  const returns = (await readNames(ports))?.["removed-from-cluster-set"] === "true";
  return { userDatabases, userData: returns ? "unknown" : "own" };
}

/** Whether the primary cluster has all these transactions; undefined when none of its servers answers. */
async function hasAll(
  { keyring }: Ports,
  primaries: readonly string[],
  executed: string,
): Promise<boolean | undefined> {
  const answers = await Promise.all(
    primaries.map(async (host) => {
      try {
        await using session = await keyring.connect({ host });
        return (await missingHere(session, executed)) === "";
      } catch (error) {
        if (error instanceof MysqlProblem) return undefined;
        throw error;
      }
    }),
  );
  return answers.includes(true) ? true : answers.find((each) => each !== undefined);
}

interface LocalData {
  readonly databases: readonly string[];
  readonly executed: string;
}

async function localData({ keyring }: Ports): Promise<LocalData | undefined> {
  try {
    await using session = await keyring.connectLocal();
    const databases = await readUserDatabases(session);
    return { databases, executed: (await readServer(session)).server.gtidExecuted };
  } catch (error) {
    if (error instanceof MysqlProblem) return undefined;
    throw error;
  }
}
