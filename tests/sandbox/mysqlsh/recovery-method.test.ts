// How a server gets the data: the choice and the lines that tell it, as recorded.
import { describe, expect, it } from "vitest";
import {
  chooseRecovery,
  type RecoveryFacts,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/cluster/recovery-method.ts";
import { errorText } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { capture, recorded } from "./support/captured.ts";

const EMPTY = { empty: true, errant: "", recoverable: true };
const LATE = { empty: false, errant: "", recoverable: true };
const PURGED = { empty: true, errant: "", recoverable: false };
const DIVERGED = {
  empty: false,
  errant: "6644d383-e6c5-11f1-8ae6-02fc00000001:2:mysqlsh:31-39",
  recoverable: false,
};

function choose(facts: Partial<RecoveryFacts>): { lines: readonly string[]; end: string } {
  const { output, lines } = capture();
  const all: RecoveryFacts = {
    address: "h:3306",
    state: EMPTY,
    wanted: "auto",
    complete: false,
    scope: "cluster",
    ...facts,
  };
  try {
    return { end: chooseRecovery(output, all), lines: lines() };
  } catch (error) {
    return { end: errorText(error), lines: lines() };
  }
}

const NOT_PROVISIONED = "The target instance 'h:3306' has not been pre-provisioned (GTID set is empty).";
const blank = ["info", ""] as const;
const SAFEST = (scope: string): readonly [string, string] => [
  "info",
  `The safest and most convenient way to provision a new instance is through automatic clone provisioning, which will completely overwrite the state of 'h:3306' with a physical snapshot from an existing ${scope} member. To use this method by default, set the 'recoveryMethod' option to 'clone'.`,
];

describe("the recovery method", () => {
  it.each([
    ["clone", "Clone based recovery selected through the recoveryMethod option"],
    ["incremental", "Incremental state recovery selected through the recoveryMethod option"],
  ] as const)("%s for an empty server is the option's", (wanted, selected) => {
    expect(choose({ wanted })).toEqual({
      end: wanted,
      lines: recorded(blank, ["note", NOT_PROVISIONED], blank, ["info", selected], blank),
    });
  });

  it("of the option is told alone for a server that is only late", () => {
    expect(choose({ state: LATE, wanted: "clone" }).lines).toEqual(
      recorded(blank, ["info", "Clone based recovery selected through the recoveryMethod option"], blank),
    );
  });

  it("warns of what is lost with errant transactions", () => {
    const { lines } = choose({ state: DIVERGED, wanted: "clone", scope: "clusterset" });
    expect(lines.filter((line) => line.startsWith('{"warning"')).at(-1)).toContain(
      "Discarding these extra GTID events can either be done manually or by completely overwriting the state of 'h:3306' with a physical snapshot from an existing clusterset member.",
    );
  });

  it("cannot be decided for an empty server without the option", () => {
    const { end, lines } = choose({});
    expect(end).toBe("MYSQLSH 51167: 'recoveryMethod' option must be set to 'clone' or 'incremental'");
    expect(lines.slice(0, 4)).toEqual(
      recorded(
        blank,
        [
          "note",
          `${NOT_PROVISIONED} The Shell is unable to decide whether incremental state recovery can correctly provision it.`,
        ],
        SAFEST("cluster"),
        blank,
      ),
    );
    expect(lines).toHaveLength(6);
  });

  it("is incremental for an empty server of a cluster whose logs are complete", () => {
    expect(choose({ complete: true }).end).toBe("incremental");
  });

  it("is incremental for a server that is only late", () => {
    const { end, lines } = choose({ state: LATE });
    expect(end).toBe("incremental");
    expect(lines.slice(0, 2)).toEqual(recorded(SAFEST("cluster"), blank));
    expect(lines.slice(-2)).toEqual(
      recorded(
        ["info", "Incremental state recovery was selected because it seems to be safely usable."],
        blank,
      ),
    );
  });

  it("cannot be incremental when the transactions are purged", () => {
    const { end, lines } = choose({ state: PURGED, wanted: "incremental" });
    expect(end).toBe(
      "MYSQLSH 51166: Cannot use recoveryMethod=incremental option because the GTID state is not compatible or cannot be recovered.",
    );
    expect(lines).toEqual(
      recorded(
        [
          "note",
          "A GTID set check of the MySQL instance at 'h:3306' determined that it is missing transactions that were purged from all cluster members.",
        ],
        [
          "note",
          `${NOT_PROVISIONED} The Shell is unable to determine whether the instance has pre-existing data that would be overwritten with clone based recovery.`,
        ],
        blank,
      ),
    );
    expect(choose({ state: PURGED, wanted: "clone" }).end).toBe("clone");
    expect(choose({ state: PURGED }).end).toBe("MYSQLSH 51153: Instance provisioning required");
  });

  it("tells errant transactions, and only clone gets over them", () => {
    const { lines, end } = choose({ state: DIVERGED, scope: "clusterset", wanted: "clone" });
    expect(end).toBe("clone");
    expect(lines.slice(0, 5)).toEqual(
      recorded(
        blank,
        [
          "warning",
          "A GTID set check of the MySQL instance at 'h:3306' determined that it contains transactions that do not originate from the clusterset, which must be discarded before it can join the clusterset.",
        ],
        blank,
        [
          "info",
          "Instance 'h:3306' has the following errant GTIDs that do not exist in the clusterset:\n 6644d383-e6c5-11f1-8ae6-02fc00000001:2:mysqlsh:31-39",
        ],
        blank,
      ),
    );
    expect(choose({ state: DIVERGED, wanted: "incremental" }).end).toContain("51166");
    expect(choose({ state: DIVERGED }).end).toContain("51152");
  });

  it("speaks of replication where a replica cluster is made", () => {
    const { lines, end } = choose({ scope: "clusterset" });
    expect(end).toContain("51167");
    expect(lines[1]).toContain("unable to decide whether replication can completely recover its state");
    expect(lines.slice(2, 4)).toEqual(recorded(SAFEST("clusterset"), blank));
    expect(JSON.parse(lines[4] ?? "{}")).toHaveProperty("warning");
  });
});
