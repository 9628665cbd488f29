import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InProcess, tinyCharm } from "./support/in-process.ts";

let sandbox: InProcess;

beforeEach(async () => {
  sandbox = new InProcess();
  await sandbox.out("add-model rome");
});
afterEach(async () => await sandbox.stop());

const file = (name: string, text: string): void => writeFileSync(join(sandbox.folder, name), text);

test("options at deployment, from words and from a file", async () => {
  file("options.yaml", "tiny:\n  greeting: from a file\n  count: 3\n");
  await sandbox.out(`deploy ${tinyCharm} --config options.yaml --config greeting=word`);
  expect(await sandbox.out("config tiny greeting")).toBe("word\n");
  expect(await sandbox.out("config tiny count")).toBe("3\n");
});

test("options are shown with where they come from, in juju's order", async () => {
  await sandbox.out(`deploy ${tinyCharm}`);
  await sandbox.out("config tiny count=3");
  expect(await sandbox.out("config tiny")).toBe(`\
application: tiny
application-config:
  trust:
    default: false
    description: Does this application have access to trusted credentials
    source: default
    type: bool
    value: false
charm: tiny
settings:
  count:
    description: How often.
    source: user
    type: int
    value: 3
  greeting:
    default: hello
    description: What to say.
    source: default
    type: string
    value: hello
`);
});

test("options are set from words and files, as config prints them too, and reset", async () => {
  await sandbox.out(`deploy ${tinyCharm}`);
  file("text", "a long\ntext");
  await sandbox.out("config tiny greeting=@text count=2");
  expect(await sandbox.out("config tiny greeting")).toBe("a long\ntext\n");
  file("printed.yaml", await sandbox.out("config tiny"));
  await sandbox.out("config tiny --reset greeting,count");
  expect(await sandbox.out("config tiny greeting")).toBe("hello\n");
  await sandbox.out("config tiny --file printed.yaml");
  expect(await sandbox.out("config tiny greeting")).toBe("a long\ntext\n");
  file("plain.yaml", "greeting: plain\n");
  await sandbox.out("config tiny --file plain.yaml --reset count");
  expect(sandbox.model("rome").applications["tiny"]?.config).toEqual({ greeting: "plain" });
});

test.each<[string, number, string]>([
  ["config", 2, "no application name specified"],
  ["config none", 1, 'application "none" not found'],
  ["config tiny greeting=a count", 2, "cannot set and retrieve config values simultaneously"],
  ["config tiny greeting count", 2, "can only retrieve a single value, or all values"],
  ["config tiny greeting=a --reset greeting", 2, 'key "greeting" cannot be both set and reset'],
  ["config tiny none", 1, 'key "none" not found in "tiny" application config or charm settings'],
  ["config tiny none=1", 1, 'unknown option "none"'],
  ["config tiny greeting=@nowhere", 1, "no such file"],
  ["config tiny --file nowhere.yaml", 1, "nowhere.yaml: no such file or directory"],
  ["trust", 2, "no application name specified"],
])("%s is refused", async (line, code, message) => {
  await sandbox.out(`deploy ${tinyCharm}`);
  expect(await sandbox.juju(line)).toMatchObject({ code, err: expect.stringContaining(message) });
});

test("trust, like any option, is told to the charm", async () => {
  await sandbox.out(`deploy ${tinyCharm}`);
  await sandbox.settled();
  sandbox.runs("rome/0");
  const told = async (): Promise<string[]> => {
    await sandbox.until(() => (sandbox.machines.get("rome/0")?.runs.length ?? 0) > 0);
    await sandbox.settled();
    return sandbox.runs("rome/0");
  };
  await sandbox.out("trust tiny");
  expect(await told()).toEqual(["hooks/config-changed"]);
  expect(await sandbox.out("config tiny")).toContain("value: true");
  await sandbox.out("trust tiny --remove");
  expect(await told()).toEqual(["hooks/config-changed"]);
});

test("what cannot be read as YAML is refused with the file's name", async () => {
  file("bad.yaml", "a: [");
  await sandbox.out(`deploy ${tinyCharm}`);
  expect((await sandbox.juju("config tiny --file bad.yaml")).err).toContain("bad.yaml is not YAML");
  file("list.yaml", "- a\n");
  expect((await sandbox.juju("config tiny --file list.yaml")).err).toContain("a YAML map is needed there");
});
