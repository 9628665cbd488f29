// A unit's hook commands with fixed answers, for measuring a dispatch alone: each is a few lines of sh that note their call.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What hook commands print: by the command line, or by the command's name alone. Those that print nothing have `""`. */
export type Answers = Readonly<Record<string, unknown>>;

export interface HookStubs {
  /** The folder to be the whole PATH of a dispatch: what it starts by name is counted, or not there. */
  readonly path: string;
  /** The commands that were called since the last time, in order. */
  takeCalls(): Promise<readonly string[]>;
}

/** Programs other than hook commands that a dispatch may start by their names. */
const passed = ["dirname"];

/** Writes the stubs into a folder. */
export async function makeHookStubs(folder: string, answers: Answers): Promise<HookStubs> {
  const path = join(folder, "bin");
  const calls = join(folder, "calls");
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  const names = new Set(Object.keys(answers).map((line) => line.split(" ")[0] ?? ""));
  for (const name of names) await writeProgram(join(path, name), stub(name, calls, answers));
  for (const name of passed)
    await writeProgram(join(path, name), note(name, calls, `exec /usr/bin/${name} "$@"`));
  await writeFile(calls, "");
  return {
    path,
    takeCalls: async () => {
      const noted = await readFile(calls, "utf8");
      await writeFile(calls, "");
      return noted.split("\n").slice(0, -1);
    },
  };
}

async function writeProgram(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o755 });
}

function note(name: string, calls: string, then: string): string {
  return `#!/bin/sh\necho "${name} $*" >> ${calls}\n${then}\n`;
}

function stub(name: string, calls: string, answers: Answers): string {
  const branches = Object.entries(answers)
    .filter(([line]) => line.split(" ")[0] === name)
    .sort(([one], [other]) => other.length - one.length)
    .map(([line, answer]) => branch(line.slice(name.length + 1), answer));
  // Both frameworks ask for JSON, each spelling it its own way, and end what they hand over on standard input.
  return note(
    name,
    calls,
    `case " $* " in *" --file - "*) while read -r _; do :; done ;; esac
line=
for word; do case "$word" in json|--format|--format=json) ;; *) line="$line $word" ;; esac; done
case "\${line# }" in
${branches.join("\n")}
*) echo "the benchmark has no answer for ${name} $*" >&2; exit 1 ;;
esac`,
  );
}

function branch(words: string, answer: unknown): string {
  const pattern = words === "" ? "*" : `'${words}'`;
  return `${pattern}) ${answer === "" ? ":" : `echo '${JSON.stringify(answer).replaceAll("'", "'\\''")}'`} ;;`;
}
