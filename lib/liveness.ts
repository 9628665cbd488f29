// Whether a process from earlier is still the same one: ids are used again, start times are not.

import { readIfThere } from "./job-files.ts";

/**
 * When the process started, in a form that no later process with its id has: boot id and clock ticks since boot
 * (field 22 of /proc/<pid>/stat, proc(5)). Undefined when there is none, or only a zombie.
 */
export async function startMark(pid: number): Promise<string | undefined> {
  const stat = await readStat(pid);
  if (stat === undefined) return undefined;
  // The name of the program, in parentheses, may hold anything; fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  const ticks = fields[19];
  if (state === "Z" || state === "X" || ticks === undefined) return undefined;
  const boot = (await readIfThere("/proc/sys/kernel/random/boot_id"))?.trim() ?? "";
  return `${boot} ${ticks}`;
}

async function readStat(pid: number): Promise<string | undefined> {
  try {
    return await readIfThere(`/proc/${pid}/stat`);
  } catch {
    // ESRCH: it ended between open and read.
    return undefined;
  }
}

/** Whether the process that once had this mark still runs. */
export async function isAlive(pid: number, mark: string): Promise<boolean> {
  return (await startMark(pid)) === mark;
}
