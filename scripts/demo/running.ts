// Who runs the demo: a second one at the same time would take the first one's sandbox away.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const FILE = "demo.pid";

/** Leaves word in the sandbox's folder that this process runs the demo in it. */
export async function claim(folder: string): Promise<void> {
  await writeFile(join(folder, FILE), `${process.pid}\n`);
}

/** The process that runs the demo in that folder now; undefined when none does, or when it is over. */
export async function runner(folder: string): Promise<number | undefined> {
  const pid = Number(await readFile(join(folder, FILE), "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return command.includes("demo.ts") ? pid : undefined;
}
