// What faults mean for the network of each machine and between sites.
import { describe, expect, test } from "vitest";
import {
  addFault,
  type Fault,
  forgetMachine,
  forgetModel,
  type NewFault,
} from "../../../sandbox/faults/fault.ts";
import { cutSites, isCutOff, networkOf } from "../../../sandbox/faults/network.ts";
import { NO_NETWORK_FAULTS } from "../../../sandbox/machine/cable.ts";
import { deployed, stateWithCharm } from "../juju/support/models.ts";

const state = stateWithCharm();
for (const name of ["rome", "lisbon", "oslo"]) deployed(state, name, "db", 2);
const { models } = state;
const all = ["rome:0", "rome:1", "lisbon:0", "lisbon:1", "oslo:0"];

const place = (text: string) => {
  const [model = "", machine] = text.split(":");
  return { model, machine: machine ?? null };
};
const inForce = (...faults: readonly NewFault[]): readonly Fault[] => {
  const kept = { faults: [] as Fault[], nextFault: 1 };
  for (const fault of faults) addFault(kept, fault, "now");
  return kept.faults;
};
const cut = (a: string, b?: string): NewFault => ({
  kind: "cut",
  a: place(a),
  b: b === undefined ? null : place(b),
});
const slow = (ms: number, a: string, b?: string): NewFault =>
  ({ ...cut(a, b), kind: "slow", ms }) as NewFault;
/** The machines whose network is faulty, with their faults. */
const networks = (...faults: readonly NewFault[]) =>
  Object.fromEntries(
    all
      .map(
        (text) =>
          [text, networkOf(inForce(...faults), models, ...(text.split(":") as [string, string]))] as const,
      )
      .filter(([, network]) => network !== NO_NETWORK_FAULTS),
  );
const deafTo = (...deaf: readonly string[]) => ({ ...NO_NETWORK_FAULTS, deaf });
const sites = (...faults: readonly NewFault[]) => cutSites(inForce(...faults), models);

describe("a cut", () => {
  test("between two machines makes each deaf to the other, on one site or on two", () => {
    expect(networks(cut("rome:0", "rome:1"))).toEqual({
      "rome:0": deafTo("10.1.0.11/32"),
      "rome:1": deafTo("10.1.0.10/32"),
    });
    expect(networks(cut("rome:0", "lisbon:1"))).toEqual({
      "rome:0": deafTo("10.2.0.11/32"),
      "lisbon:1": deafTo("10.1.0.10/32"),
    });
    expect(sites(cut("rome:0", "lisbon:1"))).toEqual([]);
  });

  test("between a machine and a site", () => {
    expect(networks(cut("lisbon", "rome:1"))).toEqual({
      "rome:1": deafTo("10.2.0.0/24"),
      "lisbon:0": deafTo("10.1.0.11/32"),
      "lisbon:1": deafTo("10.1.0.11/32"),
    });
  });

  test("between a site and a machine of another leaves the two sites alone", () => {
    expect(sites(cut("lisbon", "rome:1"))).toEqual([]);
    expect(sites(cut("rome:1", "lisbon"))).toEqual([]);
  });

  test("between two sites is the hub's", () => {
    expect(networks(cut("rome", "lisbon"))).toEqual({});
    expect(sites(cut("rome", "lisbon"))).toEqual([[1, 2]]);
  });

  test("around a machine pulls its cable, and the controller does not reach it", () => {
    expect(networks(cut("rome:1"))).toEqual({ "rome:1": { ...NO_NETWORK_FAULTS, linked: false } });
    expect(sites(cut("rome:1"))).toEqual([]);
    expect(["0", "1"].map((id) => isCutOff(inForce(cut("rome:1")), "rome", id))).toEqual([false, true]);
    expect(isCutOff(inForce(cut("rome:1", "rome:0")), "rome", "1")).toBe(false);
  });

  test("around a site leaves its machines together", () => {
    expect(networks(cut("rome"))).toEqual({});
    expect(sites(cut("rome"))).toEqual([
      [1, 2],
      [1, 3],
    ]);
    expect(isCutOff(inForce(cut("rome")), "rome", "1")).toBe(true);
    expect(isCutOff(inForce(cut("rome")), "lisbon", "1")).toBe(false);
  });
});

describe("slowness", () => {
  const late = (network: string, ms: number) => ({ ...NO_NETWORK_FAULTS, late: [{ network, ms }] });

  test("is on the cable of one of the two places", () => {
    expect(networks(slow(50, "rome:0", "rome:1"))).toEqual({ "rome:0": late("10.1.0.11/32", 50) });
    expect(networks(slow(50, "rome", "lisbon"))).toEqual({
      "rome:0": late("10.2.0.0/24", 50),
      "rome:1": late("10.2.0.0/24", 50),
    });
  });

  test("of one place is towards everything else", () => {
    expect(networks(slow(9, "rome:0"))).toEqual({ "rome:0": late("0.0.0.0/0", 9) });
    const { late: far } = networkOf(inForce(slow(9, "rome")), models, "rome", "1");
    expect(far.map(({ network }) => network)).toEqual(["10.2.0.0/24", "10.3.0.0/24"]);
  });
});

test("faults add up, and go with their machine or model", () => {
  const kept = { faults: [...inForce(cut("rome:0", "rome:1"), slow(5, "rome:0", "lisbon"))], nextFault: 3 };
  expect(networkOf(kept.faults, models, "rome", "0")).toEqual({
    linked: true,
    deaf: ["10.1.0.11/32"],
    late: [{ network: "10.2.0.0/24", ms: 5 }],
  });
  forgetMachine(kept, "rome", "1");
  expect(kept.faults.map(({ kind }) => kind)).toEqual(["slow"]);
  forgetModel(kept, "lisbon");
  expect(kept.faults).toEqual([]);
});
