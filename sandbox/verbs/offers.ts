// Verbs about offers to other models: making, finding, showing and withdrawing them.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { Model, Offer } from "../../lib/juju/model.ts";
import { timestamp } from "../juju/clock.ts";
import { modelNamed } from "../juju/operations/models.ts";
import { offer, offerUrls, parseOfferUrl, removeOffer } from "../juju/operations/offers.ts";
import { choices, Refusal } from "../juju/operations/refusal.ts";
import { isOn, type Session, textOf, type VerbTable } from "../session.ts";
import { statusOf } from "../status/json.ts";
import { connectionsOf, offersTable } from "../status/offers.ts";
import type { OfferJson } from "../status/shape.ts";
import { columns, table } from "../status/table.ts";
import { formatFlag, print } from "./output.ts";

export const offerVerbs: VerbTable = {
  offer: {
    usage: "[<model>.]<application>:<endpoint>[,...] [<offer name>]",
    about: "Offers endpoints to other models.",
    example: "rome.db1:async-primary",
    run: makeOffer,
  },
  offers: {
    usage: "[<offer> ...] [--active-only]",
    about: "Lists the offers of the model with who uses them.",
    flags: { ...formatFlag, "active-only": { kind: "bool" } },
    run: listOffers,
  },
  "find-offers": {
    usage: "[<model>] [--interface <name>] [--offer <name>]",
    about: "Lists the offers that can be consumed.",
    flags: { ...formatFlag, interface: { kind: "value" }, offer: { kind: "value" }, url: { kind: "value" } },
    run: findOffers,
  },
  "show-offer": { usage: "<offer name or URL>", about: "Shows an offer.", flags: formatFlag, run: showOffer },
  "remove-offer": { usage: "<offer name or URL> ...", about: "Withdraws offers.", run: withdraw },
};

function makeOffer(session: Session, { args }: ParsedLine): void {
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

function listOffers(session: Session, line: ParsedLine): void {
  const model = session.model();
  const all = Object.values(model.offers).filter(
    (made) => line.args.length === 0 || line.args.includes(made.name),
  );
  const shown = all
    .map((made) => ({ made, connections: connectionsOf(session.store.state, model, made) }))
    .filter(({ connections }) => !isOn(line, "active-only") || connections.length > 0);
  const status = statusOf(session.store.state, model, timestamp(session.clock));
  const value = Object.fromEntries(
    shown.map(({ made, connections }) => {
      const { application, charm, endpoints } = status.offers?.[made.name] ?? {};
      const url = `admin/${model.name}.${made.name}`;
      return [
        made.name,
        {
          application,
          store: "sandbox",
          charm,
          "offer-url": url,
          endpoints,
          connections: connections.map(({ json }) => json),
        },
      ];
    }),
  );
  if (shown.length === 0) session.screen.err("no matching application offers found\n");
  else
    print(session, line, { value, text: { format: "tabular", draw: (width) => offersTable(shown, width) } });
}

interface Found {
  readonly url: string;
  readonly offer: OfferJson;
}

/** The offers of models that a person may consume. */
function found({ store, clock }: Session, models: readonly Model[]): Found[] {
  return models.flatMap((model) =>
    Object.entries(statusOf(store.state, model, timestamp(clock)).offers ?? {}).map(([name, made]) => ({
      url: `admin/${model.name}.${name}`,
      offer: made,
    })),
  );
}

function findOffers(session: Session, line: ParsedLine): void {
  const { store, screen } = session;
  const [only] = line.args;
  const models = only === undefined ? Object.values(store.state.models) : [modelNamed(store.state, only)];
  const spoken = textOf(line, "interface");
  const [name, url] = [textOf(line, "offer"), textOf(line, "url")];
  const all = found(session, models).filter(
    (known) =>
      (spoken === undefined ||
        Object.values(known.offer.endpoints).some((end) => end.interface === spoken)) &&
      (name === undefined || known.url.endsWith(`.${name}`)) &&
      (url === undefined || known.url === url),
  );
  const rows = all.map((known) => {
    const ends = Object.entries(known.offer.endpoints).map(
      ([endpoint, end]) => `${end.interface}:${endpoint}`,
    );
    return ["sandbox", known.url, "admin", ends.join(", ")];
  });
  const value = Object.fromEntries(
    all.map((known) => [known.url, { access: "admin", endpoints: known.offer.endpoints }]),
  );
  const draw = (width?: number): string =>
    table(columns("Store", "URL", "Access", "Interfaces"), rows, width);
  if (rows.length === 0) screen.err("no matching application offers found\n");
  else print(session, line, { value, text: { format: "tabular", draw } });
}

/** The offer that a name of this model's or a URL means. */
function offerNamed(session: Session, text: string): { model: Model; made: Offer } {
  const parsed = parseOfferUrl(text);
  const { state } = session.store;
  const model = parsed === undefined ? session.model() : modelNamed(state, parsed.model);
  const made = model.offers[parsed?.offer ?? text];
  if (made !== undefined) return { model, made };
  throw new Refusal(`application offer ${JSON.stringify(text)} not found${choices(offerUrls(state))}`);
}

function showOffer(session: Session, line: ParsedLine): void {
  const [text] = line.args;
  if (text === undefined) throw new UsageError("must specify endpoint URL");
  const { model, made } = offerNamed(session, text);
  const url = `admin/${model.name}.${made.name}`;
  const offered = found(session, [model]).find((known) => known.url === url)?.offer.endpoints ?? {};
  const ends = Object.entries(offered);
  const users = { admin: { "display-name": "admin", access: "admin" } };
  const rows = ends.map(([endpoint, end], n) => [
    ...(n === 0 ? ["sandbox", url, "admin"] : ["", "", ""]),
    endpoint,
    end.interface,
    end.role,
  ]);
  const titles = columns("Store", "URL", "Access", "Endpoint", "Interface", "Role");
  print(session, line, {
    value: { [url]: { access: "admin", endpoints: offered, users } },
    text: { format: "tabular", draw: (width) => table(titles, rows, width) },
  });
}

function withdraw(session: Session, { args }: ParsedLine): void {
  if (args.length === 0) throw new UsageError("no offers specified");
  for (const text of args) {
    const { model, made } = offerNamed(session, text);
    removeOffer(model, made.name);
  }
  session.store.changed();
}
