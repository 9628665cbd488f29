// Cases as a shell script to run in one context, and reading the report that it prints. Pure.
import { type Step, wordsOf } from "./case.ts";

/** What a command did when it ran. */
export interface Observed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Report {
  /** Values of the placeholders, empty where the context has none. */
  readonly names: ReadonlyMap<string, string>;
  /** By the number of the step. */
  readonly steps: ReadonlyMap<number, Observed>;
}

/** Placeholders by name, with the shell's words that find their values in a context. */
const names: Readonly<Record<string, string>> = {
  unit: '"$JUJU_UNIT_NAME"',
  app: '"$' + '{JUJU_UNIT_NAME%/*}"',
  "model-uuid": '"$JUJU_MODEL_UUID"',
  address: '"$(unit-get private-address)"',
  /** Relation ids. */
  friends: '"$(relation-ids friends)"',
  source: '"$(relation-ids source)"',
  "source-number": '"$' + '{v_source##*:}"',
  friend: '"$(relation-list -r "$v_friends")"',
  remote: '"$(relation-list -r "$v_source")"',
  "remote-app": '"$(relation-list -r "$v_source" --app)"',
  storage: '"$(storage-list data)"',
  /** A folder of the context's own. */
  dir: '"$(mktemp -d)"',
  /** Not empty when the unit runs the charm of this folder. */
  charm: '"$(grep -x "name: hook-commands" "$JUJU_CHARM_DIR/metadata.yaml")"',
};

/**
 * Prints a report on standard output and exits as told.
 * @param known values of placeholders that earlier contexts gave
 */
export function scriptOf(
  steps: readonly Step[],
  exit = 0,
  known: ReadonlyMap<string, string> = new Map(),
): string {
  const find = [
    ...Object.entries(names).map(([name, words]) => `${variable(name)}=${words}`),
    ...[...known].map(([name, value]) => `${variable(name)}=${shellWord(value)}`),
  ];
  const tell = Object.keys(names).map((name) => tellName(name));
  return [
    "exec 2>/dev/null",
    "encode() { base64 -w0; echo; }",
    ...find,
    ...tell,
    ...steps.flatMap((step, at) => stepLines(step, at)),
    'rm -r "$v_dir"',
    `exit ${exit}`,
    "",
  ].join("\n");
}

function tellName(name: string): string {
  return `printf 'name ${name} '; printf %s "$${variable(name)}" | encode`;
}

function stepLines(step: Step, at: number): readonly string[] {
  const input = step.stdin === undefined ? "</dev/null" : `<"$v_dir/.in"`;
  return [
    ...(step.stdin === undefined ? [] : [`printf %s ${shellWord(step.stdin)} >"$v_dir/.in"`]),
    `(cd "$v_dir" && ${wordsOf(step).map(shellWord).join(" ")}) >"$v_dir/.out" 2>"$v_dir/.err" ${input}; code=$?`,
    `printf 'code ${at} '; printf %s "$code" | encode`,
    `printf 'out ${at} '; encode <"$v_dir/.out"`,
    `printf 'err ${at} '; encode <"$v_dir/.err"`,
    ...(step.as === undefined ? [] : [`${variable(step.as)}=$(cat "$v_dir/.out")`, tellName(step.as)]),
  ];
}

/** Names of the placeholders in texts. */
export function placeholdersIn(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(placeholder)].map((match) => match[1] ?? "")));
}

const placeholder = /\{([a-z][a-z-]*)\}/g;

function variable(name: string): string {
  return `v_${name.replaceAll("-", "_")}`;
}

function shellWord(text: string): string {
  const quoted = text.replaceAll("'", `'\\''`);
  return `'${quoted.replaceAll(placeholder, (_, name: string) => `'"$${variable(name)}"'`)}'`;
}

/** Reads a report; what is before, between or behind its lines is ignored. */
export function readReport(text: string): Report {
  const found = new Map<string, string>();
  const values = new Map<string, string>();
  for (const [, kind, key = "", base64 = ""] of text.matchAll(/^(name|code|out|err) (\S+) ([\w+/=]*)$/gm)) {
    const value = Buffer.from(base64, "base64").toString("utf8");
    if (kind === "name") values.set(key, value);
    else found.set(`${kind} ${key}`, value);
  }
  const steps = new Map<number, Observed>();
  for (const [key, code] of found) {
    if (!key.startsWith("code ")) continue;
    const at = Number(key.slice(5));
    const [stdout = "", stderr = ""] = [found.get(`out ${at}`), found.get(`err ${at}`)];
    steps.set(at, { code: Number(code), stdout, stderr });
  }
  return { names: values, steps };
}
