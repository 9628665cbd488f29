import { describe, expect, test } from "vitest";
import { hookTools, type Processes, Secret } from "../../lib/index.ts";

/** Processes that must not be needed: what is too large is refused before. */
const none: Processes = {
  run: async ([program]) => {
    throw new Error(`${program} was started`);
  },
  spawnDetached: async () => {
    throw new Error("a program was started");
  },
};
const tools = hookTools(none);
const secret = (value: string): Secret => new Secret(value);
const mebibyte = 1024 * 1024;

describe("refused before a command is started, by the name of what is too large", () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ["a key of the state", () => tools.stateSet({ ["k".repeat(257)]: "1" }), "a key of 257 bytes"],
    ["bytes, not letters", () => tools.stateSet({ ["ü".repeat(129)]: "1" }), "a key of 258 bytes"],
    ["a value of the state", () => tools.stateSet({ big: "v".repeat(65_537) }), '"big" has 65537 bytes'],
    [
      "a secret",
      () => tools.secretSet("secret:x", { key: secret("x".repeat(mebibyte)) }, {}),
      "1398104 bytes",
    ],
    ["a secret without content", () => tools.secretAdd({}, { owner: "unit" }), "without content"],
    [
      "an empty value",
      () => tools.secretAdd({ key: secret("") }, { owner: "unit" }),
      'value of "key" is empty',
    ],
    ["a short key", () => tools.secretAdd({ ab: secret("value") }, { owner: "unit" }), 'key "ab"'],
    ["a key with capitals", () => tools.secretAdd({ Key: secret("value") }, { owner: "unit" }), 'key "Key"'],
    [
      "a status",
      () => tools.statusSet("unit", { kind: "blocked", message: "x".repeat(131_072) }),
      "131072 bytes",
    ],
    ["a zero byte", () => tools.actionLog("a\0b"), "zero byte"],
  ])("%s", async (_name, call, told) => {
    await expect(call()).rejects.toMatchObject({ reason: "bad-request" });
    await expect(call()).rejects.toThrow(told);
  });

  test("never with the value in the message", async () => {
    const refused = tools.secretAdd({ Key: secret("very-pr1vate") }, { owner: "unit" });
    await expect(refused).rejects.not.toThrow("very-pr1vate");
  });
});

test("what just fits is asked", async () => {
  const started: string[] = [];
  const noting: Processes = {
    ...none,
    run: async ([program]) => {
      started.push(program);
      return { code: 0, stdout: "", stderr: "", timedOut: false, truncated: false };
    },
  };
  const asked = hookTools(noting);
  await asked.stateSet({ ["k".repeat(256)]: "v".repeat(65_536) });
  await asked.statusSet("unit", { kind: "active", message: "x".repeat(131_071) });
  await asked.secretAdd({ key: secret("x".repeat((mebibyte / 4) * 3)) }, { owner: "unit" });
  expect(started).toEqual(["state-set", "status-set", "secret-add"]);
});
