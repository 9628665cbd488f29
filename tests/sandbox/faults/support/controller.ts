// The controller's process of a sandbox, as the host sees it.
import { readdirSync, readFileSync } from "node:fs";

/** Ends a sandbox's controller as a crash would, and so all of its machines. False when none runs. */
export function crash(sandbox: string): boolean {
  const program = new RegExp(`^\\S*node \\S*controller\\.ts ${sandbox} `);
  const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && program.test(commandOf(name)));
  if (pid === undefined) return false;
  process.kill(Number(pid), "SIGKILL");
  return true;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
