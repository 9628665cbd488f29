// Stops and continues everything that runs in one process-id namespace.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The processes (by the hub's pids) in the same process-id namespace as `init`, `init` among them. */
export function processesOf(init: number): readonly number[] {
  const namespace = namespaceOf(init);
  if (namespace === undefined) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => namespaceOf(pid) === namespace);
}

/**
 * Stops every process of the namespace, including those that are started while it works. None of them runs a line of its
 * own program any more when this returns, though one may still be finishing a system call.
 */
export function stopAll(init: number): void {
  const stopped = new Set<number>();
  // A process that has its SIGSTOP makes no new ones, so this ends.
  for (;;) {
    const running = processesOf(init).filter((pid) => !stopped.has(pid));
    if (running.length === 0) return;
    for (const pid of running) {
      signal(pid, "SIGSTOP");
      stopped.add(pid);
    }
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

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
