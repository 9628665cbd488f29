import { readdirSync, readlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { classify } from "../../lib/hook-error.ts";
import {
  HookToolError,
  type HookToolReason,
  type HookTools,
  hookTools,
  type Processes,
  realProcesses,
  Secret,
} from "../../lib/index.ts";
import { eventually, program, temporaryDirectory, textOf } from "./support/programs.ts";

interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
}

interface Juju {
  readonly tools: HookTools;
  /** Arguments of the last call, one a line, and what it read. */
  called(): Promise<string | undefined>;
}

/** Hook commands on PATH of which one gives the answer; each notes how it was called. */
async function juju(command: string, { stdout = "", stderr = "", code = 0 }: Answer): Promise<Juju> {
  const directory = await temporaryDirectory();
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const script = [
    `printf '%s\\n' "$@" > ${directory}/called`,
    `for argument in "$@"; do case "$argument" in *'#file='*) cat "\${argument#*=}"; readlink "\${argument#*=}";; esac; done >> ${directory}/called`,
    `[ "$STDIN" = yes ] && cat >> ${directory}/called`,
    `printf %s ${quoted(stdout)}`,
    `printf %s ${quoted(stderr)} >&2`,
    `exit ${code}`,
  ].join("\n");
  await program(directory, command, script);
  const real = realProcesses();
  const processes: typeof real = {
    ...real,
    run: ([name, ...args], options) =>
      real.run([`${directory}/${name}`, ...args], {
        ...options,
        env: { STDIN: options.stdin === undefined ? "no" : "yes" },
      }),
  };
  return { tools: hookTools(processes), called: () => textOf(`${directory}/called`) };
}

const network = {
  "bind-addresses": [
    {
      "interface-name": "eth0",
      addresses: [{ hostname: "juju-1", value: "10.0.0.5", cidr: "10.0.0.0/24" }],
    },
  ],
  "egress-subnets": ["10.0.0.5/32"],
  "ingress-addresses": ["10.0.0.6", "10.0.0.7"],
};
const goal = {
  units: { "db/0": { status: "active" }, "db/1": { status: "dying" } },
  relations: { upstream: { web: { status: "joined", since: "2026-01-02 03:04:05Z" } } },
};
const content = { password: new Secret("pa55word-1\n") };

type Call = (tools: HookTools) => Promise<unknown>;

describe("questions: command line, answer of Juju, what comes back", () => {
  test.each<[string, string, Call, string, unknown]>([
    ["relation-ids", '["peers:3","peers:12"]', (t) => t.relationIds("peers"), "--format=json peers", [3, 12]],
    ["relation-ids", "null", (t) => t.relationIds("peers"), "--format=json peers", []],
    ["relation-list", '["db/0"]', (t) => t.relationUnits(3), "--format=json -r 3", ["db/0"]],
    ["relation-list", '"web"', (t) => t.relationApp(3), "--format=json -r 3 --app", "web"],
    ["relation-get", '{"a":"1"}', (t) => t.relationGet(3, "db/0"), "--format=json -r 3 - db/0", { a: "1" }],
    ["relation-get", "{}", (t) => t.relationGet(3, "web"), "--format=json -r 3 --app - web", {}],
    ["relation-get", "null", (t) => t.relationGet(3, "web"), "--format=json -r 3 --app - web", {}],
    ["is-leader", "true", (t) => t.isLeader(), "--format=json", true],
    ["is-leader", "false", (t) => t.isLeader(), "--format=json", false],
    ["config-get", '{"port":80,"x":true}', (t) => t.configGet(), "--format=json", { port: 80, x: true }],
    [
      "status-get",
      '{"message":"hi","status":"active","status-data":{}}',
      (t) => t.statusGet("unit"),
      "--format=json --include-data",
      { kind: "active", message: "hi" },
    ],
    [
      "status-get",
      '{"application-status":{"message":"","status":"unknown","units":{}}}',
      (t) => t.statusGet("app"),
      "--format=json --include-data --application",
      { kind: "unknown", message: "" },
    ],
    ["action-get", '{"force":true}', (t) => t.actionGet(), "--format=json", { force: true }],
    ["relation-model-get", '{"uuid":"1111-2"}', (t) => t.relationModel(3), "--format=json -r 3", "1111-2"],
    ["leader-get", '{"a":"1"}', (t) => t.leaderGet(), "--format=json", { a: "1" }],
    [
      "status-get",
      '{"application-status":{"message":"","status":"active","units":{"db/1":{"message":"m","status":"blocked"}}}}',
      (t) => t.unitStatuses(),
      "--format=json --include-data --application",
      { "db/1": { kind: "blocked", message: "m" } },
    ],
    [
      "secret-info-get",
      '{"9m4e":{"revision":2,"label":"l","owner":"unit","rotation":"daily","rotates":"2026-01-02T03:04:05Z"}}',
      (t) => t.secretInfo({ label: "l" }),
      "--format=json --label l",
      {
        id: "9m4e",
        revision: 2,
        owner: "unit",
        label: "l",
        description: "",
        rotation: "daily",
        expires: undefined,
        rotates: new Date("2026-01-02T03:04:05Z"),
      },
    ],
    [
      "secret-info-get",
      '{"9m4e":{"revision":1,"label":"","owner":"application","description":"d","expiry":"2026-01-02T03:04:05Z"}}',
      (t) => t.secretInfo({ id: "secret:9m4e" }),
      "--format=json secret:9m4e",
      {
        id: "9m4e",
        revision: 1,
        owner: "application",
        label: "",
        description: "d",
        rotation: "never",
        expires: new Date("2026-01-02T03:04:05Z"),
        rotates: undefined,
      },
    ],
    ["secret-ids", "null", (t) => t.secretIds(), "--format=json", []],
    ["secret-ids", '["a","b"]', (t) => t.secretIds(), "--format=json", ["a", "b"]],
    ["unit-get", '"10.0.0.5"', (t) => t.unitAddress("private"), "--format=json private-address", "10.0.0.5"],
    ["state-get", '{"a":"1"}', (t) => t.stateGet(), "--format=json", { a: "1" }],
    ["state-get", "null", (t) => t.stateGet(), "--format=json", {}],
    ["storage-list", '["data/0"]', (t) => t.storageIds("data"), "--format=json data", ["data/0"]],
    ["storage-list", '["data/0","logs/1"]', (t) => t.storageIds(), "--format=json", ["data/0", "logs/1"]],
    [
      "storage-get",
      '{"kind":"block","location":"/dev/sdb"}',
      (t) => t.storageGet("data/0"),
      "--format=json -s data/0",
      { kind: "block", location: "/dev/sdb" },
    ],
    [
      "network-get",
      JSON.stringify(network),
      (t) => t.networkGet("peers", 3),
      "--format=json peers -r 3",
      {
        bindAddress: "10.0.0.5",
        ingressAddress: "10.0.0.6",
        hostname: "juju-1",
        interfaces: [
          {
            name: "eth0",
            mac: "",
            addresses: [{ hostname: "juju-1", value: "10.0.0.5", cidr: "10.0.0.0/24" }],
          },
        ],
        ingressAddresses: ["10.0.0.6", "10.0.0.7"],
        egressSubnets: ["10.0.0.5/32"],
      },
    ],
    [
      "network-get",
      "{}",
      (t) => t.networkGet("peers"),
      "--format=json peers",
      { interfaces: [], ingressAddresses: [], egressSubnets: [] },
    ],
    [
      "opened-ports",
      '["80/tcp (*)","90-99/tcp (db, web)","icmp (*, db)"]',
      (t) => t.openedPorts(),
      "--format=json --endpoints",
      [
        { range: "80/tcp", endpoints: [] },
        { range: "90-99/tcp", endpoints: ["db", "web"] },
        { range: "icmp", endpoints: [] },
      ],
    ],
    [
      "goal-state",
      JSON.stringify(goal),
      (t) => t.goalState(),
      "--format=json",
      {
        units: { "db/0": { status: "active", since: "" }, "db/1": { status: "dying", since: "" } },
        relations: { upstream: { web: { status: "joined", since: "2026-01-02 03:04:05Z" } } },
      },
    ],
  ])("%s → %s", async (command, stdout, call, line, wanted) => {
    const { tools, called } = await juju(command, { stdout });
    expect(await call(tools)).toEqual(wanted);
    expect((await called())?.trimEnd().split("\n").join(" ")).toBe(line);
  });

  test("the attributes of a credential come back wrapped", async () => {
    const stdout = JSON.stringify({
      type: "lxd",
      name: "localhost",
      region: "here",
      endpoint: "10.0.0.1",
      credential: { "auth-type": "certificate", attrs: { "client-key": "pr1vate-key" } },
    });
    const { tools } = await juju("credential-get", { stdout });
    const read = await tools.credentialGet();
    expect(read).toMatchObject({ type: "lxd", name: "localhost", region: "here", authType: "certificate" });
    expect(read.attributes["client-key"]?.reveal()).toBe("pr1vate-key");
    expect(JSON.stringify(read)).not.toContain("pr1vate-key");
  });

  test("a resource's path is taken as it is", async () => {
    const { tools, called } = await juju("resource-get", { stdout: "/var/lib/juju/resources/a b/file " });
    expect(await tools.resourceGet("app")).toBe("/var/lib/juju/resources/a b/file ");
    expect(await called()).toBe("app\n");
  });

  test("a label is given by reading", async () => {
    const { tools, called } = await juju("secret-get", { stdout: "{}" });
    await tools.secretLabel("secret:9m4e", "theirs");
    const line = (await called())?.trimEnd().split("\n");
    expect(line).toEqual(["--format=json", "secret:9m4e", "--label", "theirs"]);
  });

  test("a secret comes back wrapped", async () => {
    const { tools, called } = await juju("secret-get", { stdout: '{"password":"pa55word-2"}' });
    const read = await tools.secretGet({ label: "keys" }, { refresh: true });
    expect(JSON.stringify(read)).not.toContain("pa55word-2");
    expect(read["password"]?.reveal()).toBe("pa55word-2");
    expect((await called())?.trimEnd().split("\n")).toEqual([
      "--format=json",
      "--label",
      "keys",
      "--refresh",
    ]);
  });
});

describe("orders: what is run, with which arguments and input", () => {
  test.each<[string, Call, readonly string[]]>([
    [
      "relation-set",
      (t) => t.relationSet(3, "unit", { a: "1\n", b: "" }),
      ["-r", "3", "--file", "-", '{"a":"1\\n","b":""}'],
    ],
    [
      "relation-set",
      (t) => t.relationSet(3, "app", { a: "1" }),
      ["-r", "3", "--app", "--file", "-", '{"a":"1"}'],
    ],
    ["status-set", (t) => t.statusSet("unit", { kind: "blocked", message: "-x" }), ["--", "blocked", "-x"]],
    [
      "status-set",
      (t) => t.statusSet("app", { kind: "active", message: "" }),
      ["--application", "--", "active", ""],
    ],
    ["application-version-set", (t) => t.applicationVersionSet("9.7"), ["--", "9.7"]],
    ["juju-log", (t) => t.jujuLog("WARNING", "--x y"), ["--log-level", "WARNING", "--", "--x y"]],
    ["action-set", (t) => t.actionSet(new Map([["a.b", "c=d"]])), ["--", "a.b=c=d"]],
    ["action-fail", (t) => t.actionFail("-no"), ["--", "-no"]],
    ["action-log", (t) => t.actionLog("step 1"), ["--", "step 1"]],
    ["secret-grant", (t) => t.secretGrant("secret:9m4e", 3), ["secret:9m4e", "-r", "3"]],
    [
      "secret-grant",
      (t) => t.secretGrant("secret:9m4e", 3, "web/0"),
      ["secret:9m4e", "-r", "3", "--unit", "web/0"],
    ],
    ["secret-revoke", (t) => t.secretRevoke("secret:9m4e", { relation: 3 }), ["secret:9m4e", "-r", "3"]],
    ["secret-revoke", (t) => t.secretRevoke("secret:9m4e", { app: "web" }), ["secret:9m4e", "--app", "web"]],
    [
      "secret-revoke",
      (t) => t.secretRevoke("secret:9m4e", { unit: "web/0" }),
      ["secret:9m4e", "--unit", "web/0"],
    ],
    ["secret-remove", (t) => t.secretRemove("secret:9m4e"), ["secret:9m4e"]],
    ["secret-remove", (t) => t.secretRemove("secret:9m4e", 4), ["secret:9m4e", "--revision", "4"]],
    [
      "secret-set",
      (t) => t.secretSet("secret:9m4e", undefined, { rotate: "daily", expire: new Date(0), label: "l" }),
      ["secret:9m4e", "--label", "l", "--expire", "1970-01-01T00:00:00.000Z", "--rotate", "daily"],
    ],
    ["leader-set", (t) => t.leaderSet({ a: "1", b: "" }), ["--", "a=1", "b="]],
    ["state-delete", (t) => t.stateDelete("key"), ["--", "key"]],
    ["storage-add", (t) => t.storageAdd("data", 2), ["data=2"]],
    ["close-port", (t) => t.closePort("80/tcp", []), ["80/tcp"]],
    ["open-port", (t) => t.openPort("53/udp", ["db", "web"]), ["--endpoints", "db,web", "53/udp"]],
    ["juju-reboot", (t) => t.reboot("now"), ["--now"]],
    ["state-set", (t) => t.stateSet({ key: '{"a":1}' }), ["--file", "-", '{"key":"{\\"a\\":1}"}']],
    ["open-port", (t) => t.openPort("3306/tcp", []), ["3306/tcp"]],
  ])("%s", async (command, call, wanted) => {
    const { tools, called } = await juju(command, {});
    await call(tools);
    expect((await called())?.replace(/\n$/, "").split("\n")).toEqual(wanted);
  });

  test("no results, no action-set", async () => {
    const { tools, called } = await juju("action-set", { code: 1 });
    await tools.actionSet(new Map());
    expect(await called()).toBeUndefined();
  });

  test("a secret's values go through files without a name, never through arguments", async () => {
    const { tools, called } = await juju("secret-add", { stdout: "secret://uuid/9m4e\n" });
    const uri = await tools.secretAdd(content, { owner: "unit", label: "keys", description: "of the test" });
    expect(uri).toBe("secret://uuid/9m4e");
    const [owner, ...rest] = (await called())?.split("\n") ?? [];
    expect([owner, ...rest.slice(0, 5)]).toEqual([
      "--owner",
      "unit",
      "--label",
      "keys",
      "--description",
      "of the test",
    ]);
    expect(rest[5]).toBe("--");
    const [file, value, link] = rest.slice(6);
    expect(file).toMatch(/^password#file=\/proc\/\d+\/fd\/\d+$/);
    expect(file).not.toContain("pa55word");
    expect(value).toBe("pa55word-1");
    expect(link).toMatch(/charm-secret-\S+ \(deleted\)$/);
    expect(isOpen(link)).toBe(false);
  });

  test("the files are closed also after a failure", async () => {
    const { tools, called } = await juju("secret-set", { code: 1, stderr: "ERROR permission denied" });
    await expect(tools.secretSet("secret:9m4e", content, {})).rejects.toMatchObject({ reason: "denied" });
    const [value, link] = (await called())?.trimEnd().split("\n").slice(-2) ?? [];
    expect(value).toBe("pa55word-1");
    expect(isOpen(link)).toBe(false);
  });
});

/** Processes that run this program, whichever is asked for. */
function alwaysRunning(path: string): Processes {
  const real = realProcesses();
  return { ...real, run: (_argv, options) => real.run([path], options) };
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether this process still has the file open that held the secret's value during the call. */
function isOpen(link: string | undefined): boolean {
  if (link === undefined) throw new Error("no file was given");
  return readdirSync("/proc/self/fd").some((fd) => targetOf(`/proc/self/fd/${fd}`) === link);
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Of the listing itself.
    return "";
  }
}

describe("failures", () => {
  test.each<[number, string, HookToolReason]>([
    [2, 'ERROR invalid value "db:99" for option -r: relation not found', "relation-gone"],
    [1, "ERROR relation 2 not found", "relation-gone"],
    [1, "ERROR permission denied", "denied"],
    [1, "ERROR permission denied (unauthorized access)", "denied"],
    [1, "ERROR this unit is not the leader", "not-leader"],
    [1, "ERROR cannot write relation settings", "not-leader"],
    [1, "ERROR cannot write leadership settings: cannot write settings: not the leader", "not-leader"],
    [1, 'ERROR secret "9m4e" not found', "not-found"],
    [1, 'ERROR consumer label "keys" not found', "not-found"],
    [2, "ERROR option provided but not defined: --foo", "bad-request"],
    [1, "ERROR bad request: unknown command: leader-get", "unsupported"],
    [1, "ERROR something else", "failed"],
  ])("%i %s is %s", (code, stderr, reason) => {
    expect(classify("command", code, stderr)).toMatchObject({ reason, returnCode: code, command: "command" });
  });

  test("the error tells the command and what Juju said", async () => {
    const { tools } = await juju("is-leader", { code: 1, stderr: "ERROR lease is away\n" });
    const failed = await tools.isLeader().catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(HookToolError);
    expect(failed).toMatchObject({ message: "is-leader failed (failed, exit code 1): lease is away" });
  });

  test("a command that is not there is one that this Juju does not have", async () => {
    const { tools } = await juju("is-leader", {});
    await expect(tools.leaderGet()).rejects.toMatchObject({ reason: "unsupported", command: "leader-get" });
  });

  test("a command that hangs is ended, with all that it started", async () => {
    const directory = await temporaryDirectory();
    const path = await program(directory, "is-leader", `sleep 300 & echo $! > ${directory}/pid; wait`);
    const tools = hookTools(alwaysRunning(path), { timeoutMs: 500 });
    await expect(tools.isLeader()).rejects.toThrow("no answer within 0.5 s");
    const pid = Number(await textOf(`${directory}/pid`));
    await eventually("the end of what it started", async () => (isThere(pid) ? undefined : true));
  });

  test("everything waits for an answer, but not for a download", async () => {
    const blocking: (readonly [string, unknown])[] = [];
    const processes: Processes = {
      ...realProcesses(),
      run: async ([command], { isBlocking }) => {
        blocking.push([command, isBlocking]);
        return { code: 0, stdout: "true", stderr: "", timedOut: false, truncated: false };
      },
    };
    const tools = hookTools(processes);
    await tools.isLeader();
    await tools.resourceGet("app");
    expect(blocking).toEqual([
      ["is-leader", true],
      ["resource-get", false],
    ]);
  });

  test("an answer of more than any Juju gives is refused, not cut", async () => {
    const directory = await temporaryDirectory();
    const path = await program(directory, "relation-get", "head -c 9000000 /dev/zero");
    const answer = hookTools(alwaysRunning(path)).relationGet(3, "db/0");
    await expect(answer).rejects.toThrow("larger than any Juju gives");
  });

  test.each<[string, string, Call, string]>([
    ["relation-ids", '"peers:1"', (t) => t.relationIds("peers"), "a list was expected"],
    ["relation-ids", '["peers"]', (t) => t.relationIds("peers"), "is not <endpoint>:<number>"],
    ["relation-list", "[1]", (t) => t.relationUnits(1), "an item of a list is no text"],
    ["relation-list", '["db"]', (t) => t.relationUnits(1), "is not <name>/<number>"],
    ["storage-list", '["data"]', (t) => t.storageIds(), "is not <name>/<number>"],
    ["relation-list", '{"toString":1}', (t) => t.relationApp(1), "it is no text"],
    ["relation-get", '{"a":{"b":1}}', (t) => t.relationGet(1, "db/0"), "a is no text"],
    ["relation-model-get", "7", (t) => t.relationModel(1), "a map was expected"],
    ["is-leader", '"true"', (t) => t.isLeader(), "neither true nor false"],
    ["is-leader", "", (t) => t.isLeader(), "neither true nor false"],
    ["config-get", '{"port":null}', (t) => t.configGet(), "port is no option's value"],
    ["network-get", '{"bind-addresses":{"a":1}}', (t) => t.networkGet("peers"), "a list was expected"],
    ["goal-state", "{}", (t) => t.goalState(), "it names no unit"],
    ["goal-state", "", (t) => t.goalState(), "it names no unit"],
    ["goal-state", '{"units":["db/0"]}', (t) => t.goalState(), "a map was expected"],
    ["opened-ports", "{}", (t) => t.openedPorts(), "a list was expected"],
    ["credential-get", "[]", (t) => t.credentialGet(), "a map was expected"],
    ["storage-get", '"/data"', (t) => t.storageGet("data/0"), "a map was expected"],
    ["status-get", '{"application-status":{"units":[]}}', (t) => t.unitStatuses(), "a map was expected"],
    ["status-get", '{"status":1}', (t) => t.statusGet("unit"), "it is no text"],
    ["state-get", '{"a":1}', (t) => t.stateGet(), "a is no text"],
    ["secret-get", '{"password":1}', (t) => t.secretGet({ label: "l" }, {}), "password is no text"],
    ["secret-ids", '"a"', (t) => t.secretIds(), "a list was expected"],
    ["action-get", "[]", (t) => t.actionGet(), "a map was expected"],
  ])("%s that answers %j is a failure, and never taken for none", async (command, stdout, call, why) => {
    const real = realProcesses();
    const result = { code: 0, stdout, stderr: "", timedOut: false, truncated: false };
    const failed = await call(hookTools({ ...real, run: async () => result })).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(HookToolError);
    expect(String(failed)).toContain(
      `${command} failed (failed, exit code 0): its answer is not of Juju's form`,
    );
    expect(String(failed)).toContain(why);
  });

  test("an answer that is no JSON is an error", async () => {
    const { tools } = await juju("config-get", { stdout: "{ nonsense" });
    await expect(tools.configGet()).rejects.toThrow("its answer is no JSON");
  });
});
