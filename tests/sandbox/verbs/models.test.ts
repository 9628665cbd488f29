import { afterEach, beforeEach, expect, test } from "vitest";
import { InProcess, tinyCharm } from "./support/in-process.ts";

let sandbox: InProcess;

beforeEach(() => {
  sandbox = new InProcess();
});
afterEach(async () => await sandbox.stop());

test("models are listed with their machines and units, the current one with a star", async () => {
  expect((await sandbox.juju("models")).err).toContain("There are no models");
  await sandbox.out("add-model rome");
  await sandbox.out("add-model lisbon");
  await sandbox.out(`deploy ${tinyCharm} -n 2 -m rome`);
  expect(await sandbox.out("models")).toBe(`\
Controller: sandbox

Model    Cloud/Region         Type       Status     Machines  Units
rome     localhost/localhost  localhost  available         2      2
lisbon*  localhost/localhost  localhost  available         0      0
`);
  expect(await sandbox.out("models --format yaml")).toMatch(
    /^models:\n- name: admin\/rome\n {2}short-name: rome\n/,
  );
  expect(JSON.parse(await sandbox.out("models --format json"))).toMatchObject({ "current-model": "lisbon" });
});

test("switching tells from where to where", async () => {
  await sandbox.out("add-model rome");
  await sandbox.out("add-model lisbon");
  expect(await sandbox.out("switch")).toBe("sandbox:admin/lisbon\n");
  expect((await sandbox.juju("switch rome")).err).toBe("sandbox:admin/lisbon -> sandbox:admin/rome\n");
  expect((await sandbox.juju("switch rome")).err).toBe("sandbox:admin/rome (no change)\n");
});

test("settings of a model with where they are from", async () => {
  await sandbox.out("add-model rome");
  await sandbox.out("model-config automatically-retry-hooks=false");
  expect(await sandbox.out("model-config")).toContain("automatically-retry-hooks    model    false\n");
  expect(JSON.parse(await sandbox.out("model-config --format json"))).toMatchObject({
    "update-status-hook-interval": { Value: "5m", Source: "default" },
  });
  expect(await sandbox.out("model-config update-status-hook-interval")).toBe("5m\n");
});

test("a destroyed model is empty first, and the other model's SAAS of it goes", async () => {
  await sandbox.out("add-model rome");
  await sandbox.out(`deploy ${tinyCharm}`);
  await sandbox.out("offer tiny:source");
  await sandbox.out("add-model lisbon");
  await sandbox.out(`deploy ${tinyCharm} near`);
  await sandbox.out("integrate near:sink rome.tiny");
  await sandbox.settled();
  expect(await sandbox.juju("destroy-model rome --no-prompt")).toMatchObject({ code: 0 });
  expect(Object.keys(sandbox.store.state.models)).toEqual(["lisbon"]);
  expect(sandbox.model("lisbon").remotes).toEqual({});
  expect(sandbox.runs("lisbon/0")).toContain("hooks/sink-relation-broken");
});

test("relations of container scope are refused: there are no subordinates", async () => {
  await sandbox.out("add-model rome");
  await sandbox.out(`deploy ${tinyCharm}`);
  await sandbox.out(`deploy ${tinyCharm} near`);
  for (const charm of Object.values(sandbox.store.state.charms)) {
    const source = charm.endpoints["source"];
    if (source !== undefined) Object.assign(source, { scope: "container" });
  }
  expect((await sandbox.juju("integrate near:sink tiny:source")).err).toContain("it has container scope");
});

test("a unit whose removal was cut off is gone after the next start, whatever is left of its machine", async () => {
  await sandbox.out("add-model rome");
  await sandbox.out(`deploy ${tinyCharm} -n 2`);
  await sandbox.settled();
  sandbox.unit("rome", "tiny/0").life = "dead";
  sandbox.ruined.add("rome/0");
  await sandbox.startAgain();
  await sandbox.until(() => sandbox.model("rome").units["tiny/0"] === undefined);
  expect(Object.keys(sandbox.model("rome").machines)).toEqual(["1"]);
});
