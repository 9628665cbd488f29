// The adapter over MySQL Shell: its command-line integration, never code, and no password among the arguments.
import { type Processes, type RunResult, type Secret, toError } from "../../lib/index.ts";
import { paths } from "../machine/paths.ts";
import { MysqlProblem } from "../problems.ts";
import { commandArguments } from "./commands.ts";
import type { Shell, ShellCommand } from "./ports.ts";
import { shellFailure } from "./shell-output.ts";

/** More than any command prints; a shell that loops at a prompt must not fill the disk. */
const OUTPUT_CAP_BYTES = 1_000_000;
const ADMIN = "clusteradmin";

/** Commands through the snap's mysqlsh, logged in as the cluster administrator. */
export function mysqlShell(processes: Processes, password: () => Promise<Secret>): Shell {
  return {
    async run(host, command) {
      const result = await processes
        .run(shellArgv(host, command), {
          env: await shellEnvironment(password),
          timeoutMs: command.deadlineSeconds * 1000,
          maxOutputBytes: OUTPUT_CAP_BYTES,
        })
        .catch((error: unknown) => {
          throw new MysqlProblem("not-installed", command.operation, toError(error).message);
        });
      check(command, result);
    },
    async job(name, host, command, label) {
      return {
        name,
        argv: shellArgv(host, command),
        env: await shellEnvironment(password),
        deadlineMs: command.deadlineSeconds * 1000,
        label,
      };
    },
  };
}

function shellArgv(host: string, command: ShellCommand): readonly [string, ...string[]] {
  return [
    paths.mysqlsh,
    "--json=raw",
    "--no-wizard",
    "--uri",
    `${ADMIN}@${host}:3306`,
    ...commandArguments(command),
  ];
}

/** `--no-wizard` makes MYSQL_PWD count, and switches off every prompt (measured on MySQL Shell 9.6). */
async function shellEnvironment(password: () => Promise<Secret>): Promise<Readonly<Record<string, string>>> {
  return { MYSQL_PWD: (await password()).reveal() };
}

function check(command: ShellCommand, result: RunResult): void {
  if (result.timedOut) {
    throw new MysqlProblem("timed-out", command.operation, `no end within ${command.deadlineSeconds} s`);
  }
  const failure = shellFailure(command.operation, result.code, result.stdout);
  if (failure !== undefined) throw failure;
}
