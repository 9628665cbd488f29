import { expect, test } from "vitest";
import type { JobState } from "../../../lib/index.ts";
import { jobOutcome } from "../../../src/mysql/job-outcome.ts";

const ended = (code: number, output: string, timedOut = false): JobState => ({
  kind: "ended",
  label: "Joining the cluster",
  startedAt: 0,
  endedAt: 1,
  code,
  timedOut,
  output,
});

test("no job", () => {
  expect(jobOutcome({ kind: "none" })).toEqual({ kind: "none" });
});

test("one that runs tells how far it is", () => {
  const lastLines = ['{"info":"** Stage PAGE COPY: Completed\\n"}', '{"info":"\\n"}'];
  expect(jobOutcome({ kind: "running", label: "x", startedAt: 0, lastLines })).toEqual({
    kind: "running",
    progress: "** Stage PAGE COPY: Completed",
  });
});

test("one that ended well", () => {
  expect(jobOutcome(ended(0, '{"error":"only a warning"}'))).toEqual({ kind: "ended" });
});

test("one that failed tells why", () => {
  const output = '{"error":"MYSQLSH 51500: Failed to acquire Cluster lock through primary member\\n"}\n';
  expect(jobOutcome(ended(1, output))).toEqual({
    kind: "failed",
    reason: "busy",
    what: "Joining the cluster: MYSQLSH 51500: Failed to acquire Cluster lock through primary member",
  });
});

test("one that took too long", () => {
  expect(jobOutcome(ended(143, "", true))).toMatchObject({ kind: "failed", reason: "timed-out" });
});

test("one that died without a result", () => {
  expect(jobOutcome({ kind: "lost", label: "Joining the cluster", startedAt: 0 })).toEqual({
    kind: "failed",
    reason: "failed",
    what: "Joining the cluster: was cut short, by a restart of the machine or a kill",
  });
});
