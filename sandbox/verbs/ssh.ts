// The verb ssh: a shell or a command on a unit's machine, outside of any hook.

import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { Model } from "../../lib/juju/model.ts";
import { unitNamed } from "../juju/operations/models.ts";
import { Refusal } from "../juju/operations/refusal.ts";
import { MACHINE_ENVIRONMENT } from "../machine/machine.ts";
import type { Session, VerbTable } from "../session.ts";

export const sshVerbs: VerbTable = {
  ssh: {
    usage: "<unit or machine> [<command>]",
    about: "Opens a shell on a machine, or runs a command there.",
    example: "db/0",
    run: ssh,
  },
};

async function ssh(session: Session, line: ParsedLine): Promise<number> {
  const { screen, fleet } = session;
  const model = session.model();
  const [target, ...command] = line.args;
  if (target === undefined) throw new UsageError("no target name specified");
  const machine = fleet.machineOf(model, machineId(model, target));
  if (machine === undefined || !machine.isRunning)
    throw new Refusal(`the machine of ${target} is not running`);
  const shell = command.length > 0 ? ["/bin/bash", "-c", command.join(" ")] : ["/bin/bash", "-l"];
  // A person's shell needs a terminal of its own on that side.
  const argv =
    screen.isTerminal && command.length === 0 ? ["script", "-qec", "/bin/bash -l", "/dev/null"] : shell;
  const program = machine.spawn(argv, {
    env: { ...MACHINE_ENVIRONMENT, TERM: "xterm" },
    cwd: "/root",
    stdin: "pipe",
  });
  const ended = [program.stdout, program.stderr].map((stream, n) => {
    stream.on("data", (data: Buffer) => (n === 0 ? screen.out : screen.err)(data.toString("utf8")));
    return new Promise<void>((resolve) => stream.on("close", resolve));
  });
  program.stdin?.on("error", () => {});
  screen.onInput((data) => (data === null ? program.stdin?.end() : program.stdin?.write(data)));
  screen.signal.addEventListener("abort", () => program.kill("SIGHUP"));
  const { code } = await program.exited;
  await Promise.all(ended);
  return code ?? 255;
}

function machineId(model: Model, target: string): string {
  return /^\d+$/.test(target) ? target : unitNamed(model, target).machine;
}
