// Verbs about relations within and between models.

import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { timestamp } from "../juju/clock.ts";
import { modelNamed } from "../juju/operations/models.ts";
import {
  consume,
  offer,
  offerUrls,
  parseOfferUrl,
  removeOffer,
  removeSaas,
} from "../juju/operations/offers.ts";
import { integrate, removeRelation, setSuspended } from "../juju/operations/relate.ts";
import { isOn, type Session, textOf, type Verb, type VerbTable } from "../session.ts";
import { statusOf } from "../status/json.ts";
import { columns, table } from "../status/table.ts";

const relateVerb: Verb = {
  usage: "<application>[:<endpoint>] <application>[:<endpoint>] | <model>.<offer>[:<endpoint>]",
  about: "Relates two applications.",
  run: relate,
};
const findOffers: Verb = {
  usage: "[<model>]",
  about: "Lists the offers that can be consumed.",
  flags: { format: { kind: "value" } },
  run: listOffers,
};

export const relationVerbs: VerbTable = {
  integrate: relateVerb,
  relate: relateVerb,
  "remove-relation": {
    usage: "<application>[:<endpoint>] <application>[:<endpoint>] | <id>",
    about: "Ends a relation.",
    run: unrelate,
  },
  offer: {
    usage: "[<model>.]<application>:<endpoint>[,...] [<offer name>]",
    about: "Offers endpoints to other models.",
    run: offerVerb,
  },
  offers: findOffers,
  "find-offers": findOffers,
  "remove-offer": { usage: "<offer name or URL>", about: "Withdraws an offer.", run: withdraw },
  consume: {
    usage: "<model>.<offer> [<alias>]",
    about: "Makes an offer of another model known as a SAAS.",
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

function offerVerb(session: Session, { args }: ParsedLine): void {
  const { store, screen } = session;
  const [what, alias] = args;
  if (what === undefined) throw new UsageError("an offer must at least specify application endpoint");
  const [target = "", endpoints] = what.split(":", 2);
  if (endpoints === undefined || endpoints === "") {
    throw new UsageError(
      `endpoints must conform to format "<application-name>:<endpoint-name>[,...]", got ${JSON.stringify(what)}`,
    );
  }
  const dot = target.lastIndexOf(".");
  const model = dot < 0 ? session.model() : modelNamed(store.state, target.slice(0, dot));
  const application = target.slice(dot + 1);
  const made = offer(store.state, model, {
    application,
    endpoints: endpoints.split(","),
    name: alias ?? application,
  });
  store.changed();
  screen.err(
    `Application ${JSON.stringify(application)} endpoints [${made.endpoints.join(", ")}] available at "admin/${model.name}.${made.name}"\n`,
  );
}

function listOffers({ store, screen, clock }: Session, line: ParsedLine): void {
  const [only] = line.args;
  const models = only === undefined ? Object.values(store.state.models) : [modelNamed(store.state, only)];
  const rows: string[][] = [];
  const shown: Record<string, unknown> = {};
  for (const model of models) {
    const offers = statusOf(store.state, model, timestamp(clock)).offers ?? {};
    for (const [name, known] of Object.entries(offers)) {
      const url = `admin/${model.name}.${name}`;
      shown[url] = { ...known, access: "admin" };
      const spoken = Object.entries(known.endpoints).map(([endpoint, end]) => `${end.interface}:${endpoint}`);
      rows.push(["sandbox", url, "admin", spoken.join(", ")]);
    }
  }
  if (textOf(line, "format") === "json") screen.out(`${JSON.stringify(shown)}\n`);
  else if (rows.length === 0) screen.err("no matching application offers found\n");
  else screen.out(table(columns("Store", "URL", "Access", "Interfaces"), rows));
}

function withdraw(session: Session, { args }: ParsedLine): void {
  const { store } = session;
  const [name] = args;
  if (name === undefined) throw new UsageError("no offers specified");
  const url = parseOfferUrl(name);
  removeOffer(url === undefined ? session.model() : modelNamed(store.state, url.model), url?.offer ?? name);
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
