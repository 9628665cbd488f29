import { expect, test } from "vitest";
import { channelStatus } from "../../../src/cluster/standing.ts";
import { statuses } from "../../../src/statuses.ts";

const on = { receiver: "ON", applier: "ON", errorNumber: 0, lagSeconds: 12, lastReceived: "" } as const;

test.each([
  [on, statuses.standbyPrimary(12)],
  [undefined, statuses.standbyNotReplicating("not set up", "rome")],
  [{ ...on, receiver: "CONNECTING" } as const, statuses.standbyConnecting],
  [{ ...on, receiver: "OFF" } as const, statuses.standbyNotReplicating("stopped", "rome")],
  [{ ...on, applier: "OFF" } as const, statuses.standbyNotReplicating("stopped", "rome")],
  [
    { ...on, applier: "OFF", errorNumber: 1062 } as const,
    statuses.standbyNotReplicating("stopped by error 1062", "rome"),
  ],
])("a standby's channel %j", (channel, status) => {
  expect(channelStatus(channel, "rome")).toEqual(status);
});
