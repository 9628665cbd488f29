import { describe, expect, test } from "vitest";
import {
  act,
  type Decision,
  type Domain,
  decideBy,
  type Outcome,
  type Row,
  reconcile,
  type Status,
  settled,
  stuck,
  wait,
} from "../../lib/index.ts";
import { rememberedLog } from "./support/fakes.ts";

interface Facts {
  readonly members: number;
  readonly lost: boolean;
}
type Step = { readonly do: "create" | "add" };

const adding: Status = { kind: "maintenance", message: "adding a member" };
const lost: Status = { kind: "blocked", message: "lost: run restore" };
const rows: readonly Row<Facts, Step>[] = [
  { name: "lost", when: ({ lost: gone }) => gone, then: () => stuck(lost) },
  { name: "create", when: ({ members }) => members === 0, then: () => act({ do: "create" }) },
  { name: "grow", when: ({ members }) => members < 3, then: () => act({ do: "add" }, adding) },
  { name: "done", when: ({ members }) => members === 3, then: () => settled() },
];

interface Cluster {
  members: number;
  lost: boolean;
}

function domain(cluster: Cluster, perform: (step: Step) => void): Domain<Facts, Step> {
  return {
    name: "cluster",
    observe: async () => ({ ...cluster }),
    decide: (facts): Decision<Step> => decideBy(rows, facts),
    perform: async (step) => perform(step),
  };
}

describe("decideBy", () => {
  test.each<[Facts, string, string]>([
    [{ members: 0, lost: true }, "lost", "stuck"],
    [{ members: 0, lost: false }, "create", "act"],
    [{ members: 1, lost: false }, "grow", "act"],
    [{ members: 3, lost: false }, "done", "settled"],
  ])("the first row that applies to %o is %s", (facts, row, kind) => {
    expect(decideBy(rows, facts)).toMatchObject({ row, kind });
  });

  test("a table that misses a case is an error that names its rows", () => {
    expect(() => decideBy(rows, { members: 4, lost: false })).toThrow(/lost, create, grow, done/);
  });

  test("a verdict without a status has none", () => {
    expect(settled()).not.toHaveProperty("status");
    expect(wait()).toEqual({ kind: "wait" });
    expect(act("x")).toEqual({ kind: "act", step: "x" });
  });

  test("stuck needs a status", () => {
    // @ts-expect-error a person must be told what to do
    expect(stuck()).toMatchObject({ kind: "stuck" });
  });
});

describe("reconcile", () => {
  test("acts until a row rests, shows progress before the step and logs each row once", async () => {
    const cluster = { members: 0, lost: false };
    const log = rememberedLog();
    const happened: string[] = [];
    const grow = domain(cluster, (step) => {
      happened.push(step.do);
      cluster.members += 1;
    });
    const outcome = await reconcile(grow, {
      log,
      showProgress: async ({ message }) => void happened.push(message),
    });
    expect(outcome).toEqual<Outcome>({ kind: "settled", row: "done", steps: ["create", "grow", "grow"] });
    expect(happened).toEqual(["create", "adding a member", "add", "adding a member", "add"]);
    expect(log.lines).toEqual(["info cluster: create", "info cluster: grow", "info cluster: done"]);
  });

  test("tells nothing when all is settled as it was, and what it waits for each time", async () => {
    const log = rememberedLog();
    const showProgress = async (): Promise<void> => undefined;
    await reconcile(
      domain({ members: 3, lost: false }, () => undefined),
      { log, showProgress },
    );
    expect(log.lines).toEqual([]);
    await reconcile(
      domain({ members: 3, lost: true }, () => undefined),
      { log, showProgress },
    );
    expect(log.lines).toEqual(["info cluster: lost"]);
  });

  test("rests with the status of the row", async () => {
    const outcome = await reconcile(
      domain({ members: 0, lost: true }, () => undefined),
      quiet(),
    );
    expect(outcome).toEqual({ kind: "stuck", row: "lost", status: lost, steps: [] });
  });

  test("a step that changed nothing is an error, not a loop", async () => {
    let performed = 0;
    const idle = domain({ members: 0, lost: false }, () => {
      performed += 1;
    });
    await expect(reconcile(idle, quiet())).rejects.toThrow('step "create" changed nothing');
    expect(performed).toBe(1);
  });

  test("the same row may act again when the facts moved", async () => {
    const cluster = { members: 1, lost: false };
    const outcome = await reconcile(
      domain(cluster, () => {
        cluster.members += 1;
      }),
      quiet(),
    );
    expect(outcome.steps).toEqual(["grow", "grow"]);
  });

  test("two rows that undo each other end at the bound", async () => {
    const cluster = { members: 0, lost: false };
    const flapping = domain(cluster, (step) => {
      cluster.members = step.do === "create" ? 1 : 0;
    });
    await expect(reconcile(flapping, { ...quiet(), maxSteps: 4 })).rejects.toThrow(
      "no rest after 4 steps (create, grow, create, grow)",
    );
  });

  test("what a step throws is thrown", async () => {
    const failing = domain({ members: 0, lost: false }, () => {
      throw new Error("unreachable");
    });
    await expect(reconcile(failing, quiet())).rejects.toThrow("unreachable");
  });
});

function quiet(): Parameters<typeof reconcile>[1] {
  return { log: rememberedLog(), showProgress: async () => undefined };
}
