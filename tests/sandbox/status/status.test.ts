import { beforeEach, expect, test } from "vitest";
import type { Task } from "../../../lib/juju/model.ts";
import { consume, offer } from "../../../sandbox/juju/operations/offers.ts";
import { integrate } from "../../../sandbox/juju/operations/relate.ts";
import { statusOf } from "../../../sandbox/status/json.ts";
import { relationRows } from "../../../sandbox/status/relations.ts";
import { plainResults, taskJson } from "../../../sandbox/status/tasks.ts";
import { statusText } from "../../../sandbox/status/text.ts";
import { deployed, now, type Place, settle, stateWithCharm, unitOf } from "../juju/support/models.ts";

let rome: Place;
let lisbon: Place;

beforeEach(() => {
  const state = stateWithCharm();
  rome = deployed(state, "rome", "main", 2);
  lisbon = deployed(state, "lisbon", "copy");
  offer(state, rome.model, { application: "main", endpoints: ["source"], name: "data" });
  consume(state, lisbon.model, "rome.data", undefined);
  integrate(state, lisbon.model, "copy", "data");
  settle(state);
  for (const { model } of [rome, lisbon]) {
    for (const machine of Object.values(model.machines)) machine.status = "started";
    for (const unit of Object.values(model.units))
      unit.workload = { status: "active", message: "fine", since: now };
    // A stable host name.
    for (const machine of Object.values(model.machines)) machine.hostname = `juju-aaaaaa-${machine.id}`;
  }
});

const text = ({ state, model }: Place, relations = false): string =>
  statusText(statusOf(state, model, now), {
    color: false,
    relations: relations ? relationRows(model) : [],
    storage: [],
  });

test("the tables of the offering model", () => {
  const application = rome.model.applications["main"];
  if (application !== undefined) application.workloadVersion = "9.7";
  unitOf(rome.model, "main/1").agent = { status: "executing", message: "running start hook", since: now };
  rome.unit.ports = [{ endpoint: "", from: 3306, to: 3306, protocol: "tcp" }];
  expect(text(rome, true)).toBe(`\
Model  Controller  Cloud/Region         Version  SLA          Timestamp
rome   sandbox     localhost/localhost  3.6.27   unsupported  03:04:05Z

App   Version  Status  Scale  Charm  Channel  Rev  Exposed  Message
main  9.7      active      2  db                0  no       fine

Unit     Workload  Agent      Machine  Public address  Ports     Message
main/0*  active    idle       0        10.1.0.10       3306/tcp  fine
main/1   active    executing  1        10.1.0.11                 (start) fine

Machine  State    Address    Inst id        Base          AZ  Message
0        started  10.1.0.10  juju-aaaaaa-0  ubuntu@22.04      Running
1        started  10.1.0.11  juju-aaaaaa-1  ubuntu@22.04      Running

Offer  Application  Charm  Rev  Connected  Endpoint  Interface  Role
data   main         db       0  1/1        source    copy       provider

Integration provider  Requirer      Interface  Type  Message
main:friends          main:friends  friend     peer
`);
});

test("the consuming model shows the SAAS with the other model's status", () => {
  expect(text(lisbon, true)).toContain(`\
SAAS  Status  Store    URL
data  active  sandbox  admin/rome.data
`);
  expect(text(lisbon, true)).toContain(`\
Integration provider  Requirer      Interface  Type     Message
copy:friends          copy:friends  friend     peer
data:source           copy:sink     copy       regular
`);
});

test("an empty model says so", () => {
  rome.model.applications = {};
  expect(text(rome)).toContain('Model "admin/rome" is empty.');
});

test("a failed hook shows as the workload's error and counts for the application, an idle agent beside it", () => {
  unitOf(rome.model, "main/1").agent = { status: "error", message: 'hook failed: "start"', since: now };
  const main = statusOf(rome.state, rome.model, now).applications["main"];
  expect(main?.units?.["main/1"]).toMatchObject({
    "workload-status": { current: "error", message: 'hook failed: "start"' },
    "juju-status": { current: "idle" },
  });
  expect(main?.["application-status"].current).toBe("error");
});

test("the application's status is its own when the leader set one, else its worst unit's", () => {
  unitOf(rome.model, "main/1").workload = { status: "waiting", message: "for rain", since: now };
  const status = () => statusOf(rome.state, rome.model, now).applications["main"]?.["application-status"];
  expect(status()).toMatchObject({ current: "waiting", message: "for rain" });
  const application = rome.model.applications["main"];
  if (application !== undefined) application.status = { status: "active", message: "as a whole", since: now };
  expect(status()).toMatchObject({ current: "active", message: "as a whole" });
});

test("a machine that is down loses its agent", () => {
  const machine = rome.model.machines["1"];
  if (machine !== undefined) machine.status = "down";
  expect(statusOf(rome.state, rome.model, now).applications["main"]?.units?.["main/1"]).toMatchObject({
    "workload-status": { current: "unknown" },
    "juju-status": { current: "lost" },
  });
});

const task: Task = {
  id: "2",
  operation: "1",
  unit: "main/0",
  name: "backup",
  parameters: {},
  command: "",
  status: "completed",
  message: "",
  results: { size: { mb: "7" }, "return-code": 0, stdout: "working\n" },
  log: [{ time: now, message: "half way" }],
  enqueued: now,
  started: now,
  completed: now,
};

test("results of one action are plain, of several by unit, of a failed one with the reason", () => {
  expect(plainResults([task])).toBe('size:\n  mb: "7"\nworking\n');
  expect(plainResults([{ ...task, status: "failed", message: "no room", results: {} }])).toBe(
    "Action id 2 failed: no room\n",
  );
  expect(plainResults([task, { ...task, id: "3", unit: "main/1" }])).toContain("main/1:\n  id:");
});

test("results for programs", () => {
  expect(taskJson(task)).toEqual({
    id: "2",
    log: ["2026-01-02 03:04:05 +0000 UTC half way"],
    results: task.results,
    status: "completed",
    timing: {
      completed: "2026-01-02 03:04:05 +0000 UTC",
      enqueued: "2026-01-02 03:04:05 +0000 UTC",
      started: "2026-01-02 03:04:05 +0000 UTC",
    },
    unit: "main/0",
  });
});
