// The primary cluster is lost: failover, the way back of the old primary, and of one that went on by itself.
import type { Journey } from "../journey.ts";
import {
  channelIsOn,
  configure,
  formAlpha,
  formReplica,
  lockIsHeld,
  loseSeeds,
  stayOut,
  wipe,
} from "./prepare.ts";

const ALPHA = ["a1", "a2", "a3"] as const;
const BETA = ["b1", "b2", "b3"] as const;

export const FAILOVER: Journey = {
  machines: [...ALPHA, ...BETA, "c1"],
  course: async (course) => {
    const { run, begin, shell, on } = course;
    await configure(course, ...ALPHA, ...BETA, "c1");
    await formAlpha(course, ...ALPHA);
    await shell("a1", ["cluster", "create-cluster-set", "cset"]);
    await formReplica(course, "beta", ...BETA);

    await loseSeeds(on("a1"));
    for (const name of ["a2", "a3"] as const) await stayOut(on(name));
    await Promise.all(ALPHA.map((name) => on(name).kill()));
    await run(
      "180-clusterset-status-primary-dead",
      "180b-cluster-status-primary-dead",
      "181-set-primary-cluster-primary-dead",
      "182-connect-to-dead-primary",
      "183-force-primary-cluster-dry-run",
      "183b-force-primary-cluster-unknown",
      "184-force-primary-cluster",
      "185-clusterset-status-after-force",
      "186-rejoin-cluster-unreachable",
    );
    await Promise.all(ALPHA.map((name) => on(name).start()));
    await run(
      "187-rejoin-cluster-offline-members",
      "188-clusterset-status-invalidated-offline",
      "188b-cluster-status-on-invalidated-offline",
      "189-reboot-invalidated-cluster",
      "190-clusterset-status-after-reboot-of-invalidated",
      "191-cluster-status-on-invalidated-online",
      "191b-add-instance-on-invalidated",
      "192-rejoin-cluster-invalidated",
    );
    await channelIsOn(on("a1"));
    await run(
      "193-clusterset-status-after-rejoin",
      "194-rejoin-instance-on-replica-cluster",
      "195-rejoin-instance-on-replica-cluster-2",
    );

    for (const name of BETA) await stayOut(on(name));
    await Promise.all(BETA.map((name) => on(name).kill()));
    await run("196-force-primary-cluster-timeout");
    await Promise.all(BETA.map((name) => on(name).start()));
    await run("197-reboot-invalidated-cluster-gr-stopped");
    await on("b1").sql(
      "SET GLOBAL super_read_only = OFF",
      "CREATE DATABASE errant",
      "SET GLOBAL super_read_only = ON",
    );
    await run(
      "198-clusterset-status-errant",
      "199-rejoin-cluster-errant",
      "200-remove-cluster-errant-noforce",
      "201-clusterset-status",
      "202-remove-cluster-force",
      "203-status-on-removed-cluster-member",
      "203b-clusterset-status-on-removed-cluster-member",
      "204-create-replica-cluster-incremental-errant",
      "205-create-replica-cluster-incremental",
      "206-clusterset-status",
      "207-create-replica-cluster-clone-over-errant",
      "208-add-instance-stale-metadata-clone",
      "209-clusterset-status-3-clusters",
      "210-reboot-removed-cluster",
      "211-cluster-status-removed-rebooted",
      "212-dissolve-no-force-unreachable-members",
      "213-dissolve-force",
      "214-drop-metadata-schema-noforce",
      "215-drop-metadata-schema-force",
      "216-create-replica-cluster-incremental-errant",
      "217-create-replica-cluster-clone-over-errant",
      "218-add-instance-stale-metadata",
      "219-add-instance-2",
      "220-clusterset-status-3-clusters",
    );

    for (const name of ["b2", "b3"] as const) await wipe(on(name));
    const clone = ["--recovery-method=clone", "--recovery-progress=0"];
    await shell("b1", ["cluster", "add-instance", `${on("b2").address}:3306`, ...clone]);
    const adding = begin("221-add-instance-after-manual-drop");
    await lockIsHeld(on("b1"));
    await run("222-concurrent-op-set-primary-cluster", "222b-concurrent-op-remove-instance");
    await adding;
  },
};
