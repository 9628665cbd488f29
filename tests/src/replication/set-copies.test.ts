import { describe, expect, test } from "vitest";
import type { ServerView } from "../../../src/mysql/topology.ts";
import {
  type ClusterView,
  globalPrimaryHost,
  type Others,
  withNewest,
} from "../../../src/replication/set-copies.ts";

type View = readonly [generation: number, number: number];
interface Copy {
  readonly of: string;
  readonly leader?: string;
  readonly view: View;
  readonly clusters?: readonly string[];
  readonly invalid?: readonly string[];
  readonly set?: string;
}

/** The record of the set as the primary of one cluster has it. */
function copy({
  of,
  leader = "rome",
  view: [generation, number],
  clusters = ["rome", "paris"],
  invalid = [],
  set = "s",
}: Copy): ServerView {
  const rows = clusters.map((name) => ({
    id: `id-${name}`,
    name,
    role: name === leader ? ("PRIMARY" as const) : ("REPLICA" as const),
    invalidated: invalid.includes(name),
  }));
  const own = rows.find(({ name }) => name === of);
  const member = { uuid: of, host: `${of}-0`, state: "ONLINE", role: "PRIMARY", version: "9.7.0" } as const;
  return {
    server: {
      version: "9.7.0",
      uuid: of,
      host: `${of}-0`,
      superReadOnly: false,
      readOnly: false,
      gtidExecuted: "",
      configured: true,
      metadata: true,
      halfMetadata: false,
      oldPasswords: false,
    },
    member,
    group: [member],
    metadata: {
      clusterId: `id-${of}`,
      clusterName: of,
      instances: clusters.map((name) => ({
        cluster: name,
        label: name,
        address: `${name}-0:3306`,
        uuid: name,
      })),
      set: {
        id: set,
        domain: "gaul",
        view: { generation, number },
        role: own?.role ?? "REPLICA",
        invalidated: own?.invalidated ?? false,
        clusters: rows,
      },
    },
  };
}
const others = (...copies: readonly Copy[]): Others =>
  new Map(copies.map((each) => [each.of, { view: copy(each), channel: undefined }]));
const silent: Others = new Map<string, ClusterView>([["paris", "unreachable"]]);
const rome = copy({ of: "rome", view: [0, 4] });
const roleIn = (view: ServerView): unknown => view.metadata !== "absent" && view.metadata.set?.role;

describe("the newest record", () => {
  test.each<readonly [string, Others, "member" | "invalidated" | "removed"]>([
    ["its own, where nobody answers", silent, "member"],
    ["the same elsewhere", others({ of: "paris", view: [0, 4] }), "member"],
    ["an older one", others({ of: "paris", leader: "paris", invalid: ["rome"], view: [0, 3] }), "member"],
    [
      "of another set",
      others({ of: "paris", leader: "paris", invalid: ["rome"], view: [1, 5], set: "t" }),
      "member",
    ],
    [
      "a forced failover",
      others({ of: "paris", leader: "paris", invalid: ["rome"], view: [1, 5] }),
      "invalidated",
    ],
    ["without this cluster", others({ of: "paris", clusters: ["paris"], view: [0, 5] }), "removed"],
  ])("%s", (_, seen, standing) => {
    expect(withNewest(rome, seen).standing).toBe(standing);
  });

  test("a higher generation counts before a higher number", () => {
    const late = copy({ of: "rome", view: [0, 900] });
    const forced = others({ of: "paris", leader: "paris", invalid: ["rome"], view: [1, 2] });
    expect(withNewest(late, forced).standing).toBe("invalidated");
  });

  test("of several, the newest; with its roles and instances", () => {
    const seen = others(
      { of: "oslo", leader: "paris", clusters: ["rome", "paris", "oslo"], view: [0, 6] },
      { of: "paris", leader: "paris", view: [0, 5] },
    );
    const { view, answered } = withNewest(rome, seen);
    expect(roleIn(view)).toBe("REPLICA");
    expect(view.metadata).toMatchObject({ clusterName: "rome", instances: [{}, {}, { cluster: "oslo" }] });
    expect(answered).toBe(2);
  });

  test("silence is counted", () => {
    expect(withNewest(rome, silent).answered).toBe(0);
  });

  test("what is in no set is left alone", () => {
    const alone: ServerView = { ...rome, metadata: "absent" };
    expect(withNewest(alone, silent)).toMatchObject({ view: alone, standing: "member" });
  });
});

describe("the server that takes the writes of the set", () => {
  const leading = (leader: string, seen: Others): string | undefined =>
    globalPrimaryHost(withNewest(copy({ of: "rome", leader, view: [0, 4] }), seen), seen);

  test("is the own primary, or another's", () => {
    expect(leading("rome", silent)).toBe("rome-0");
    expect(leading("paris", others({ of: "paris", leader: "paris", view: [0, 4] }))).toBe("paris-0");
  });

  test("is not known while its cluster is silent, or none leads", () => {
    expect(leading("paris", silent)).toBeUndefined();
    expect(leading("none", silent)).toBeUndefined();
  });
});
