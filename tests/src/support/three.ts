// One application of three units on servers in memory: unit 0's machine, whose unit leads, in a cluster of which unit 1 is the primary.
import { type FakeMember, type FakeServer, primaryServer } from "./mysql.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  type MachineOptions,
  machine,
  namedWorld,
  names,
  own,
  peers,
  serverPassword,
} from "./world.ts";

export const updateStatus = { kind: "update-status" } as const;
export const ended = { kind: "custom", name: "job-ended" } as const;
export const lookAgain = { name: "wake", argv: ["sleep", "15"] };
export const password = serverPassword("own");
const hosts = [host, "second", "third"] as const;
export const all: readonly FakeMember[] = hosts.map((each, at) => ({
  uuid: `uuid-${at}`,
  host: each,
  state: "ONLINE",
  role: at === 1 ? "PRIMARY" : "SECONDARY",
}));
export const instances = hosts.map((each, at) => ({
  cluster: "rome",
  label: `mysql-${at}`,
  address: `${each}:3306`,
  uuid: `uuid-${at}`,
}));

export interface Site extends Machine {
  readonly second: FakeServer;
  readonly third: FakeServer;
}

export type Given = Partial<FakeServer>;

/** The machine of unit 0 in a cluster of three, of which unit 1 is the primary. */
export function site(
  given: { own?: Given; second?: Given; third?: Given } = {},
  options: MachineOptions = {},
): Site {
  const made = (at: number, more: Given = {}): FakeServer =>
    primaryServer("rome", "empire", {
      host: hosts[at] ?? "",
      uuid: `uuid-${at}`,
      password,
      group: all,
      metadata: { own: "rome", domain: "empire", clusters: [{ name: "rome", role: "PRIMARY" }], instances },
      gtidExecuted: "a",
      ...more,
    });
  const [local, second, third] = [made(0, given.own), made(1, given.second), made(2, given.third)];
  const snap = { kind: "installed", version: "9.7.0" } as const;
  return { ...machine({ snap, ...options, servers: { local, second, third } }), second, third };
}

export const told = (name: string) =>
  ({
    "member-state": "online",
    "instance-hostname": `${name}:3306`,
    "unit-configured": "True",
    "unit-initialized": "True",
    "known-hosts": hosts.join(","),
  }) as const;

/** Unit 0 leads; units as given are there. */
export function world(
  given: Partial<CharmWorld> = {},
  bags: CharmWorld["relations"][number]["bags"] = {},
): CharmWorld {
  const others = { "mysql/1": told("second"), "mysql/2": told("third") };
  return namedWorld({
    plannedUnits: 3,
    relations: [peers({ [own]: names, "mysql/0": told(host), ...others, ...bags })],
    ...given,
  });
}

export const started = ({ jobs }: Machine): readonly string[] =>
  jobs.started.map(({ argv }) => argv.slice(1).join(" "));
export const done = ({ shell }: Machine): readonly string[] =>
  shell.runs.map((run) => [run.host, run.command.operation, ...run.command.args].join(" "));
export const out = { group: [] } as const;
