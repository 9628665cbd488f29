// What must hold after any input whatever: nothing crashed, and nothing hostile got anywhere.
import { expect } from "vitest";
import { readBag } from "../../../lib/index.ts";
import type { RunEventResult } from "../../../lib/testing/world.ts";
import type { Meta } from "../../../src/generated/charm-meta.ts";
import { paths } from "../../../src/machine/paths.ts";
import { primaryBagSchema, replicaBagSchema } from "../../../src/wire/replication.ts";
import type { FakeServer } from "../../src/support/mysql.ts";
import { type Machine, own, passwordsOf } from "../../src/support/world.ts";

export interface Played {
  readonly site: Machine;
  /** All servers that the charm could reach. */
  readonly servers: readonly FakeServer[];
  readonly result: RunEventResult<Meta>;
  /** Secrets besides the passwords that every world has. */
  readonly secrets?: readonly string[];
}

const host = /^[A-Za-z0-9[][A-Za-z0-9_.:[\]-]{0,254}$/;
const argument = /^[A-Za-z0-9_[][\w.:[\]-]{0,255}$/;
const option = /^(?:[\w.:-]{1,256}|\["[\w.-]+"(?:,"[\w.-]+")*\])$/;
/** A statement without its literals. */
const statement = /^(?!.*--)[A-Za-z0-9_\s@.,%=()*?'<>-]+$/;
const hostsLine = /^\d+\.\d+\.\d+\.\d+(?: [A-Za-z0-9.-]+)+ # Managed by mysql charm$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const LONGEST_ARGUMENT = 128 * 1024;

const common = ["own", "theirs"].flatMap((word) => Object.values(passwordsOf(word)));

/** A program or a server that says it did something, and did not: the hook fails, and Juju runs it again. */
export const nothingDone =
  /^Error: [\w:-]+: (?:step "[^"]+" changed nothing: it was performed|no rest after 20 steps)/;

/** Fails where the charm crashed, or a value reached a place where it is more than text. */
export function expectHarmless(played: Played, mayLie = false): void {
  if (!mayLie || !endedForNothing(played.result)) expectNoCrash(played.result);
  expectCleanCommands(played);
  expectCleanFiles(played.site);
  expectCleanBags(played.result);
  expectReadable(played.result);
  expectSecret(played);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
}

function endedForNothing({ exitCode, log, action }: RunEventResult<Meta>): boolean {
  const failed = exitCode !== 0 || action.failure !== undefined;
  return failed && log.filter(({ level }) => level === "ERROR").every(({ text }) => nothingDone.test(text));
}

function expectNoCrash({ exitCode, refusal, log }: RunEventResult<Meta>): void {
  const errors = log.filter(({ level, text }) => level === "ERROR" || /\n\s+at /.test(text));
  if (errors.length > 0) throw new Error(`the charm crashed: ${errors.map(({ text }) => text).join("\n")}`);
  expect(refusal).toBeUndefined();
  expect(exitCode).toBe(0);
}

/** Statements without literals are known words; hosts, arguments and options are of their grammar. */
function expectCleanCommands({ site: { shell, jobs, sql }, servers }: Played): void {
  for (const { host: at, command } of shell.runs) {
    expect(at).toMatch(host);
    for (const each of command.args) expect(each).toMatch(argument);
    for (const value of Object.values(command.options)) expect(value).toMatch(option);
  }
  for (const { label, argv } of jobs.started) {
    expect(label).not.toMatch(control);
    expectCleanRun(argv);
  }
  for (const attempt of sql.attempts) expect(attempt.split(" ")[0]).toMatch(host);
  for (const server of servers) for (const text of server.statements) expectStatement(text);
}

/** MySQL Shell's own arguments come first; a server in memory has a command line without them. */
function expectCleanRun(argv: readonly string[]): void {
  const end = argv.indexOf("--");
  const uri = argv[argv.indexOf("--uri") + 1] ?? "";
  if (end !== -1) expect(uri).toMatch(/^clusteradmin@[A-Za-z0-9][\w.-]*:3306$/);
  for (const each of argv.slice(end + 1)) {
    const [, value = ""] = /^--[a-z:-]+=(.*)$/s.exec(each) ?? [];
    expect(value === "" ? each : value).toMatch(value === "" ? argument : option);
  }
}

function expectStatement(text: string): void {
  const bare = text.replaceAll(/'(?:[^'\\]|\\[\s\S]|'')*'/g, "");
  expect(bare).toMatch(statement);
}

function expectCleanFiles({ files }: Machine): void {
  const known: readonly string[] = Object.values(paths);
  for (const [path, { text, mode }] of files.held) {
    expect(known).toContain(path);
    if (path === paths.initStatements) expect(mode).toBe(0o600);
    if (path === paths.initStatements)
      for (const line of text.split(";\n")) if (line !== "") expectStatement(line);
  }
  const lines = (files.held.get(paths.hosts)?.text ?? "").split("\n");
  expect(lines[0]).toBe("127.0.0.1 localhost");
  expect(lines.at(-1)).toBe("");
  for (const line of lines.slice(1, -1)) expect(line).toMatch(hostsLine);
}

/** What this unit wrote could be read by its own kind. */
function expectCleanBags({ world }: RunEventResult<Meta>): void {
  for (const { endpoint, bags } of world.relations) {
    const app = bags[own] ?? {};
    if (endpoint === "async-primary") expect(readBag(primaryBagSchema, app).kind).not.toBe("invalid");
    if (endpoint === "async-replica") expect(readBag(replicaBagSchema, app).kind).not.toBe("invalid");
  }
}

/** Everything that is shown, logged or passed as an argument to a hook command. */
function shown({ log, statuses, world, action }: RunEventResult<Meta>): readonly string[] {
  const all = [...statuses, world.unitStatus, world.appStatus].map((status) => status?.message ?? "");
  return [...all, ...log.map(({ text }) => text), action.failure ?? "", ...action.logs];
}

function expectReadable(result: RunEventResult<Meta>): void {
  for (const text of [...shown(result), ...Object.values(result.action.results)]) {
    expect(text).not.toMatch(control);
    expect(Buffer.byteLength(text)).toBeLessThan(LONGEST_ARGUMENT);
  }
  for (const { message } of result.statuses) expect(message).not.toContain("\n");
}

function expectSecret({ result, site, secrets = [] }: Played): void {
  const told = [
    ...shown(result),
    ...site.shell.runs.flatMap(({ host: at, command }) => [
      at,
      ...command.args,
      ...Object.values(command.options),
    ]),
    ...site.jobs.started.flatMap(({ argv, label }) => [...argv, label]),
    ...[...site.files.held].filter(([path]) => path !== paths.initStatements).map(([, { text }]) => text),
    ...result.world.relations.map(({ bags }) => JSON.stringify([bags[own], bags[result.world.unit]])),
    JSON.stringify(result.world.state),
  ].join("\n");
  for (const secret of [...common, ...secrets]) expect(told.includes(secret)).toBe(false);
}
