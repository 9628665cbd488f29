import { beforeEach, describe, expect, test } from "vitest";
import { hookCommandNames } from "../../../../lib/juju/hook-commands/index.ts";
import type { Task } from "../../../../lib/juju/model.ts";
import { setConfig } from "../../../../sandbox/juju/operations/applications.ts";
import { integrate } from "../../../../sandbox/juju/operations/relate.ts";
import { enqueueAction } from "../../../../sandbox/juju/operations/tasks.ts";
import { refused, shell } from "../support/calls.ts";
import { deployed, now, type Place, settle, stateWithCharm, unitOf } from "../support/models.ts";

let leader: Place;
let follower: Place;

beforeEach(() => {
  const state = stateWithCharm();
  leader = deployed(state, "rome", "a", 2);
  settle(state);
  follower = { ...leader, unit: unitOf(leader.model, "a/1") };
});

const application = () => {
  const found = leader.model.applications["a"];
  if (found === undefined) throw new Error("no application a");
  return found;
};

test("every command of a 3.6 machine charm is there, and no other", () => {
  expect(hookCommandNames).toEqual(
    [
      ...["relation-ids", "relation-list", "relation-get", "relation-set", "relation-model-get"],
      ...[
        "is-leader",
        "leader-get",
        "leader-set",
        "config-get",
        "status-get",
        "status-set",
        "application-version-set",
      ],
      ...["juju-log", "juju-reboot", "action-get", "action-set", "action-fail", "action-log"],
      ...[
        "secret-add",
        "secret-set",
        "secret-get",
        "secret-remove",
        "secret-grant",
        "secret-revoke",
        "secret-info-get",
      ],
      ...[
        "secret-ids",
        "state-get",
        "state-set",
        "state-delete",
        "storage-list",
        "storage-get",
        "storage-add",
      ],
      ...["resource-get", "network-get", "unit-get", "open-port", "close-port", "opened-ports", "goal-state"],
      ...["credential-get", "payload-register", "payload-unregister", "payload-status-set", "add-metric"],
    ].sort(),
  );
  expect(shell(leader).run("pod-spec-set")).toEqual(refused(1, "bad request: unknown command: pod-spec-set"));
  expect(shell(leader).run("toString")).toEqual(refused(1, "bad request: unknown command: toString"));
});

test("--help explains and exits 0; an unknown format does not", () => {
  expect(shell(leader).run("is-leader --help")).toMatchObject({ code: 0, stderr: "" });
  expect(shell(leader).run("is-leader --format xml").stderr).toContain('unknown format "xml"');
});

describe("leadership", () => {
  test("is-leader in all formats", () => {
    expect(shell(leader).out("is-leader")).toBe("True\n");
    expect(shell(follower).out("is-leader --format=json")).toBe("false\n");
    expect(shell(leader).run("is-leader x")).toEqual(refused(2, 'unrecognized args: ["x"]'));
  });

  test("once lost it stays lost for the hook", () => {
    const { out } = shell(leader);
    application().leader = "a/1";
    expect(out("is-leader")).toBe("False\n");
    application().leader = "a/0";
    expect(out("is-leader")).toBe("False\n");
  });

  test("leader settings are written at once and moved on", () => {
    shell(leader).out("leader-set k=v");
    expect(shell(follower).out("leader-get k")).toBe("v\n");
    expect(application().leaderSettingsVersion).toBe(1);
    expect(shell(follower).run("leader-set k=w")).toEqual(
      refused(1, "cannot write leadership settings: cannot write settings: not the leader"),
    );
    expect(shell(leader).run("leader-get a=b")).toEqual(refused(2, 'invalid key "a=b"'));
  });
});

describe("config-get", () => {
  test("keeps types and shows defaults; --all shows what is unset too", () => {
    setConfig(leader.state, leader.model, "a", { set: { ratio: "0.5" }, reset: [] });
    const { out, run } = shell(leader);
    expect(out("config-get port")).toBe("80\n");
    expect(out("config-get --format json")).toBe('{"fast":false,"port":80,"ratio":0.5}\n');
    expect(out("config-get -a --format json")).toBe('{"fast":false,"port":80,"ratio":0.5,"title":null}\n');
    expect(out("config-get nothing")).toBe("");
    expect(out("config-get nothing --format json")).toBe("null\n");
    expect(run("config-get --all port")).toEqual(
      refused(2, 'cannot use argument --all together with key "port"'),
    );
  });

  test("is read once per hook", () => {
    const { out } = shell(leader);
    expect(out("config-get port")).toBe("80\n");
    setConfig(leader.state, leader.model, "a", { set: { port: "81" }, reset: [] });
    expect(out("config-get port")).toBe("80\n");
    expect(shell(leader).out("config-get port")).toBe("81\n");
  });
});

describe("status", () => {
  test("is set at once, and not seen by this hook once it was read", () => {
    const { out } = shell(leader);
    out("status-set active ready");
    expect(leader.unit.workload).toEqual({ status: "active", message: "ready", since: now });
    expect(out("status-get")).toBe("active\n");
    out("status-set blocked");
    expect(out("status-get --format json")).toBe('{"status":"active"}\n');
    expect(shell(leader).out("status-get --include-data --format json")).toBe(
      '{"message":"","status":"blocked","status-data":{}}\n',
    );
  });

  test("of the application is the leader's", () => {
    shell(leader).out(["status-set", "--application", "active", "all well"]);
    expect(application().status).toMatchObject({ status: "active", message: "all well" });
    expect(JSON.parse(shell(leader).out("status-get --application --format json"))).toMatchObject({
      "application-status": { status: "active", units: { "a/0": {}, "a/1": {} } },
    });
    expect(shell(follower).run("status-set --application active")).toEqual(
      refused(1, "this unit is not the leader"),
    );
    expect(shell(follower).run("status-get --application")).toEqual(
      refused(1, "finding application status: this unit is not the leader"),
    );
  });

  test.each([
    ["status-set", "invalid args, require <status> [message]"],
    ["status-set great", 'invalid status "great", expected one of [maintenance blocked waiting active]'],
    ["status-set active a b", 'unrecognized args: ["b"]'],
    ["application-version-set", "no version specified"],
  ])("%s", (line, message) => {
    expect(shell(leader).run(line)).toEqual(refused(2, message));
  });
});

describe("juju-log", () => {
  test("joins its words, and knows levels", () => {
    const { out, run, logged } = shell(leader);
    out("juju-log -l error it is bad");
    out("juju-log --debug fine");
    out("juju-log -l LOUD so so");
    expect(logged).toEqual([
      "ERROR unit.a/0.juju-log it is bad",
      "DEBUG unit.a/0.juju-log fine",
      'WARNING unit.a/0.juju-log Specified log level of "LOUD" is not valid; using INFO.',
      "INFO unit.a/0.juju-log so so",
    ]);
    expect(run("juju-log")).toEqual(refused(2, "no message specified"));
  });

  test("says in relation hooks which relation", () => {
    const hook = {
      kind: "relation-broken",
      relation: 0,
      endpoint: "friends",
      remoteApp: "a",
      remoteUnit: "",
      version: 0,
    } as const;
    const { out, logged } = shell(leader, { hook, scope: hook });
    out("juju-log x");
    expect(logged).toEqual(["INFO unit.a/0.juju-log friends:0: x"]);
  });
});

describe("actions", () => {
  const task = (): Task => {
    const [made] = enqueueAction(
      leader.state,
      leader.model,
      [leader.unit],
      { name: "backup", parameters: { to: "s3" } },
      now,
    );
    if (made === undefined) throw new Error("no task");
    return made;
  };

  test("parameters, with the schema's defaults", () => {
    const { out } = shell(leader, { task: task() });
    expect(out("action-get to")).toBe("s3\n");
    expect(out("action-get --format json")).toBe('{"level":1,"to":"s3"}\n');
    expect(out("action-get no.thing --format json")).toBe("null\n");
  });

  test("results are a tree of strings: the last write of a path wins", () => {
    const { out, context } = shell(leader, { task: task() });
    out("action-set a=1 b.c=2");
    out("action-set a.x=3 b=4");
    expect(context.results).toEqual({ a: { x: "3" }, b: "4" });
  });

  test("failing keeps the first words of why; logging goes out at once", () => {
    const running = task();
    const { out, context } = shell(leader, { task: running });
    out("action-log half way");
    expect(running.log).toEqual([{ time: now, message: "half way" }]);
    out("action-fail");
    expect(context.failed).toBe("action failed without reason given, check action for errors");
    out(["action-fail", "no room"]);
    expect(context.failed).toBe("no room");
  });

  test.each([
    [
      "action-set X=1",
      2,
      'key "X" must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric, hyphens and periods',
    ],
    ["action-set stdout=1", 2, 'cannot set reserved action key "stdout"'],
    ["action-set x", 2, 'argument "x" must be of the form key...=value'],
    ["action-log", 2, "no message specified"],
    ["juju-reboot", 1, "juju-reboot is not supported when running an action."],
  ])("%s", (line, code, message) => {
    expect(shell(leader, { task: task() }).run(line)).toEqual(refused(code, message));
  });

  test("need an action to run", () => {
    for (const line of ["action-get", "action-set a=1", "action-fail", "action-log x"]) {
      expect(shell(leader).run(line)).toEqual(refused(1, "not running an action"));
    }
  });
});

describe("charm state", () => {
  test("shows this hook's own writes", () => {
    const { out, run } = shell(leader);
    out("state-set a=1 b=2");
    expect(out("state-get")).toBe('a: "1"\nb: "2"\n');
    expect(out("state-get a")).toBe("1\n");
    out("state-delete a");
    out("state-delete never-there");
    out(["state-set", "b="]);
    expect(out("state-get --format json")).toBe("{}\n");
    expect(out("state-get a")).toBe("");
    expect(run("state-get --strict a")).toEqual(refused(1, '"a" not found'));
  });

  test("has limits", () => {
    const { run } = shell(leader);
    expect(run(["state-set", `${"k".repeat(257)}=v`])).toEqual(
      refused(1, "max allowed key length (256) exceeded"),
    );
    expect(run(["state-set", `k=${"v".repeat(65_537)}`])).toEqual(
      refused(1, "max allowed value length (65536) exceeded"),
    );
  });
});

describe("machine and model", () => {
  test("storage: attached only, by name, with its attributes", () => {
    const { out, run } = shell(leader);
    expect(out("storage-list")).toBe("data/0\n");
    expect(out("storage-list nothing --format json")).toBe("[]\n");
    expect(out("storage-get -s data/0 location")).toBe("/srv/data\n");
    expect(out("storage-get -s data/0 --format json")).toBe('{"kind":"filesystem","location":"/srv/data"}\n');
    expect(run("storage-get")).toEqual(refused(2, "no storage instance specified"));
    expect(run("storage-get -s data/0 size")).toEqual(refused(1, 'invalid storage attribute "size"'));
    expect(run("storage-get -s data").stderr).toContain('invalid storage ID "data"');
    expect(run("storage-add")).toEqual(refused(2, "storage add requires a storage directive"));
    expect(run("storage-add data=1G")).toEqual(refused(2, 'only count can be specified for "data"'));
    const hook = { kind: "storage-attached", storage: "data/0" } as const;
    expect(shell(leader, { hook }).out("storage-get kind")).toBe("filesystem\n");
  });

  test("network", () => {
    const { out, run } = shell(leader);
    expect(JSON.parse(out("network-get friends --format json"))).toEqual({
      "bind-addresses": [
        {
          "mac-address": "",
          "interface-name": "eth0",
          addresses: [{ hostname: "", value: "10.1.0.10", cidr: "10.1.0.0/24" }],
        },
      ],
      "egress-subnets": ["10.1.0.10/32"],
      "ingress-addresses": ["10.1.0.10"],
    });
    expect(out("network-get admin --bind-address")).toBe("10.1.0.10\n");
    expect(out("network-get juju-info --ingress-address --egress-subnets --format json")).toBe(
      '{"ingress-address":"10.1.0.10","egress-subnets":["10.1.0.10/32"]}\n',
    );
    expect(out("unit-get private-address")).toBe("10.1.0.10\n");
    expect(run("unit-get mood")).toEqual(refused(2, 'unknown setting "mood"'));
    expect(run("network-get nowhere")).toEqual(refused(1, 'no network config found for binding "nowhere"'));
    expect(run("network-get")).toEqual(refused(2, "no arguments specified"));
    expect(run("network-get admin --primary-address --bind-address")).toEqual(
      refused(2, "--primary-address must be the only flag specified"),
    );
  });

  test("ports", () => {
    const { out, run } = shell(leader);
    out("open-port 80-90/udp");
    out("open-port 8080 --endpoints friends,source");
    expect(out("opened-ports")).toBe("8080/tcp\n80-90/udp\n");
    expect(out("opened-ports --endpoints")).toBe("8080/tcp (friends, source)\n80-90/udp (*)\n");
    expect(run("open-port 85/udp")).toEqual(
      refused(1, 'cannot open 85/udp (unit "a/0"): port range conflicts with 80-90/udp (unit "a/0")'),
    );
    out("close-port 80-90/udp");
    expect(out("opened-ports --format json")).toBe('["8080/tcp"]\n');
    expect(run("open-port")).toEqual(refused(2, "no port or range specified"));
  });

  test("goal state: units and related applications, no peers", () => {
    deployed(leader.state, "rome", "b");
    integrate(leader.state, leader.model, "a:source", "b:sink");
    const state = JSON.parse(shell(leader).out("goal-state --format json"));
    expect(Object.keys(state.units)).toEqual(["a/0", "a/1"]);
    expect(Object.keys(state.relations)).toEqual(["source"]);
    expect(Object.keys(state.relations.source)).toEqual(["b", "b/0"]);
  });

  test.each([
    ["credential-get", 1, "cannot access cloud credentials: permission denied"],
    ["resource-get", 2, "missing required resource name"],
    ["payload-register a", 2, "missing required arguments"],
    ["payload-register kvm x id", 1, 'payload "x" not found in metadata.yaml'],
  ])("%s", (line, code, message) => {
    expect(shell(leader).run(line)).toEqual(refused(code, message));
  });
});
