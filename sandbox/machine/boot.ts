// Brings a machine up: its namespaces, its network interface, its init.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { plugIn } from "./network.ts";
import type { Bind } from "./root.ts";
import { hostEnvironment, tool } from "./tools.ts";

const BOOT = fileURLToPath(new URL("boot.sh", import.meta.url));

/** Who a machine is, and where in the hub. */
export interface BootSpec {
  readonly id: string;
  readonly hostname: string;
  /** e.g. 10.1.0.10 */
  readonly address: string;
  readonly prefix: number;
  readonly gateway: string;
  /** The bridge of its site. */
  readonly bridge: string;
  /** A folder that is the machine's alone; made at the first start, kept afterwards. */
  readonly folder: string;
}

export interface Running {
  /** The machine's process 1, as the hub numbers it. */
  readonly init: number;
  readonly ended: Promise<void>;
}

/** Boots a machine whose files are prepared. Throws when it does not come up, and nothing of it is left then. */
export async function boot(spec: BootSpec, binds: readonly Bind[]): Promise<Running> {
  const host = spawn(
    tool("unshare"),
    [
      ...["--fork", "--kill-child", "--pid", "--mount", "--net", "--uts", "--ipc", "--"],
      ...["sh", BOOT, ...binds.flatMap(({ from, to }) => [from, to])],
    ],
    {
      env: {
        ...hostEnvironment(),
        MACHINE_FOLDER: spec.folder,
        MACHINE_HOSTNAME: spec.hostname,
        MACHINE_ADDRESS: `${spec.address}/${spec.prefix}`,
        MACHINE_GATEWAY: spec.gateway,
      },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  let said = "";
  host.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  host.stdin.on("error", () => {});
  const ended = new Promise<void>((resolve) => {
    host.on("exit", () => resolve());
  });
  try {
    const init = await bootDialogue(host, (pid) => plugIn(spec.bridge, spec.address, pid));
    if (init !== undefined) return { init, ended };
  } catch (error) {
    host.kill("SIGKILL");
    throw new Error(`machine ${spec.id} does not boot: ${messageOf(error)}`, { cause: error });
  }
  await ended;
  throw new Error(`machine ${spec.id} does not boot: ${said.trim()}`);
}

/** Follows boot.sh; the pid of init once the machine is ready, undefined when it ends before. */
async function bootDialogue(
  host: ChildProcessWithoutNullStreams,
  plug: (pid: number) => Promise<void>,
): Promise<number | undefined> {
  let init = 0;
  for await (const line of createInterface(host.stdout)) {
    if (line === "ready") return init;
    if (!line.startsWith("pid ")) continue;
    init = Number(line.slice("pid ".length));
    await plug(init);
    host.stdin.write("\n");
  }
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
