// Verbs about relations within and between models.

import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { consume, offerUrls, parseOfferUrl, removeSaas } from "../juju/operations/offers.ts";
import { integrate, removeRelation, setSuspended } from "../juju/operations/relate.ts";
import { isOn, type Session, textOf, type Verb, type VerbTable } from "../session.ts";

const relateVerb: Verb = {
  usage: "<application>[:<endpoint>] <application>[:<endpoint>] | <model>.<offer>[:<endpoint>]",
  about: "Relates two applications.",
  example: "-m lisbon db2:async-replica db1",
  run: relate,
};
export const relationVerbs: VerbTable = {
  integrate: relateVerb,
  relate: relateVerb,
  "remove-relation": {
    usage: "<application>[:<endpoint>] <application>[:<endpoint>] | <id>",
    about: "Ends a relation.",
    example: "db2 db1",
    run: unrelate,
  },
  consume: {
    usage: "<model>.<offer> [<alias>]",
    about: "Makes an offer of another model known as a SAAS.",
    example: "-m lisbon rome.db1",
    run: consumeVerb,
  },
  "remove-saas": {
    usage: "<saas> ... [--force]",
    about: "Forgets a SAAS and ends its relations.",
    flags: { force: { kind: "bool" }, "no-prompt": { kind: "bool" }, "no-wait": { kind: "bool" } },
    run: forgetSaas,
  },
  "suspend-relation": {
    usage: "<relation id> ... [--message <reason>]",
    about: "Suspends relations to an offer of this model.",
    flags: { message: { kind: "value" } },
    run: (session, line) => suspend(session, line, true),
  },
  "resume-relation": {
    usage: "<relation id> ...",
    about: "Resumes suspended relations.",
    run: (session, line) => suspend(session, line, false),
  },
};

function relate(session: Session, { args }: ParsedLine): void {
  const { store } = session;
  const [first, second, extra] = args;
  if (first === undefined || second === undefined || extra !== undefined) {
    throw new UsageError("an integration must involve two applications");
  }
  const model = session.model();
  const named = (name: string): string => {
    const url = name.includes(".") ? parseOfferUrl(name) : undefined;
    if (url === undefined) return name;
    const saas = consume(store.state, model, name.replace(/:[\w-]+$/, ""), undefined);
    return url.endpoint === undefined ? saas.name : `${saas.name}:${url.endpoint}`;
  };
  integrate(store.state, model, named(first), named(second));
  store.changed();
}

function unrelate({ model, store }: Session, { args }: ParsedLine): void {
  if (args.length === 0 || args.length > 2) throw new UsageError("a relation must involve two applications");
  removeRelation(store.state, model(), args);
  store.changed();
}

function consumeVerb({ model, store, screen }: Session, { args }: ParsedLine): void {
  const [url, alias] = args;
  if (url === undefined)
    throw new UsageError(
      `no remote offer specified (offers: ${offerUrls(store.state).join(", ") || "none"})`,
    );
  const saas = consume(store.state, model(), url, alias);
  store.changed();
  screen.err(`Added admin/${saas.model}.${saas.offer} as ${saas.name}\n`);
}

function forgetSaas({ model, store }: Session, line: ParsedLine): void {
  if (line.args.length === 0) throw new UsageError("no SAAS application names specified");
  const force = isOn(line, "force");
  for (const name of line.args) removeSaas(store.state, model(), name, { force });
  store.changed();
}

function suspend({ model, store }: Session, line: ParsedLine, suspended: boolean): void {
  if (line.args.length === 0) throw new UsageError("no relation ids specified");
  for (const id of line.args) {
    if (!/^\d+$/.test(id)) throw new UsageError(`relation ID ${JSON.stringify(id)} not valid`);
  }
  const reason = textOf(line, "message") ?? "";
  for (const id of line.args) setSuspended(store.state, model(), String(Number(id)), { suspended, reason });
  store.changed();
}
