// Verbs about secrets: those of charms are shown, those of people are made and granted here.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { readSecretData } from "../../lib/juju/hook-commands/secret-values.ts";
import type { Secret } from "../../lib/juju/model.ts";
import { parseSecretUri } from "../../lib/juju/secrets.ts";
import { timestamp } from "../juju/clock.ts";
import { choices, Refusal } from "../juju/operations/refusal.ts";
import {
  addSecret,
  grantUserSecret,
  removeUserSecret,
  updateSecret,
  userSecretNamed,
} from "../juju/operations/user-secrets.ts";
import { isOn, numberOf, type Session, textOf, type VerbTable } from "../session.ts";
import { type SecretLooks, secretJson, secretTable } from "../status/secrets.ts";
import { formatFlag, print } from "./output.ts";
import { readYamlMap } from "./yaml-file.ts";

const content = { file: { kind: "value" }, info: { kind: "value" } } as const;

export const secretVerbs: VerbTable = {
  secrets: {
    usage: "[--owner application-<name>|unit-<name>] [--revisions]",
    about: "Lists the secrets of the model.",
    flags: { ...formatFlag, owner: { kind: "value" }, revisions: { kind: "bool" } },
    run: list,
  },
  "show-secret": {
    usage: "<id or name> [--reveal] [--revision <n>] [--revisions]",
    about: "Shows a secret; its content only when asked to.",
    flags: {
      ...formatFlag,
      reveal: { kind: "bool" },
      revision: { kind: "value", short: "r" },
      revisions: { kind: "bool" },
    },
    run: show,
  },
  "add-secret": {
    usage: "<name> <key>[#base64|#file]=<value> ... [--file <yaml>] [--info <text>]",
    about: "Makes a secret for charms to read.",
    example: "spare-key key=value",
    flags: content,
    run: add,
  },
  "update-secret": {
    usage: "<id or name> [<key>=<value> ...] [--name <name>] [--info <text>] [--auto-prune]",
    about: "Changes a user secret; new content is a new revision.",
    flags: { ...content, name: { kind: "value" }, "auto-prune": { kind: "bool" } },
    run: update,
  },
  "grant-secret": {
    usage: "<id or name> <application>[,<application>...]",
    about: "Lets applications read a user secret.",
    run: (session, line) => grant(session, line, true),
  },
  "revoke-secret": {
    usage: "<id or name> <application>[,<application>...]",
    about: "Takes the right to read a user secret back.",
    run: (session, line) => grant(session, line, false),
  },
  "remove-secret": {
    usage: "<id or name> [--revision <n>]",
    about: "Removes a user secret, or one revision of it.",
    flags: { revision: { kind: "value" } },
    run: remove,
  },
};

function list(session: Session, line: ParsedLine): void {
  const model = session.model();
  const owner = ownerOf(textOf(line, "owner"));
  const all = Object.values(model.secrets).filter(
    (secret) => owner === undefined || (secret.owner.kind === owner.kind && secret.owner.name === owner.name),
  );
  if (all.length === 0 && textOf(line, "format") === undefined) {
    session.screen.err("no secrets\n");
    return;
  }
  const looks = { revisions: isOn(line, "revisions"), access: false, reveal: undefined };
  print(session, line, {
    value: Object.fromEntries(all.map((secret) => [secret.id, secretJson(model, secret, looks)])),
    text: { format: "tabular", draw: (width) => secretTable(all, session.clock.now(), width) },
  });
}

function ownerOf(tag: string | undefined): Secret["owner"] | undefined {
  if (tag === undefined) return undefined;
  const [, kind, name = ""] = /^(application|unit)-(.+)$/.exec(tag) ?? [];
  if (kind === "application") return { kind, name };
  if (kind === "unit") return { kind, name: name.replace(/-(\d+)$/, "/$1") };
  throw new UsageError(`invalid owner ${JSON.stringify(tag)}`);
}

function show(session: Session, line: ParsedLine): void {
  const [text] = line.args;
  if (text === undefined) throw new UsageError("secret ID is required");
  const revision = numberOf(line, "revision");
  if (isOn(line, "revisions") && isOn(line, "reveal"))
    throw new UsageError("specify either --revisions or --reveal but not both");
  if (isOn(line, "revisions") && revision !== undefined)
    throw new UsageError("specify either --revisions or --revision but not both");
  const model = session.model();
  const id = parseSecretUri(text)?.id;
  const all = Object.values(model.secrets);
  const secret = all.find((known) => known.id === id || known.label === text);
  if (secret === undefined)
    throw new Refusal(
      `secret ${JSON.stringify(id ?? text)} not found${choices(all.map((known) => known.label || known.id))}`,
    );
  const shown = revision ?? secret.latest;
  if (secret.revisions[shown] === undefined)
    throw new Refusal(
      `revision ${shown} of secret ${JSON.stringify(text)} not found${choices(Object.keys(secret.revisions))}`,
    );
  const looks: SecretLooks = {
    revisions: isOn(line, "revisions"),
    access: true,
    reveal: isOn(line, "reveal") ? shown : undefined,
  };
  print(session, line, { value: { [secret.id]: secretJson(model, secret, looks) } });
}

/** The content that words and --file give; undefined when there is none. */
function contentOf(
  { screen }: Session,
  line: ParsedLine,
  words: readonly string[],
): Record<string, string> | undefined {
  const file = textOf(line, "file");
  if (words.length === 0 && file === undefined) return undefined;
  const map = Object.entries(file === undefined ? {} : readYamlMap(screen.cwd, file));
  return readSecretData(
    {
      map: Object.fromEntries(map.map(([key, value]) => [key, String(value)])),
      file: (path) => readFileSync(resolve(screen.cwd, path)),
    },
    words,
  );
}

function add(session: Session, line: ParsedLine): void {
  const [name, ...words] = line.args;
  if (name === undefined) throw new UsageError("missing secret name");
  if (name.includes("="))
    throw new UsageError(`secret name ${JSON.stringify(name)} not valid: the name comes first`);
  const secret = addSecret(session.model(), {
    name,
    description: textOf(line, "info") ?? "",
    data: contentOf(session, line, words) ?? {},
    now: timestamp(session.clock),
  });
  session.store.changed();
  session.screen.out(`secret:${secret.id}\n`);
}

function update(session: Session, line: ParsedLine): void {
  const [text, ...words] = line.args;
  if (text === undefined) throw new UsageError("missing secret URI");
  const model = session.model();
  const change = {
    name: textOf(line, "name"),
    description: textOf(line, "info"),
    autoPrune: line.flags.has("auto-prune") ? isOn(line, "auto-prune") : undefined,
    data: contentOf(session, line, words),
  };
  if (Object.values(change).every((value) => value === undefined))
    throw new UsageError("must specify a new secret value or new name or new info or auto-prune");
  updateSecret(model, userSecretNamed(model, text), change, timestamp(session.clock));
  session.store.changed();
}

function grant(session: Session, line: ParsedLine, granted: boolean): void {
  const [text, ...applications] = line.args;
  if (text === undefined) throw new UsageError("missing secret name");
  if (applications.length === 0) throw new UsageError("missing application name");
  const model = session.model();
  grantUserSecret(model, userSecretNamed(model, text), applications.join(",").split(","), granted);
  session.store.changed();
}

function remove(session: Session, line: ParsedLine): void {
  const [text] = line.args;
  if (text === undefined) throw new UsageError("missing secret URI");
  const model = session.model();
  removeUserSecret(model, userSecretNamed(model, text), numberOf(line, "revision"));
  session.store.changed();
}
