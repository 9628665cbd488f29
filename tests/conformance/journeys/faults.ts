// A cluster of three whose members die, come back, are removed by force, lose their quorum, and are all down.
import type { Course, Journey } from "../journey.ts";
import { type MachineName, until } from "../machines.ts";
import { configure, formAlpha, loseSeeds, stateOf, stayOut } from "./prepare.ts";

const waitState = (
  course: Course,
  member: MachineName,
  seenBy: MachineName,
  state: string | undefined,
): Promise<void> =>
  until(async () => (await stateOf(course, member, seenBy)) === state, `${member} ${state} at ${seenBy}`, 90);

/** Seconds after which members expel one that does not answer. */
const expelAfter = async (
  { on }: Course,
  seconds: number,
  ...members: readonly MachineName[]
): Promise<void> => {
  for (const member of members)
    await on(member).sql(`SET GLOBAL group_replication_member_expel_timeout = ${seconds}`);
};

export const FAULTS: Journey = {
  machines: ["a1", "a2", "a3", "b3"],
  course: async (course) => {
    const { run, on } = course;
    await configure(course, "a1", "a2", "a3", "b3");
    await formAlpha(course, "a1", "a2", "a3");

    await expelAfter(course, 60, "a1", "a2");
    await loseSeeds(on("a3"));
    await on("a3").kill();
    await run("070-status-one-killed-immediately");
    await waitState(course, "a3", "a1", "UNREACHABLE");
    await run(
      "071-status-one-killed-expelled",
      "072-rejoin-instance-down",
      "073-remove-instance-down-noforce",
    );
    await expelAfter(course, 5, "a1", "a2");
    await waitState(course, "a3", "a1", undefined);
    await on("a3").start();
    await run("074-status-after-restart-autorejoin-pending", "075-rejoin-instance-while-autorejoin-running");
    await on("a3").sql("STOP GROUP_REPLICATION");
    await run(
      "076-status-member-offline",
      "077-status-from-offline-member",
      "078-rejoin-instance",
      "079-rejoin-instance-not-member",
    );

    await expelAfter(course, 60, "a1", "a2");
    await loseSeeds(on("a3"));
    await on("a3").kill();
    await waitState(course, "a3", "a1", "UNREACHABLE");
    await run("080-remove-instance-down-force");
    await on("a3").start();
    await run("081-status-after-force-removed-came-back", "082-rescan-unmanaged-member");
    await expelAfter(course, 5, "a1", "a2");
    await waitState(course, "a3", "a1", undefined);
    await run(
      "083-rescan-add-unmanaged",
      "084-add-instance-force-removed-again",
      "085-rejoin-instance-online",
    );

    await stayOut(on("a2"));
    await loseSeeds(on("a3"));
    await Promise.all([on("a2").kill(), on("a3").kill()]);
    await waitState(course, "a2", "a1", "UNREACHABLE");
    await waitState(course, "a3", "a1", "UNREACHABLE");
    await run(
      "086-status-no-quorum",
      "087-set-primary-no-quorum",
      "088-remove-instance-no-quorum",
      "089-add-instance-no-quorum",
      "089b-create-cluster-set-no-quorum",
      "090-force-quorum-wrong-member",
      "091-force-quorum",
      "092-status-after-force-quorum",
    );

    await on("a1").kill();
    await on("a1").start();
    await on("a2").start();
    await run(
      "093-status-complete-outage",
      "094-reboot-one-member-down",
      "095-reboot-wrong-name",
      "096-reboot",
      "098-status-still-offline",
    );
    await on("a3").start();
    await run("099-reboot-all-up", "100-reboot-again-when-online", "101-status-after-reboot");
  },
};
