// Clusters leave their ClusterSet: unreachable, by switchover, kept as standalone clusters, or with the whole set.
import type { Journey } from "../journey.ts";
import { channelIsOn, configure, formAlpha, formReplica, stayOut, wipe } from "./prepare.ts";

export const REMOVAL: Journey = {
  machines: ["a1", "a2", "b1", "c1"],
  course: async (course) => {
    const { run, shell, on } = course;
    await configure(course, "a1", "a2", "b1", "c1");
    await formAlpha(course, "a1", "a2");
    await shell("a1", ["cluster", "create-cluster-set", "cset"]);
    await formReplica(course, "beta", "b1");
    await formReplica(course, "gamma", "c1");

    await stayOut(on("c1"));
    await on("c1").kill();
    await run(
      "230-set-primary-cluster-other-replica-unreachable",
      "231-set-primary-cluster-invalidate-not-a-list",
      "233-remove-cluster-unreachable-noforce",
      "234-remove-cluster-unreachable-force",
      "235-clusterset-status",
      "250-set-primary-cluster-invalidate-unknown-name",
    );
    await run("242-clusterset-dissolve-two-clusters", "243-status-after-clusterset-dissolve");
    await on("c1").start();
    await run("252-reboot-cluster-whose-clusterset-was-dissolved");
    await wipe(on("c1"));

    await run("244-create-cluster-after-dissolve", "245-add-instance-after-dissolve");
    await shell("a1", ["cluster", "dissolve"]);
    await run(
      "244b-create-cluster",
      "245b-add-instance",
      "246-create-cluster-set",
      "247-create-replica-cluster",
    );
    await run("248-create-replica-cluster");
    await stayOut(on("c1"));
    await on("c1").kill();
    await run(
      "250b-set-primary-cluster-invalidate-json-list",
      "250c-set-primary-cluster-invalidate-list-form",
    );
    await channelIsOn(on("a1"));
    await run("251-clusterset-status-gamma-invalidated");
    await on("c1").start();
    await run("252b-reboot-invalidated-replica", "253-rejoin-invalidated-replica");
    await channelIsOn(on("c1"));
    await run(
      "254-clusterset-status",
      "255-remove-cluster",
      "256-remove-cluster-dissolve-false",
      "257-cluster-status-on-kept-removed-cluster",
      "258-clusterset-status-on-kept-removed-cluster",
      "259-dissolve-standalone-cluster",
      "260-status-after-dissolve",
      "261-dissolve-primary-cluster-alone-in-set",
      "262-clusterset-dissolve-single",
    );
    await shell("a1", ["dba", "create-cluster", "alpha"]);
    await run("263-create-cluster-set", "264-create-replica-cluster-on-removed");
  },
};
