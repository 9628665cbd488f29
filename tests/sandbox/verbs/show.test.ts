import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InProcess, tinyCharm } from "./support/in-process.ts";

let sandbox: InProcess;

beforeAll(async () => {
  sandbox = new InProcess();
  sandbox.dispatch = async (env, tool) => {
    if (env["JUJU_HOOK_NAME"] === "start") {
      await tool("open-port", "8080");
      await tool("application-version-set", "1.0");
    }
    if (env["JUJU_HOOK_NAME"] === "source-relation-created")
      await tool("relation-set", "--app", "who=source").catch(() => "");
    return 0;
  };
  await sandbox.out("add-model rome");
  await sandbox.out(`deploy ${tinyCharm} -n 2`);
  await sandbox.out(`deploy ${tinyCharm} near`);
  await sandbox.out("integrate near:sink tiny:source");
  await sandbox.out("offer tiny:source");
  await sandbox.out("add-model lisbon");
  await sandbox.out(`deploy ${tinyCharm} far`);
  await sandbox.out("integrate far:sink rome.tiny");
  await sandbox.settled();
  await sandbox.out("switch rome");
});
afterAll(async () => await sandbox.stop());

describe("status", () => {
  test("with relations and storage", async () => {
    const shown = await sandbox.out("status --relations --storage");
    expect(shown).toContain(`\
Integration provider  Requirer      Interface  Type     Message
near:friends          near:friends  tiny_peer  peer
tiny:friends          tiny:friends  tiny_peer  peer
tiny:source           near:sink     tiny       regular
`);
    expect(shown).toContain(`\
Unit    Storage id  Type        Mountpoint  Size  Status    Message
near/0  data/2      filesystem  /srv/tiny         attached
tiny/0  data/0      filesystem  /srv/tiny         attached
tiny/1  data/1      filesystem  /srv/tiny         attached
`);
    expect(await sandbox.out("status")).not.toContain("Integration provider");
  });

  test("a suspended relation says why", async () => {
    const relation = Object.values(sandbox.model("rome").relations).find(
      (known) => known.counterpart !== null,
    );
    await sandbox.out(["suspend-relation", String(relation?.id), "--message", "an audit"]);
    expect(await sandbox.out("status -m lisbon --relations")).toMatch(
      /tiny:source +far:sink +tiny +regular +suspended - an audit\n/,
    );
    expect(await sandbox.out("offers")).toMatch(
      /tiny +admin +\d +suspended +source +tiny +provider +10\.2\.0\.0\/24\n/,
    );
    await sandbox.out(`resume-relation ${relation?.id}`);
    await sandbox.settled();
    expect(await sandbox.out("offers")).toMatch(/tiny +admin +\d +joined +source/);
    expect(await sandbox.juju("suspend-relation x")).toMatchObject({
      code: 2,
      err: 'ERROR relation ID "x" not valid\n',
    });
    expect(await sandbox.juju("resume-relation")).toMatchObject({ code: 2 });
  });

  test.each<[string, string[], string[]]>([
    ["tiny", ["tiny"], ["tiny/0", "tiny/1"]],
    ["tiny/1", ["tiny"], ["tiny/1"]],
    ["tiny/leader", ["tiny"], ["tiny/0"]],
    ["n*", ["near"], ["near/0"]],
    ["2", ["near"], ["near/0"]],
  ])("of %s alone", async (pattern, applications, units) => {
    const shown = JSON.parse(await sandbox.out(`status ${pattern} --format json`));
    expect(Object.keys(shown.applications)).toEqual(applications);
    expect(Object.keys(shown.applications[applications[0] ?? ""].units)).toEqual(units);
    expect(Object.keys(shown.machines)).toHaveLength(units.length);
  });

  test("in yaml the model comes first, as juju has it", async () => {
    expect(await sandbox.out("status --format yaml")).toMatch(/^model:\n {2}name: rome\n {2}type: iaas\n/);
  });

  test("colours when they are asked for", async () => {
    expect(await sandbox.out("status --color")).toContain("\u001b[32midle\u001b[39m");
    expect((await sandbox.juju("status", { color: true })).out).toContain("\u001b[");
    expect((await sandbox.juju("status --no-color", { color: true })).out).not.toContain("\u001b[");
  });

  test("what matches nothing is refused with what there is; so are times and formats that are none", async () => {
    expect(await sandbox.juju("status none")).toMatchObject({
      code: 1,
      err: "ERROR nothing matches none (there are: near, tiny)\n",
    });
    expect(await sandbox.juju("status --watch soon")).toMatchObject({ code: 2 });
    expect(await sandbox.juju("status --format xml")).toMatchObject({ code: 2 });
  });

  test("--watch draws again and again until nobody listens", async () => {
    const gone = new AbortController();
    const watching = sandbox.juju("status --watch 5s", { signal: gone.signal });
    sandbox.clock.advance(5_000);
    await sandbox.store.saved();
    gone.abort();
    expect((await watching).out.match(/^Model/gm)).toHaveLength(2);
  });
});

describe("show-unit", () => {
  const relationsOf = async (flags: string) =>
    JSON.parse(await sandbox.out(`show-unit tiny/0 --format json ${flags}`.trim()))["tiny/0"][
      "relation-info"
    ];

  test("has what juju has, in its order", async () => {
    expect(await sandbox.out("show-unit tiny/0")).toMatch(
      /^tiny\/0:\n {2}workload-version: "1\.0"\n {2}machine: "0"\n {2}opened-ports:\n {2}- 8080\/tcp\n {2}public-address: 10\.1\.0\.10\n {2}charm: local:tiny-0\n {2}leader: true\n/,
    );
  });

  test("relations by endpoint and by related unit, or only what applications say", async () => {
    expect((await relationsOf("")).map((shown: { endpoint: string }) => shown.endpoint).sort()).toEqual([
      "friends",
      "source",
      "source",
    ]);
    expect(await relationsOf("--endpoint friends")).toMatchObject([
      { "related-units": { "tiny/1": { "in-scope": true } } },
    ]);
    const [local, cross] = await relationsOf("--endpoint source");
    expect(local).not.toHaveProperty("cross-model");
    expect(local["own-application-data"]).toEqual({ who: "source" });
    expect(cross["cross-model"]).toBe(true);
    const [one] = await relationsOf("--endpoint source --related-unit near/0");
    expect(Object.keys(one["related-units"])).toEqual(["near/0"]);
    for (const shown of await relationsOf("--app")) expect(shown).not.toHaveProperty("local-unit");
  });

  test("refuses names that are none", async () => {
    expect(await sandbox.juju("show-unit")).toMatchObject({
      code: 2,
      err: "ERROR an unit name must be supplied\n",
    });
    expect(await sandbox.juju("show-unit tiny/0 --related-unit near")).toMatchObject({ code: 2 });
  });
});

test("applications, exposed and not", async () => {
  expect(await sandbox.out("show-application tiny")).toBe(`\
tiny:
  charm: tiny
  base: ubuntu@22.04
  constraints:
    arch: amd64
  principal: true
  exposed: false
  remote: false
  life: alive
  endpoint-bindings:
    "": alpha
    friends: alpha
    juju-info: alpha
    sink: alpha
    source: alpha
`);
  await sandbox.out("expose tiny");
  expect(await sandbox.out("show-application tiny")).toContain("exposed: true\n  exposed-endpoints:\n");
  expect(await sandbox.out("status")).toMatch(/tiny +1\.0 .* yes/);
  await sandbox.out("unexpose tiny");
  expect(await sandbox.out("show-application tiny")).toContain("exposed: false");
  expect(await sandbox.juju("show-application none")).toMatchObject({ code: 1 });
});

test("machines", async () => {
  expect(await sandbox.out("machines")).toMatch(
    /^Machine {2}State {4}Address +Inst id +Base +AZ +Message\n0 +started/,
  );
  expect(JSON.parse(await sandbox.out("show-machine 1 --format json"))).toMatchObject({
    model: "rome",
    machines: { 1: { "dns-name": "10.1.0.11" } },
  });
  expect(await sandbox.juju("show-machine 9")).toMatchObject({
    code: 1,
    err: 'ERROR machine "9" not found (there are: 0, 1, 2)\n',
  });
});
