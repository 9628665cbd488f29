// Faults of the charm that are put in on purpose, one for each invariant, with a story in which it does its harm.

import * as z from "zod";
import { clusterRows } from "../../src/cluster/decide.ts";
import { commands } from "../../src/mysql/commands.ts";
import type { Session } from "../../src/mysql/ports.ts";
import type { Ports } from "../../src/ports.ts";
import { guardRows } from "../../src/replication/decide-guard.ts";
import { replicaRows } from "../../src/replication/decide-replica.ts";
import type { Rules } from "./dispatch.ts";
import type { Invariant } from "./invariants.ts";
import { type Move, realRules } from "./moves.ts";
import type { Journey, Way } from "./starts.ts";

export interface Planted {
  /** What the charm does wrong. */
  readonly fault: string;
  readonly invariant: Invariant;
  readonly journey: Journey;
  /** From where the journey has begun. */
  readonly way: Way;
  readonly rules: Rules;
  /** Puts the fault in; what it gives takes it out again. */
  readonly plant: () => () => void;
}

/** The row of a name is never taken while the fault is in. */
function without(
  rows: readonly { readonly name: string; readonly when: unknown }[],
  ...names: readonly string[]
): () => () => void {
  return () => {
    const taken = rows.filter(({ name }) => names.includes(name)).map((row) => ({ row, when: row.when }));
    if (taken.length !== names.length) throw new Error(`not all of these are rows: ${names.join(", ")}`);
    for (const { row } of taken) Object.assign(row, { when: () => false });
    return () => {
      for (const { row, when } of taken) Object.assign(row, { when });
    };
  };
}

const nothing = (): (() => void) => () => undefined;
const step = (unit: string): Move => ({ do: "step", unit });
const run = (unit: string, action: string, params: Readonly<Record<string, string | boolean>>): Move => ({
  ...({ do: "run", unit, action } as const),
  params,
});

/** The same ports, but for what sessions do. */
function over(change: (session: Session) => Partial<Session>): (ports: Ports) => Ports {
  const changed = (session: Session): Session => ({
    rows: (schema, text, values) => session.rows(schema, text, values),
    run: (text, values) => session.run(text, values),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    ...change(session),
  });
  return (ports) => {
    const { keyring } = ports;
    const connect: typeof keyring.connect = async (target) => changed(await keyring.connect(target));
    const connectLocal: typeof keyring.connectLocal = async () => changed(await keyring.connectLocal());
    return { ...ports, keyring: { ...keyring, connect, connectLocal } };
  };
}

const forgetful = over((session) => ({
  run: (text, values) => session.run(text.replace(" RETAIN CURRENT PASSWORD", ""), values),
}));
const mistaken = over((session) => ({
  rows: async (schema, text, values) => {
    const rows = await session.rows(schema, text, values);
    if (!text.includes("AS missing")) return rows;
    return rows.map((row) => schema.parse(hasMissing(row) ? { missing: "of-nobody:1-1" } : row));
  },
}));
const hasMissing = (row: unknown): boolean => z.object({ missing: z.string().min(1) }).safeParse(row).success;
const blind = over((session) => ({
  rows: async (schema, text, values) =>
    text.includes("name FROM information_schema.schemata") ? [] : session.rows(schema, text, values),
}));

/** What belongs in two steps, each repeated until it is done, is done in one. */
function atOnce(ports: Ports): Ports {
  const run: Ports["shell"]["run"] = async (host, command) => {
    await ports.shell.run(host, command);
    if (command.operation === "create-cluster")
      await ports.shell.run(host, commands.createClusterSet("set-of-rome"));
  };
  return { ...ports, shell: { ...ports.shell, run } };
}

/** Found by a search only, which knows how the story ends when nobody is killed. */
export const unrepeatable = {
  fault: "the ClusterSet is founded in the step that forms the cluster, and never again",
  journey: "one cluster is deployed",
  rules: { ...realRules, sabotage: atOnce },
  plant: without(clusterRows, "cluster has no ClusterSet"),
} as const;

export const planted: readonly Planted[] = [
  {
    fault: "an old primary that hears of a failover goes on taking writes",
    invariant: "No split brain",
    journey: "the network is cut",
    way: [run("lisbon/0", "promote-to-primary", { scope: "cluster", force: true }), step("lisbon/0")],
    rules: realRules,
    plant: without(guardRows, "replaced cluster takes writes"),
  },
  {
    fault: "a cluster with data of its own becomes a standby unasked",
    invariant: "No silent loss",
    journey: "two clusters are related",
    way: [{ do: "write", host: "lisbon-0" }],
    rules: realRules,
    plant: without(replicaRows, "user data would be lost", "user data is not reported"),
  },
  {
    fault: "rejoin-cluster names other transactions than those that a failover has lost",
    invariant: "No silent loss",
    journey: "an invalidated cluster rejoins",
    way: [],
    rules: { ...realRules, sabotage: mistaken },
    plant: nothing,
  },
  {
    fault: "a server that holds what its cluster lacks is taken for empty, and cloned over",
    invariant: "No destruction on a guess",
    journey: "one member is left",
    way: [
      "…",
      { do: "write", host: "rome-0" },
      { do: "power-off", unit: "rome/0" },
      { do: "power-on", unit: "rome/1" },
      "…",
      run("rome/1", "promote-to-primary", { scope: "unit", force: true }),
      "…",
    ],
    rules: { ...realRules, sabotage: blind },
    plant: nothing,
  },
  {
    fault: "a seed whose group was left without a cluster does not leave it",
    invariant: "No dead end",
    journey: "one cluster is deployed",
    way: [step("rome/0"), step("rome/0"), step("rome/0"), { do: "kill", unit: "rome/0", effect: 4 }],
    rules: realRules,
    plant: without(clusterRows, "group is left without a cluster"),
  },
  {
    fault: "the old password ends with its change, and not when the new one is in writing",
    invariant: "No lock-out",
    journey: "a password is changed",
    way: [{ do: "kill", unit: "rome/0", effect: 3 }],
    rules: { ...realRules, sabotage: forgetful },
    plant: nothing,
  },
];
