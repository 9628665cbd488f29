import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import type { FakeMember } from "../support/mysql.ts";
import {
  all,
  done,
  instances,
  lookAgain,
  out,
  site,
  started,
  told,
  updateStatus,
  world,
} from "../support/three.ts";
import { host, own } from "../support/world.ts";

test("a member labels itself once, also where its copy of the record is late", async () => {
  // Under this address nobody finds it in memory: its copy stays as it is.
  const late = instances.map((each, at) =>
    at === 0 ? { ...each, label: "late:3306", address: "late:3306" } : each,
  );
  const here = site();
  if (here.local.metadata !== undefined) here.local.metadata = { ...here.local.metadata, instances: late };
  const { exitCode } = await runEvent(here.charm, world(), updateStatus);
  expect(exitCode).toBe(0);
  expect(here.shell.runs.map(({ command }) => command.operation)).toEqual(["set-instance-option"]);
});

describe("a member that fell out of its group", () => {
  test("rejoins through the primary, as a job", async () => {
    const here = site({ own: { group: [{ ...all[0], state: "ERROR" } as FakeMember] } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(started(here)).toEqual(["second rejoin-instance"]);
    expect(here.shell.runs[0]?.command).toMatchObject({ args: [`${host}:3306`], options: {} });
    expect(after.unitStatus).toEqual(statuses.joining(""));
  });

  test("by clone where the binary logs are gone", async () => {
    const here = site({ own: out, second: { catchesUp: false } });
    await runEvent(here.charm, world(), updateStatus);
    expect(here.shell.runs[0]?.command.options).toEqual({ "recovery-method": "clone" });
  });

  test("of which it is not known whether it has data of its own is left as it is", async () => {
    let asked = 0;
    const here = site({
      own: {
        ...out,
        onRows: (text) => {
          if (text.includes("name FROM information_schema.schemata") && ++asked > 0)
            throw new MysqlProblem("timed-out", "Asking", "");
        },
      },
      second: { diverged: true },
    });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(asked).toBeGreaterThan(0);
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.diverged);
  });

  test("of another cluster of the same name is left as it is", async () => {
    const here = site({ own: out });
    const { metadata } = here.local;
    if (metadata !== undefined) here.local.metadata = { ...metadata, clusterId: "id-of-another" };
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.foreignCluster("rome"));
  });

  test("with data of its own is left as it is", async () => {
    const here = site({ own: { ...out, databases: ["shop"] }, second: { diverged: true } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.diverged);
  });

  test("stays out while a person keeps it out", async () => {
    const here = site({ own: { ...out, heldBack: true } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.keptOut);
  });

  test("is looked at again soon while mysqld looks for the group by itself", async () => {
    const here = site({ own: { ...out, starting: true } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(started(here)).toEqual(["15"]);
    expect(after.unitStatus).toEqual(statuses.comingBack);
  });

  test("waits while another unit starts the whole cluster again, but not for ever", async () => {
    const here = site({ own: out });
    const busy = world({}, { "mysql/1": { ...told("second"), "restarting-cluster": "true" } });
    const { world: after } = await runEvent(here.charm, busy, { kind: "config-changed" });
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.restartingCluster(""));
    await runEvent(here.charm, busy, updateStatus);
    expect(started(here)).toEqual(["second rejoin-instance"]);
  });

  test("waits while this very unit starts the whole cluster again", async () => {
    const here = site({ own: out });
    const running = { kind: "running", label: "", startedAt: 0, lastLines: [] } as const;
    here.jobs.states.set("restart-cluster", running);
    const { world: after } = await runEvent(here.charm, world(), { kind: "config-changed" });
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.restartingCluster(""));
  });

  test("that its cluster has removed forgets it and joins anew, by clone", async () => {
    const here = site({ own: out });
    const { metadata } = here.second;
    if (metadata !== undefined) here.second.metadata = { ...metadata, instances: instances.slice(1) };
    await runEvent(here.charm, world(), updateStatus);
    expect(here.local.statements).toEqual([
      "STOP GROUP_REPLICATION",
      "SET GLOBAL super_read_only = OFF",
      "DO group_replication_reset_member_actions()",
      "SET GLOBAL super_read_only = ON",
      "SET SESSION sql_log_bin = 0",
      "SET GLOBAL super_read_only = OFF",
      "DROP SCHEMA IF EXISTS mysql_innodb_cluster_metadata",
      "SET GLOBAL super_read_only = ON",
    ]);
    expect(here.shell.runs[0]?.command).toMatchObject({
      operation: "add-instance",
      options: { "recovery-method": "clone" },
    });
  });

  test("killed while it forgets its cluster it does so again", async () => {
    let cut = true;
    const here = site({
      own: {
        ...out,
        onStatement: (text) => {
          if (cut && text.startsWith("DROP")) throw new Error("killed");
        },
      },
    });
    const { metadata } = here.second;
    if (metadata !== undefined) here.second.metadata = { ...metadata, instances: instances.slice(1) };
    expect((await runEvent(here.charm, world(), updateStatus)).exitCode).toBe(1);
    cut = false;
    await runEvent(here.charm, world(), updateStatus);
    expect(started(here)).toEqual(["second add-instance"]);
  });
});

describe("a primary that is read-only", () => {
  const primary = all.map(
    (each) => ({ ...each, role: each.host === host ? "PRIMARY" : "SECONDARY" }) as const,
  );

  test("by mistake takes writes again", async () => {
    const here = site({ own: { group: primary, superReadOnly: true } });
    await runEvent(here.charm, world(), updateStatus);
    expect(here.local.superReadOnly).toBe(false);
  });

  test("stays so while another cluster of its set may lead by now", async () => {
    const clusters = [
      { name: "rome", role: "PRIMARY" },
      { name: "lisbon", role: "REPLICA" },
    ] as const;
    const metadata = { own: "rome", domain: "empire", clusters, instances };
    const here = site({ own: { group: primary, superReadOnly: true, metadata } });
    await runEvent(here.charm, world(), updateStatus);
    expect(here.local.superReadOnly).toBe(true);
  });

  test("because writes were fenced stays so", async () => {
    const here = site({ own: { group: primary, superReadOnly: true, electsWritable: false } });
    await runEvent(here.charm, world(), updateStatus);
    expect(here.local.superReadOnly).toBe(true);
  });
});

describe("members whose units Juju has removed", () => {
  test("are taken out by the leader, also while they run", async () => {
    const here = site();
    const two = world({ plannedUnits: 2 });
    const { ["mysql/2"]: _gone, ...bags } = two.relations[0]?.bags ?? {};
    const relation = two.relations[0];
    if (relation === undefined) throw new Error("no peers");
    await runEvent(here.charm, { ...two, relations: [{ ...relation, bags }] }, updateStatus);
    expect(done(here)).toEqual(["second remove-instance third:3306"]);
    expect(here.shell.runs[0]?.command.options).toEqual({ force: "true" });
  });

  test("are left where their labels are none of this application", async () => {
    const relabelled = instances.map((each, at) => (at === 2 ? { ...each, label: "other-2" } : each));
    const here = site();
    for (const server of [here.local, here.second]) {
      if (server.metadata !== undefined) server.metadata = { ...server.metadata, instances: relabelled };
    }
    const two = world({ plannedUnits: 2 });
    const relation = two.relations[0];
    if (relation === undefined) throw new Error("no peers");
    const { ["mysql/2"]: _gone, ...bags } = relation.bags;
    await runEvent(here.charm, { ...two, relations: [{ ...relation, bags }] }, updateStatus);
    expect(done(here)).toEqual([]);
  });

  test("are left while their units are on the way out, as long as they run", async () => {
    const here = site();
    const relation = world().relations[0];
    if (relation === undefined) throw new Error("no peers");
    const departed = {
      kind: "relation-departed",
      endpoint: "database-peers",
      relationId: 1,
      remoteApp: own,
      remoteUnit: "mysql/2",
      departingUnit: "mysql/2",
    } as const;
    const two = world({ plannedUnits: 2, relations: [relation] });
    await runEvent(here.charm, two, departed);
    expect(done(here)).toEqual([]);
    // Their end is told to nobody.
    expect(here.jobs.started).toMatchObject([lookAgain]);
    here.second.group = all.slice(0, 2);
    here.local.group = all.slice(0, 2);
    await runEvent(here.charm, two, departed);
    expect(done(here)).toEqual(["second remove-instance third:3306"]);
  });

  test("are left where the unit is no leader, or where Juju still has them", async () => {
    const here = site();
    await runEvent(here.charm, world({ leader: false }), updateStatus);
    const relation = world().relations[0];
    if (relation === undefined) throw new Error("no peers");
    const { ["mysql/2"]: _unmet, ...bags } = relation.bags;
    await runEvent(here.charm, world({ relations: [{ ...relation, bags }] }), updateStatus);
    expect(done(here)).toEqual([]);
  });
});

test("a removal that MySQL Shell refuses is shown, and tried again", async () => {
  const here = site(
    {},
    {
      perform: ({ command }) => {
        if (command.operation === "remove-instance") throw new MysqlProblem("busy", "remove-instance", "");
      },
    },
  );
  const relation = world().relations[0];
  if (relation === undefined) throw new Error("no peers");
  const { ["mysql/2"]: _gone, ...bags } = relation.bags;
  const two = world({ plannedUnits: 2, relations: [{ ...relation, bags }] });
  const { exitCode, world: after } = await runEvent(here.charm, two, updateStatus);
  expect(exitCode).toBe(0);
  expect(after.appStatus).toEqual(statuses.clusterBusy);
  expect(here.jobs.started).toMatchObject([lookAgain]);
});

test("a server that is still starting after a reboot is looked at again soon, without waiting for an event", async () => {
  const here = site();
  const { world: before } = await runEvent(here.charm, world(), updateStatus);
  expect(here.jobs.started).toEqual([]);
  here.local.down = "timed-out";
  const { world: after } = await runEvent(here.charm, before, { kind: "start" });
  expect(after.unitStatus).toEqual(statuses.serverDown);
  expect(here.jobs.started).toMatchObject([lookAgain]);
});
