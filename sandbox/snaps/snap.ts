// Program: the snap command of a sandbox's machine, and (as `snap.ts boot`) what snapd does when the machine starts.
import { type Arguments, parseArguments, SnapError } from "./arguments.ts";
import { boot, install, refresh, remove } from "./lifecycle.ts";
import { aliases, list, logs, services, version } from "./report.ts";
import { alias, get, restart, set, start, stop, unalias, unset } from "./settings.ts";

const VERBS: Readonly<Record<string, (args: Arguments) => string | Promise<string>>> = {
  ...{ install, refresh, remove, start, stop, restart },
  ...{ alias, unalias, set, get, unset },
  ...{ aliases, list, logs, services, version },
};

async function main(argv: readonly string[]): Promise<number> {
  try {
    if (argv[0] === "boot") await boot();
    else {
      const args = parseArguments(argv);
      process.stdout.write((await VERBS[args.verb]?.(args)) ?? "");
    }
    return 0;
  } catch (error) {
    const known = error instanceof SnapError;
    process.stderr.write(
      `error: ${known || !(error instanceof Error) ? error : error.stack}\n`.replace("SnapError: ", ""),
    );
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
