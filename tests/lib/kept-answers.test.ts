import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { HookToolError, type HookTools, hookTools, type Processes } from "../../lib/index.ts";
import { keptAnswers } from "../../lib/kept-answers.ts";
import { temporaryDirectory } from "./support/programs.ts";

const MINUTE = 60_000;
let folder = "";
let answers: Record<string, string> = {};
let clock = 0;

beforeEach(async () => {
  folder = await temporaryDirectory();
  mkdirSync(join(folder, "charm"));
  answers = {
    "is-leader": "true",
    "config-get": '{"port":80}',
    "relation-get": '{"a":"1"}',
    "state-get": "{}",
  };
  clock = 1_000_000;
});

const file = (): string => join(folder, "kept-answers.json");

/** One dispatch that does something with the hook commands; gives the commands that were started. */
async function dispatch(
  hook: string,
  work: (tools: HookTools) => Promise<unknown> = read,
  env: Record<string, string> = {},
): Promise<readonly string[]> {
  const started: string[] = [];
  const processes: Processes = {
    run: async ([command]) => {
      started.push(command);
      const stdout = answers[command];
      const refusal = { code: 1, stdout: "", stderr: "ERROR permission denied\n" };
      return {
        code: 0,
        stderr: "",
        timedOut: false,
        truncated: false,
        ...(stdout === undefined ? refusal : { stdout }),
      };
    },
    spawnDetached: () => Promise.reject(new Error("nothing is to be started")),
  };
  const place = { JUJU_CHARM_DIR: join(folder, "charm"), JUJU_UNIT_NAME: "db/0", JUJU_VERSION: "3.6.8" };
  const kept = keptAnswers({ ...place, JUJU_DISPATCH_PATH: `hooks/${hook}`, ...env }, () => clock);
  const outcome = await work(hookTools(processes, kept)).then(
    () => true,
    () => false,
  );
  if (outcome) await kept.keep();
  return started;
}

async function read(tools: HookTools): Promise<unknown> {
  return [await tools.isLeader(), await tools.configGet(), await tools.relationGet(1, "db/0")];
}

const everything = ["is-leader", "config-get", "relation-get"];

describe("an update-status that changes nothing", () => {
  test("spares the next one all questions but who leads, with the same answers", async () => {
    expect(await dispatch("update-status")).toEqual(everything);
    answers = { "is-leader": "true" };
    const seen = { config: {}, bag: {} };
    const again = async (tools: HookTools): Promise<void> => {
      seen.config = await tools.configGet();
      seen.bag = await tools.relationGet(1, "db/0");
    };
    expect(await dispatch("update-status", again)).toEqual(["is-leader"]);
    expect(seen).toEqual({ config: { port: 80 }, bag: { a: "1" } });
    expect(await dispatch("update-status")).toEqual(["is-leader"]);
  });

  test("keeps an answer for its own question only", async () => {
    await dispatch("update-status");
    expect(await dispatch("update-status", (tools) => tools.relationGet(2, "db/0"))).toEqual([
      "relation-get",
    ]);
  });

  test("writes down nothing for other users, and no secret's content", async () => {
    answers["secret-get"] = '{"password":"hush-hush"}';
    await dispatch("update-status", async (tools) => {
      await read(tools);
      await tools.secretGet({ label: "x" }, {});
    });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readFileSync(file(), "utf8")).not.toContain("hush");
    expect(await dispatch("update-status", (tools) => tools.secretGet({ label: "x" }, {}))).toEqual([
      "secret-get",
    ]);
  });

  test("of the application's status, which holds other units', nothing is kept", async () => {
    answers["status-get"] = '{"application-status":{"status":"active","message":""}}';
    const ask = async (tools: HookTools): Promise<void> => {
      await tools.isLeader();
      await tools.statusGet("app");
    };
    await dispatch("update-status", ask);
    expect(await dispatch("update-status", ask)).toEqual(["is-leader", "status-get"]);
  });
});

describe("everything is asked again", () => {
  beforeEach(async () => {
    await dispatch("update-status");
  });

  test.each(["config-changed", "relation-changed", "leader-elected", "job-ended"])(
    "after %s",
    async (hook) => {
      expect(await dispatch(hook)).toEqual(everything);
      expect(existsSync(file())).toBe(false);
      expect(await dispatch("update-status")).toEqual(everything);
    },
  );

  test("after an action", async () => {
    await dispatch("x", read, { JUJU_DISPATCH_PATH: "actions/update-status" });
    expect(await dispatch("update-status")).toEqual(everything);
  });

  test("after a hook that failed", async () => {
    await dispatch("update-status", () => Promise.reject(new Error("no")));
    expect(await dispatch("update-status")).toEqual(everything);
  });

  test.each<[string, (tools: HookTools) => Promise<unknown>]>([
    ["its data", (tools) => tools.relationSet(1, "unit", { a: "2" })],
    ["its status", (tools) => tools.statusSet("unit", { kind: "active", message: "" })],
    ["its state", (tools) => tools.stateSet({ a: "1" })],
    ["a port", (tools) => tools.openPort("80/tcp", [])],
  ])("after an update-status that changed %s", async (_, change) => {
    answers = { ...answers, "relation-set": "", "status-set": "", "state-set": "", "open-port": "" };
    await dispatch("update-status", async (tools) => {
      await read(tools);
      await change(tools);
    });
    expect(await dispatch("update-status")).toEqual(everything);
  });

  test("when the lead went", async () => {
    answers["is-leader"] = "false";
    expect(await dispatch("update-status")).toEqual(everything);
  });

  test("after a quarter of an hour, however often they were used", async () => {
    clock += 10 * MINUTE;
    expect(await dispatch("update-status")).toEqual(["is-leader"]);
    clock += 5 * MINUTE;
    expect(await dispatch("update-status")).toEqual(everything);
  });

  test("when the clock went back", async () => {
    clock -= 1;
    expect(await dispatch("update-status")).toEqual(everything);
  });

  test("by another Juju", async () => {
    expect(await dispatch("update-status", read, { JUJU_VERSION: "4.0.1" })).toEqual(everything);
  });

  test("by another unit", async () => {
    expect(await dispatch("update-status", read, { JUJU_UNIT_NAME: "db/1" })).toEqual(everything);
  });

  test.each(["", "{", "[]", '{"layout":0}', '"text"'])("when what is written down is %j", async (text) => {
    writeFileSync(file(), text);
    expect(await dispatch("update-status")).toEqual(everything);
  });
});

test("a refusal is not kept", async () => {
  delete answers["relation-get"];
  const ask = async (tools: HookTools): Promise<void> => {
    await tools.isLeader();
    await expect(tools.relationGet(1, "db/0")).rejects.toThrow(HookToolError);
  };
  expect(await dispatch("update-status", ask)).toEqual(["is-leader", "relation-get"]);
  expect(await dispatch("update-status", ask)).toEqual(["is-leader", "relation-get"]);
});
