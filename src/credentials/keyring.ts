// The passwords that may open the servers: the application's own and, while it becomes a standby, those of the primary cluster.
import type { Model, Secret, SecretContent } from "../../lib/index.ts";
import type { Meta } from "../generated/charm-meta.ts";
import { ADMIN_PORT, paths } from "../machine/paths.ts";
import type { Session, Sql, Target } from "../mysql/ports.ts";
import { MysqlProblem } from "../problems.ts";
import { type Passwords, readPasswords, readPrevious } from "../wire/credentials.ts";
import { peerSecretLabel } from "../wire/peers.ts";
import { ASYNC_REPLICA, primaryBagSchema } from "../wire/replication.ts";
import { type HeldSession, holdSession } from "./held-session.ts";

/** What the primary cluster shared: each answer calls for another step. */
export type Incoming =
  | { readonly kind: "none" }
  | { readonly kind: "not-granted" }
  | { readonly kind: "incomplete"; readonly field: string }
  | { readonly kind: "value"; readonly passwords: Passwords };

export interface Keyring {
  /** The application's own passwords; undefined until the leader made them. */
  own(): Promise<Passwords | undefined>;
  /** The passwords that the primary cluster shared over async-replica. */
  incoming(): Promise<Incoming>;
  /**
   * Connects as serverconfig with whichever passwords the server takes: the own ones, those before their last change
   * (the server was away then), or the shared ones, which alone open it between the change of the accounts and the
   * commit of the hook. Throws MysqlProblem.
   */
  connect(target: Target): Promise<Session>;
  connectLocal(): Promise<Session>;
  /** From here on the local server is looked at over one connection, and asked each question once. */
  hold(): void;
  /** Ends that: what comes next may change the server. */
  release(): Promise<void>;
  /** Password of clusteradmin that goes with the passwords that last opened a server. */
  adminPassword(): Promise<Secret>;
  /** Passwords that the last connection was opened with. */
  working(): Passwords | undefined;
}

type CharmModel = Model<Meta>;

export function keyring(model: CharmModel, sql: Sql): Keyring {
  let working: Passwords | undefined;
  const peerSecret = async (): Promise<SecretContent | undefined> => {
    const read = await model.secret({ label: peerSecretLabel(model.context.app) }, { refresh: true });
    return read.kind === "value" ? read.content : undefined;
  };
  const own = async (): Promise<Passwords | undefined> => {
    const read = readPasswords((await peerSecret()) ?? {});
    return read.kind === "value" ? read.passwords : undefined;
  };
  const incoming = (): Promise<Incoming> => readIncoming(model);
  const connect = async (target: Target): Promise<Session> => {
    const candidates = await distinct(
      [working, await own(), readPrevious((await peerSecret()) ?? {})],
      incoming,
    );
    if (candidates.length === 0)
      throw new MysqlProblem("denied", "Logging in to MySQL", "no password is known yet");
    let refusal: unknown;
    for (const passwords of candidates) {
      try {
        const session = await sql.connect(target, { user: "serverconfig", password: passwords.serverconfig });
        working = passwords;
        return session;
      } catch (error) {
        if (!(error instanceof MysqlProblem) || error.reason !== "denied") throw error;
        refusal = error;
      }
    }
    throw refusal;
  };
  const openLocal = async (): Promise<Session> => {
    try {
      return await connect({ socket: paths.socket });
    } catch (error) {
      // Clients have taken all connections: the administrative interface has some of its own.
      if (!(error instanceof MysqlProblem) || error.reason !== "full") throw error;
      return await connect({ adminPort: ADMIN_PORT });
    }
  };
  let holding = false;
  let held: HeldSession | undefined;
  /** Passwords that the held session was opened with. */
  let heldWith: Passwords | undefined;
  return {
    own,
    incoming,
    connect,
    connectLocal: async () => {
      if (!holding) return await openLocal();
      held ??= holdSession(openLocal().finally(() => (heldWith = working)));
      const session = await held.share();
      // Others may have been asked since, with other passwords.
      working = heldWith;
      return session;
    },
    hold: () => {
      holding = true;
    },
    release: async () => {
      const ended = held;
      [holding, held] = [false, undefined];
      await ended?.close();
    },
    working: () => working,
    adminPassword: async () => {
      const passwords = working ?? (await own());
      if (passwords === undefined)
        throw new MysqlProblem("denied", "Logging in to MySQL Shell", "no password is known yet");
      return passwords.clusteradmin;
    },
  };
}

async function distinct(
  known: readonly (Passwords | undefined)[],
  incoming: () => Promise<Incoming>,
): Promise<readonly Passwords[]> {
  const shared = await incoming();
  const all = [...known, shared.kind === "value" ? shared.passwords : undefined];
  const present = all.filter((each) => each !== undefined);
  return present.filter(
    (each, at) => present.findIndex((other) => other.serverconfig.equals(each.serverconfig)) === at,
  );
}

async function readIncoming(model: CharmModel): Promise<Incoming> {
  const relation = (await model.relations(ASYNC_REPLICA))[0];
  if (relation === undefined || relation.broken) return { kind: "none" };
  const bag = (await model.readApp(relation, "remote")) ?? {};
  const id = primaryBagSchema.shape["secret-id"].safeParse(
    bag["secret-id"] === "" ? undefined : bag["secret-id"],
  );
  if (!id.success || id.data === undefined) return { kind: "none" };
  const read = await model.secret({ id: id.data }, { refresh: true });
  // Cross-model, a secret that is not granted yet can read as absent: both mean "not yet".
  if (read.kind !== "value") return { kind: "not-granted" };
  const passwords = readPasswords(read.content);
  return passwords.kind === "value"
    ? { kind: "value", passwords: passwords.passwords }
    : { kind: "incomplete", field: passwords.field };
}
