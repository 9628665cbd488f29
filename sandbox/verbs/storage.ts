// Verbs about what units have besides their charm: storage and resources.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { addStorage, tooMuchStorage } from "../../lib/juju/storage.ts";
import { timestamp } from "../juju/clock.ts";
import { applicationNamed, unitNamed } from "../juju/operations/models.ts";
import { notFound, Refusal } from "../juju/operations/refusal.ts";
import { attachResource, storeResource } from "../juju/operations/resources.ts";
import type { Session, VerbTable } from "../session.ts";
import { storageRows, storageTable } from "../status/storage.ts";
import { columns, table } from "../status/table.ts";
import { splitAtEquals } from "./models.ts";
import { formatFlag, print } from "./output.ts";

export const storageVerbs: VerbTable = {
  storage: { usage: "", about: "Lists the storage of the model.", flags: formatFlag, run: list },
  "show-storage": { usage: "<storage id> ...", about: "Shows storage.", flags: formatFlag, run: show },
  "add-storage": {
    usage: "<unit> <storage name>[=<count>] ...",
    about: "Gives a unit more storage.",
    run: add,
  },
  resources: {
    usage: "<application or unit>",
    about: "Lists the files that an application was given for its charm.",
    flags: formatFlag,
    run: listResources,
  },
  "attach-resource": {
    usage: "<application> <resource>=<file>",
    about: "Gives an application a file for its charm; its units upgrade.",
    example: "db data=./file.zip",
    run: attach,
  },
};

function list(session: Session, line: ParsedLine): void {
  const rows = storageRows(session.model());
  const value = { storage: Object.fromEntries(rows.map(({ id, json }) => [id, json])) };
  if (rows.length === 0) session.screen.err("No storage to display.\n");
  else
    print(session, line, { value, text: { format: "tabular", draw: (width) => storageTable(rows, width) } });
}

function show(session: Session, line: ParsedLine): void {
  if (line.args.length === 0) throw new UsageError("must specify storage id(s)");
  const rows = storageRows(session.model());
  const shown = line.args.map((id) => {
    const row = rows.find((known) => known.id === id);
    if (row === undefined)
      throw notFound(
        "storage",
        id,
        rows.map((known) => known.id),
      );
    return [id, row.json] as const;
  });
  print(session, line, { value: Object.fromEntries(shown) });
}

function add(session: Session, { args }: ParsedLine): void {
  const { store, screen } = session;
  const [unitName, ...directives] = args;
  if (unitName === undefined || directives.length === 0)
    throw new UsageError("add-storage requires a unit and at least one storage directive");
  const model = session.model();
  const unit = unitNamed(model, unitName);
  const declared = store.state.charms[unit.local.charm]?.storage ?? {};
  const wanted = directives.map((directive) => {
    const [name = "", count = "1"] = directive.split("=", 2);
    if (declared[name] === undefined) throw notFound("charm storage", name, Object.keys(declared));
    if (!/^[1-9]\d*$/.test(count))
      throw new UsageError(
        `storage ${JSON.stringify(name)}: the sandbox takes a count only, got ${JSON.stringify(count)}`,
      );
    const refused = tooMuchStorage(store.state, model, unit, { name, count: Number(count) });
    if (refused !== undefined)
      throw new Refusal(`failed to add storage ${JSON.stringify(name)} to ${unit.name}: ${refused}`);
    return { name, count: Number(count) };
  });
  for (const { name, count } of wanted) {
    for (let n = 0; n < count; n++) {
      const made = addStorage(store.state, model, unit, name);
      screen.err(`added storage ${made?.id} to ${unit.name}\n`);
    }
  }
  store.changed();
}

function listResources(session: Session, line: ParsedLine): void {
  const [name] = line.args;
  if (name === undefined) throw new UsageError("missing application or unit name");
  const application = applicationNamed(session.model(), name.replace(/\/\d+$/, ""));
  const declared = Object.keys(session.store.state.charms[application.charm]?.resources ?? {}).sort();
  const rows = declared.map((resource) => {
    const given = application.resources[resource];
    return given === undefined ? [resource, "-", "-"] : [resource, "admin", given.uploaded.slice(0, 16)];
  });
  const value = {
    resources: declared.map((resource) => {
      const { size, uploaded } = application.resources[resource] ?? {};
      return {
        name: resource,
        application: application.name,
        ...(uploaded === undefined ? {} : { size, uploaded }),
      };
    }),
  };
  const draw = (width?: number): string => table(columns("Resource", "Supplied by", "Revision"), rows, width);
  if (rows.length === 0) session.screen.err("No resources to display.\n");
  else print(session, line, { value, text: { format: "tabular", draw } });
}

async function attach(session: Session, { args }: ParsedLine): Promise<void> {
  const { store, screen, charms, clock } = session;
  const [name, directive] = args;
  if (name === undefined) throw new UsageError("missing application name");
  if (directive === undefined || !directive.includes("="))
    throw new UsageError(`expected name=path format, got ${JSON.stringify(directive ?? "")}`);
  const [resource, path] = splitAtEquals(directive);
  const application = applicationNamed(session.model(), name);
  const charm = store.state.charms[application.charm];
  if (charm === undefined) throw new Refusal(`the charm of ${name} is not in the store`);
  const place = { cwd: screen.cwd, store: charms, now: timestamp(clock) };
  attachResource(application, resource, await storeResource(charm, { name: resource, path }, place));
  store.changed();
}
