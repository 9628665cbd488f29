import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClusterState } from "../../../src/cluster/decide-membership.ts";
import { type PromotionFacts, planPromotion } from "../../../src/operations/unit-promotion.ts";

const online: ClusterState = { kind: "online", primaryHost: "mysql-1", gone: [], leaving: 0 };
const noQuorum: ClusterState = {
  kind: "no-quorum",
  host: "mysql-0",
  lost: ["mysql-1", "mysql-2"],
  rivals: [],
};
const outage: ClusterState = {
  kind: "outage",
  clusterName: "rome",
  inSet: true,
  silent: ["mysql-2"],
  force: false,
  best: "mysql-0",
  heldBack: false,
  rivals: ["lisbon"],
};
const member = { host: "mysql-0", online: true, primary: false };
const baseline: PromotionFacts = {
  unit: "mysql/0",
  force: false,
  own: member,
  standing: "member",
  cluster: online,
};
const down = { ...member, online: false };

test.each<readonly [string, Partial<PromotionFacts>, object | RegExp]>([
  ["a secondary", {}, { kind: "switch-over" }],
  ["the primary", { own: { ...member, primary: true } }, { kind: "done" }],
  ["the primary, by force", { force: true, own: { ...member, primary: true } }, { kind: "done" }],
  ["a silent server", { own: "silent" }, /mysql\/0 could not be asked/],
  ["a server in no cluster", { own: "absent" }, /in no cluster/],
  ["a member of an invalidated cluster", { standing: "invalidated" }, /rejoin-cluster/],
  ["a member of a removed cluster", { standing: "removed" }, /removed from its ClusterSet/],
  ["a member that is out of its group", { own: down }, /not online in its group/],
  ["a secondary, by force", { force: true }, /without force/],
  ["a member that is left", { cluster: noQuorum }, /mysql-1, mysql-2 cannot be reached.*force=true/],
  [
    "a member that is left, by force",
    { force: true, cluster: noQuorum },
    { kind: "force-quorum", lost: ["mysql-1", "mysql-2"] },
  ],
  ["a member that is lost, by force", { force: true, own: down, cluster: noQuorum }, /on one that is online/],
  ["a member of a cluster that is down", { own: down, cluster: outage }, /whole cluster is down.*force=true/],
  [
    "a member of a cluster that is down, by force",
    { force: true, own: down, cluster: outage },
    { kind: "restart", clusterName: "rome", lost: ["mysql-2", "lisbon"] },
  ],
  [
    "one of members that have diverged, by force",
    { force: true, own: down, cluster: { ...outage, best: "diverged" } },
    { kind: "restart", clusterName: "rome", lost: ["mysql-2", "lisbon"] },
  ],
  [
    "a member that is behind another, by force",
    { force: true, own: down, cluster: { ...outage, best: "mysql-1" } },
    /mysql-1 has transactions that mysql\/0 lacks/,
  ],
  ["a member of a cluster nobody knows about", { force: true, cluster: { kind: "unknown" } }, /not known/],
])("%s", (_name, facts, expected) => {
  const plan = planPromotion({ ...baseline, ...facts });
  if (expected instanceof RegExp) {
    expect(plan.kind).toBe("refuse");
    expect(plan.kind === "refuse" ? plan.why : "").toMatch(expected);
  } else expect(plan).toEqual(expected);
});

test("nothing is forced without force, nor while a quorum is there", () => {
  const facts = fc.record({
    unit: fc.constant("mysql/0"),
    force: fc.boolean(),
    own: fc.constantFrom<PromotionFacts["own"]>("silent", "absent", member, down),
    standing: fc.constantFrom<PromotionFacts["standing"]>("member", "invalidated", "removed"),
    cluster: fc.constantFrom<ClusterState>(online, noQuorum, outage, { kind: "unknown" }, { kind: "vacant" }),
  });
  fc.assert(
    fc.property(facts, (each) => {
      const { kind } = planPromotion(each);
      if (kind !== "force-quorum" && kind !== "restart") return;
      expect(each.force).toBe(true);
      expect(each.standing).toBe("member");
      expect(each.cluster.kind).toBe(kind === "restart" ? "outage" : "no-quorum");
    }),
  );
});
