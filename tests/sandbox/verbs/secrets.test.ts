import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InProcess, tinyCharm } from "./support/in-process.ts";

let sandbox: InProcess;
let told: string[];
let uri = "";

beforeEach(async () => {
  sandbox = new InProcess();
  told = [];
  uri = "";
  sandbox.dispatch = async (env, tool) => {
    const event = env["JUJU_HOOK_NAME"] ?? "";
    if (event.startsWith("secret-")) told.push(event);
    // Whatever wakes the unit, it reads what it knows of.
    if (uri !== "" && event !== "") {
      const how = event === "secret-changed" ? ["--refresh"] : [];
      told.push((await tool("secret-get", uri, "key", ...how).catch((error: Error) => error.message)).trim());
    }
    if (event === "install") await tool("secret-add", "--label", "own", "--rotate", "daily", "token=hush");
    return 0;
  };
  await sandbox.out("add-model rome");
  await sandbox.out(`deploy ${tinyCharm}`);
  await sandbox.settled();
});
afterEach(async () => await sandbox.stop());

const wake = async (): Promise<string[]> => {
  told.splice(0);
  const { local } = sandbox.unit("rome", "tiny/0");
  await sandbox.out("trigger update-status tiny/0");
  await sandbox.until(
    () => sandbox.unit("rome", "tiny/0").local.updateStatusVersion > local.updateStatusVersion,
  );
  return told.splice(0);
};

describe("a user secret", () => {
  test("is read by applications that it is granted to, which hear of new content", async () => {
    uri = (await sandbox.out("add-secret mine key=one --info why")).trim();
    expect(uri).toMatch(/^secret:[0-9a-v]{20}$/);
    expect(await wake()).toEqual(["secret-get: ERROR permission denied"]);
    await sandbox.out("grant-secret mine tiny");
    expect(await wake()).toEqual(["one"]);
    await sandbox.out(`update-secret ${uri} key=two`);
    await sandbox.until(() => told.length === 2);
    expect(told).toEqual(["secret-changed", "two"]);
    await sandbox.out("update-secret mine key=two");
    expect(sandbox.model("rome").secrets[uri.slice(7)]?.latest).toBe(2);
    await sandbox.out("revoke-secret mine tiny");
    expect(await wake()).toEqual(["secret-get: ERROR permission denied"]);
    await sandbox.out("grant-secret mine tiny");
    await sandbox.out("remove-secret mine");
    expect(await wake()).toEqual([`secret-get: ERROR secret "${uri.slice(7)}" not found`]);
  });

  test("the charm is never told to remove its revisions; they go by themselves where that is wanted", async () => {
    uri = (await sandbox.out("add-secret mine key=one")).trim();
    await sandbox.out("grant-secret mine tiny");
    await wake();
    await sandbox.out("update-secret mine key=two");
    await sandbox.until(() => told.includes("two"));
    const secret = sandbox.model("rome").secrets[uri.slice(7)];
    expect(Object.keys(secret?.revisions ?? {})).toEqual(["1", "2"]);
    await sandbox.out("update-secret mine --auto-prune");
    expect(Object.keys(secret?.revisions ?? {})).toEqual(["2"]);
    await sandbox.out("update-secret mine key=three");
    await sandbox.until(() => told.includes("three"));
    expect(Object.keys(secret?.revisions ?? {})).toEqual(["3"]);
    expect(told).not.toContain("secret-remove");
  });

  test("takes its content from words and files", async () => {
    writeFileSync(join(sandbox.folder, "map.yaml"), "key: from the map\nother: 7\n");
    writeFileSync(join(sandbox.folder, "blob"), "from a file");
    await sandbox.out("add-secret mine --file map.yaml key=word blob#file=blob b64#base64=aGk=");
    expect(JSON.parse(await sandbox.out("show-secret mine --reveal --format json"))).toMatchObject({
      [Object.values(sandbox.model("rome").secrets).find((secret) => secret.label === "mine")?.id ?? ""]: {
        name: "mine",
        owner: "<model>",
        content: { key: "word", other: "7", blob: "from a file", b64: "hi" },
      },
    });
  });

  test.each<[string, number, string]>([
    ["add-secret mine", 1, "missing secret value or filename"],
    ["add-secret", 2, "missing secret name"],
    ["add-secret mine K=1", 2, 'key "K" not valid'],
    ["grant-secret none tiny", 1, 'secret "none" not found (there are none)'],
    ["grant-secret own tiny", 1, 'secret "own" not found'],
    ["update-secret own", 2, "must specify a new secret value or new name"],
    ["remove-secret none", 1, 'secret "none" not found'],
    ["show-secret none", 1, 'secret "none" not found (there is: own)'],
    ["show-secret own --revision 9", 1, 'revision 9 of secret "own" not found (there is: 1)'],
    ["show-secret own --revisions --reveal", 2, "specify either --revisions or --reveal but not both"],
    ["secrets --owner me", 2, 'invalid owner "me"'],
  ])("%s is refused", async (line, code, message) => {
    expect(await sandbox.juju(line)).toMatchObject({ code, err: expect.stringContaining(message) });
  });

  test("may not take a name twice", async () => {
    await sandbox.out("add-secret mine key=one");
    expect(await sandbox.juju("add-secret mine key=one")).toMatchObject({
      err: 'ERROR secret with name "mine" already exists\n',
    });
    await sandbox.out("add-secret yours key=one");
    expect(await sandbox.juju("update-secret yours --name mine")).toMatchObject({ code: 1 });
    await sandbox.out("update-secret yours --name ours --info text");
    expect(await sandbox.out("show-secret ours")).toContain("description: text");
  });
});

test("secrets of charms and of people in one table", async () => {
  await sandbox.out("add-secret mine key=one");
  sandbox.clock.advance(125_000);
  const [head, ...rows] = (await sandbox.out("secrets")).trimEnd().split("\n");
  expect(head).toMatch(/^ID {20}Name {2}Owner {4}Rotation {2}Revision {2}Last updated$/);
  expect(rows.map((row) => row.slice(22))).toEqual([
    "mine  <model>  never            1  2 minutes ago",
    "-     tiny     daily            1  2 minutes ago",
  ]);
  expect((await sandbox.out("secrets --owner application-tiny")).trimEnd().split("\n")).toHaveLength(2);
  expect(await sandbox.out("secrets --revisions --format yaml")).toContain(
    "- revision: 1\n    backend: internal",
  );
});

test("a charm's secret shows its content and access only when that is asked for", async () => {
  const shown = await sandbox.out("show-secret own");
  expect(shown).toContain("label: own");
  expect(shown).toContain("rotation: daily");
  expect(shown).not.toContain("hush");
  expect(await sandbox.out("show-secret own --reveal")).toContain("content:\n    token: hush");
});
