// What real hook command programs, standing on PATH, can do to a whole dispatch.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { type Charm, readBag, readEvent, runDispatch, toBag } from "../../lib/index.ts";
import { realProcesses } from "../../lib/process.ts";
import { emptyWorld, runEvent } from "../../lib/testing/world.ts";
import { hookEnvironment, type Meta, meta } from "./support/charm.ts";
import { program, temporaryDirectory } from "./support/programs.ts";

const asks: Charm<Meta> = {
  meta,
  handle: async (_event, { model }) => {
    const peer = await model.peer("peers");
    if (peer !== undefined) model.writeUnit(peer, await model.readUnit(peer, "db/0"));
  },
};

/** Runs a hook on programs of these names and scripts; `dir` in a script is their folder. */
async function dispatch(
  scripts: Readonly<Record<string, string>>,
): Promise<{ code: number; log: string; read: () => Promise<string> }> {
  const directory = await temporaryDirectory();
  const all = { "juju-log": `printf '%s\\n' "$*" >> ${directory}/log`, ...scripts };
  for (const [name, script] of Object.entries(all))
    await program(directory, name, script.replaceAll("dir/", `${directory}/`));
  const real = realProcesses();
  const processes: typeof real = {
    ...real,
    run: ([name, ...args], options) => real.run([`${directory}/${name}`, ...args], options),
  };
  const code = await runDispatch(asks, { env: hookEnvironment("install"), processes });
  const read = (name: string) => async (): Promise<string> =>
    (await real.run(["cat", `${directory}/${name}`], { timeoutMs: 10_000 })).stdout;
  return { code, log: await read("log")(), read: read("written") };
}

const healthy = {
  "relation-ids": `echo '["peers:3"]'`,
  "relation-get": `echo '{"a":"1"}'`,
  "relation-set": "cat > dir/written",
  "is-leader": "echo true",
};

describe("a dispatch among programs that", () => {
  test("are well ends with 0", async () => {
    const { code, read } = await dispatch({
      ...healthy,
      "relation-get": `case "$*" in *db/0*) echo '{"a":"1"}';; *) echo '{}';; esac`,
    });
    expect(code).toBe(0);
    expect(await read()).toBe('{"a":"1"}');
  });

  test.each<[string, Record<string, string>, string]>([
    [
      "fail",
      { ...healthy, "relation-get": "echo 'ERROR agent is away' >&2; exit 1" },
      "relation-get failed (failed, exit code 1): agent is away",
    ],
    [
      "print garbage",
      { ...healthy, "relation-ids": "echo '{ nonsense'" },
      "relation-ids failed (failed, exit code 0): its answer is no JSON",
    ],
    [
      "die",
      { ...healthy, "relation-ids": "kill -9 $$" },
      "relation-ids failed (failed, exit code 137): it said nothing",
    ],
    ["are missing", { "is-leader": "echo true" }, "relation-ids is not installed"],
  ])("%s ends with 1 and says which", async (_name, scripts, told) => {
    const { code, log } = await dispatch(scripts);
    expect(code).toBe(1);
    expect(log).toContain(told);
  });

  test("cannot even log ends with 1 all the same", async () => {
    const { code } = await dispatch({ ...healthy, "juju-log": "exit 1", "relation-ids": "exit 1" });
    expect(code).toBe(1);
  });
});

test("a databag of 1 MiB is read and written whole", async () => {
  const big = "x".repeat(1024 * 1024);
  const { code, read } = await dispatch({
    ...healthy,
    "relation-get": `case "$*" in *db/0*) printf '{"big":"'; head -c ${big.length} /dev/zero | tr '\\0' x; printf '"}';; *) echo '{}';; esac`,
  });
  expect(code).toBe(0);
  expect(await read()).toBe(JSON.stringify({ big }));
});

const letters = "abcdefghijklmnopqrstuvwxyz".split("");
const inner = [...letters, ..."0123456789".split("")];
const word = (from: readonly string[], rest: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...from), fc.array(fc.constantFrom(...rest), { maxLength: 8 }))
    .map(([first, more]) => [first, ...more].join(""));
const endpointName = fc
  .array(word(letters, inner), { minLength: 1, maxLength: 4 })
  .chain((words) =>
    fc
      .array(fc.constantFrom("-", "_"), { minLength: words.length, maxLength: words.length })
      .map((joints) => words.map((each, at) => (at === 0 ? each : `${joints[at]}${each}`)).join("")),
  );

test("endpoints, storages and actions of every legal name reach their handlers", async () => {
  const storageName = fc
    .array(word(letters, letters), { minLength: 1, maxLength: 3 })
    .map((words) => words.join("-"));
  const actionName = fc
    .array(word(inner, inner), { minLength: 1, maxLength: 4 })
    .map((words) => words.join("-"));
  await fc.assert(
    fc.asyncProperty(endpointName, storageName, actionName, async (endpoint, storage, action) => {
      const odd = {
        ...meta,
        endpoints: { [endpoint]: { role: "provides", interface: "x" } },
        storages: { [storage]: { type: "filesystem", multiple: false } },
        actions: { [action]: { params: {} } },
        bindings: {},
      } as const;
      const world = emptyWorld<typeof odd>(odd, {
        unit: "db/1",
        relations: [{ id: 4, endpoint, remoteApp: "web", bags: { "web/0": {} } }],
        storages: [{ name: storage, id: `${storage}/0`, location: "/srv" }],
      });
      const seen: string[] = [];
      const charm: Charm<typeof odd> = {
        meta: odd,
        handle: async (event, { model }) => {
          if ("endpoint" in event) seen.push(`${event.endpoint} ${(await model.relations(endpoint)).length}`);
          else if ("storage" in event) seen.push(event.storage);
          else if (event.kind === "action") seen.push(event.action);
          else seen.push(event.kind);
        },
      };
      const relation = { endpoint, relationId: 4, remoteApp: "web" };
      await runEvent(charm, world, { ...relation, kind: "relation-changed", remoteUnit: "web/0" });
      await runEvent(charm, world, {
        kind: "storage-attached",
        storage,
        storageId: `${storage}/0`,
        location: "/srv",
      });
      await runEvent(charm, world, { kind: "action", action, actionId: "1" });
      expect(seen).toEqual([`${endpoint} 1`, storage, action]);
    }),
    { numRuns: 60 },
  );
});

test("a name that ends like an event is still that name", () => {
  const odd = {
    ...meta,
    endpoints: {
      "a-relation-changed": { role: "peer", interface: "x" },
      a: { role: "peer", interface: "x" },
    },
  } as const;
  const env = hookEnvironment("a-relation-changed-relation-changed", {
    JUJU_RELATION_ID: "a-relation-changed:3",
    JUJU_REMOTE_APP: "db",
    JUJU_REMOTE_UNIT: "db/0",
  });
  expect(readEvent(env, odd)).toMatchObject({ endpoint: "a-relation-changed", kind: "relation-changed" });
});

test("bags of any keys and values come back as they were written", async () => {
  const bag = fc.dictionary(
    fc.string({ minLength: 1, unit: "grapheme" }),
    fc.string({ minLength: 1, unit: "grapheme" }),
  );
  await fc.assert(
    fc.asyncProperty(bag, async (values) => {
      const before = emptyWorld(meta, {
        unit: "db/1",
        relations: [{ id: 3, endpoint: "peers", remoteApp: "db", bags: { "db/1": {} } }],
      });
      const write: Charm<Meta> = {
        meta,
        handle: async (_event, { model }) => {
          const peer = await model.peer("peers");
          if (peer !== undefined) model.writeUnit(peer, values);
        },
      };
      const { world } = await runEvent(write, before, { kind: "start" });
      expect(world.relations[0]?.bags["db/1"]).toEqual(values);
    }),
    { numRuns: 60 },
  );
});

describe("a bag by schema", () => {
  const schema = z.object({
    name: z.string().min(1),
    note: z.string().optional(),
    ready: z.stringbool({ truthy: ["yes"], falsy: ["no"] }).optional(),
  });

  test("what is written is what is read, and what is left out is deleted", () => {
    const value = fc.record(
      { name: fc.string({ minLength: 1 }), note: fc.string({ minLength: 1 }), ready: fc.boolean() },
      { requiredKeys: ["name"] },
    );
    fc.assert(
      fc.property(value, (given) => {
        const bag = toBag(schema, given);
        expect(Object.keys(bag).sort()).toEqual(["name", "note", "ready"]);
        expect(readBag(schema, bag)).toEqual({ kind: "value", value: given });
      }),
    );
  });

  test("a value that the schema refuses is not written; the field is named", () => {
    expect(() => toBag(schema, { name: "" })).toThrow("bag key name: ");
    expect(() => toBag(z.object({ size: z.number() }), { size: 3 })).toThrow(
      "bag key size: is written as number",
    );
  });
});
