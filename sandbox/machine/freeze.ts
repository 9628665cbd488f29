// Stops and continues everything that runs in one process-id namespace.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The processes (by the hub's pids) in the same process-id namespace as `init`, `init` among them. */
export function processesOf(init: number): readonly number[] {
  const namespace = namespaceOf(init);
  if (namespace === undefined) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => namespaceOf(pid) === namespace);
}

/** Stops every process of the namespace, including those that are started while it works. */
export function stopAll(init: number): void {
  let running = processesOf(init).filter((pid) => !isStopped(pid));
  // A process that has got its SIGSTOP makes no new ones, so this ends.
  while (running.length > 0) {
    for (const pid of running) signal(pid, "SIGSTOP");
    running = processesOf(init).filter((pid) => !isStopped(pid));
  }
}

export function continueAll(init: number): void {
  for (const pid of processesOf(init)) signal(pid, "SIGCONT");
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** The kernel's letter for a process's state (proc(5)), X when it has ended. */
export function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "X";
  } catch {
    return "X";
  }
}

/** Ended processes count as stopped. */
function isStopped(pid: number): boolean {
  return "TtZX".includes(stateOf(pid));
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
