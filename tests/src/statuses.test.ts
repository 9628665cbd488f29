// `juju status` cuts a message after 120 characters: what a person is to do must be before that, with names as people have them.
import { expect, test } from "vitest";
import type { Status } from "../../lib/index.ts";
import { statuses } from "../../src/statuses.ts";

const site = "database-eu";
const filled: readonly Status[] = [
  statuses.invalidOption("db1", "experimental-max-connections", "must be 0 or from 100 to 10000"),
  statuses.badSetting("innodb_buffer_pool_chunk_size"),
  statuses.diskFull(100),
  statuses.olderThanData("8.0.36", "8.0.39"),
  statuses.noQuorum(`${site}/10`),
  statuses.foreignCluster("cluster-one"),
  statuses.outageAwaits("db1/1, db1/2", "db1/0"),
  statuses.outageSuperseded("lisbon", "db1/0"),
  statuses.invalidated("cluster-set-one"),
  statuses.invalidatedAlone("cluster-one"),
  statuses.instanceInUse(site, "cluster-one"),
  statuses.removalFenced("cluster-one", "cluster-set-one"),
  statuses.standbyCannotLead(site),
  statuses.isFollowed(site),
  statuses.alreadyFollows("europe"),
  statuses.alreadyLeads("europe"),
  statuses.olderServer("8.0.36", "9.7.4"),
  statuses.unreachableSite("10.1.0.10, 10.1.0.11, 10.1.0.12"),
  statuses.orphaned("europe"),
  statuses.switchoverCutOff("cluster-set-one"),
  statuses.remoteIsStandby(site),
  statuses.secretField(site, "server-config-password"),
];
const fixed = Object.values(statuses).filter((status) => typeof status !== "function");

test.each([...fixed, ...filled].map((status) => [status.message]))("%s", (message) => {
  expect(message.length).toBeLessThanOrEqual(120);
});
