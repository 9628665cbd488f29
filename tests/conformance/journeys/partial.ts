// A ClusterSet of which parts fail: a shell killed at work, members that hang, are killed or removed.
import type { Journey } from "../journey.ts";
import { until } from "../machines.ts";
import { configure, formAlpha, formReplica, stateOf, stayOut } from "./prepare.ts";

const ALPHA = ["a1", "a2", "a3"] as const;

export const PARTIAL: Journey = {
  machines: [...ALPHA, "c1", "c2"],
  course: async (course) => {
    const { run, interrupt, shell, on } = course;
    await configure(course, ...ALPHA, "c1");
    await formAlpha(course, "a1", "a2");
    await shell("a1", ["cluster", "create-cluster-set", "cset"]);
    await formReplica(course, "gamma", "c1");
    await run("272e-cli-no-json", "300-create-replica-cluster-no-account-on-target");

    const a3 = `${on("a3").address}:3306`;
    const clone = ["--recovery-method=clone", "--recovery-progress=0"];
    await interrupt("a1", ["cluster", "add-instance", a3, ...clone], async () => {
      const state = await stateOf(course, "a3", "a1");
      return state === "RECOVERING" || state === "ONLINE";
    });
    await until(async () => (await stateOf(course, "a3", "a1")) === "ONLINE", "a3 ONLINE", 120);
    await run(
      "292c-status-after-kill-12s",
      "292d-rescan-bad-option",
      "292e-rescan-add-unmanaged-after-kill",
      "292f-status-after-rescan",
      "298-clusterset-status-after-hang",
    );

    for (const name of ["a1", "a3"] as const)
      await on(name).sql("SET GLOBAL group_replication_member_expel_timeout = 60");
    on("a2").freeze();
    await run("295c-clusterset-status-one-secondary-hung");
    await until(async () => (await stateOf(course, "a2", "a1")) === "UNREACHABLE", "a2 UNREACHABLE", 60);
    await run("295d-cluster-status-one-secondary-hung");
    for (const again of [true, false]) {
      on("a2").thaw();
      await until(async () => (await stateOf(course, "a2", "a1")) === "ONLINE", "a2 ONLINE", 60);
      if (!again) continue;
      on("a2").freeze();
      await run("295e-clusterset-status-ext0-one-secondary-hung");
    }
    await run("295f-clusterset-status-healthy-again");
    await stayOut(on("a2"));
    await on("a2").kill();
    await run("295g-clusterset-status-one-secondary-killed");
    await until(async () => (await stateOf(course, "a2", "a1")) === "UNREACHABLE", "a2 UNREACHABLE", 60);
    await run("295h-clusterset-status-one-secondary-expelled");
    for (const name of ["a1", "a3"] as const)
      await on(name).sql("SET GLOBAL group_replication_member_expel_timeout = 5");
    await until(async () => (await stateOf(course, "a2", "a1")) === undefined, "a2 expelled", 60);
    await on("a2").start();
    await run("295i-clusterset-status-one-secondary-back");

    await shell("a1", ["cluster", "rejoin-instance", `${on("a2").address}:3306`]);
    for (const name of ALPHA) on(name).freeze();
    await run("295-clusterset-status-primary-hung", "296-force-primary-cluster-primary-hung-dry");
    for (const name of ALPHA) on(name).thaw();
    await until(async () => (await stateOf(course, "a2", "a1")) === "ONLINE", "a2 ONLINE", 60);

    await run(
      "301-remove-only-member-of-replica-cluster",
      "301b-status-before",
      "302-remove-primary-instance",
      "304-status-through-removed-primary",
    );
  },
};
