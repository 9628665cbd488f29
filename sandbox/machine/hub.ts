// The hub: the namespaces that everything of one sandbox lives in, so that all of it ends with the hub's init.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RunError, run } from "./run.ts";
import { missingTools, tool } from "./tools.ts";

const INIT = fileURLToPath(new URL("init.pl", import.meta.url));

/** The highest user id that a machine has: snap_daemon's. */
const HIGHEST_USER = 584788;

/**
 * Whether there is no privilege here to have several users. Then one id only exists in a machine, which is 0 inside. The
 * answer is the same on the host and in the hub.
 */
export function isPlainUser(): boolean {
  return process.geteuid?.() !== 0 || !mapsUser(readFileSync("/proc/self/uid_map", "utf8"), HIGHEST_USER);
}

/** Whether a uid_map (lines of: first id inside, first id outside, count) has a user id inside. */
export function mapsUser(uidMap: string, id: number): boolean {
  return uidMap.split("\n").some((line) => {
    const [first = Number.NaN, , count = 0] = line.trim().split(/\s+/).map(Number);
    return id >= first && id < first + count;
  });
}

/**
 * Argument list that runs `program` in fresh namespaces (process ids, mounts, network, host name; for a plain user a user
 * namespace too). It is in the foreground and exits as the program does. Whoever ends this process, its init or the program,
 * with whatever signal: the kernel then ends every process, mount and network device made inside.
 */
export function hubCommand(program: readonly string[], plainUser = isPlainUser()): readonly string[] {
  const user = plainUser ? ["--user", "--map-root-user"] : [];
  return [
    tool("unshare"),
    ...user,
    ...["--fork", "--kill-child", "--pid", "--mount-proc", "--mount", "--net", "--uts", "--ipc"],
    ...["--", tool("perl"), INIT, ...program],
  ];
}

/**
 * Makes sure that this host can run a sandbox, by making a hub for a moment. Throws with what is missing and the command
 * that provides it.
 */
export async function checkHost(): Promise<void> {
  if (process.platform !== "linux") throw new Error(`the sandbox needs Linux, this is ${process.platform}`);
  const missing = missingTools();
  if (missing !== undefined) throw new Error(missing);
  try {
    await run(hubCommand([tool("true")]));
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new Error(refusal(error.stderr.trim()), { cause: error });
  }
}

function refusal(said: string): string {
  if (!isPlainUser()) {
    return `the kernel refuses to make namespaces (${said}): inside a container, run that container privileged`;
  }
  return [
    `the kernel refuses a plain user to make namespaces (${said}): run the sandbox with sudo, or allow it with`,
    "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)",
    "or sudo sysctl kernel.unprivileged_userns_clone=1 (older Debian)",
  ].join("\n  ");
}
