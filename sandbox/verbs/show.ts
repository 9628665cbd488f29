// Verbs that show what a model consists of: units, applications, machines.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { timestamp } from "../juju/clock.ts";
import { applicationNamed } from "../juju/operations/models.ts";
import { notFound } from "../juju/operations/refusal.ts";
import type { Session, VerbTable } from "../session.ts";
import { statusOf } from "../status/json.ts";
import { machineTable } from "../status/text.ts";
import { formatFlag, print } from "./output.ts";
import { showUnit } from "./show-unit.ts";

export const showVerbs: VerbTable = {
  "show-unit": {
    usage: "<unit> ... [--endpoint <name>] [--related-unit <unit>] [--app]",
    about: "Shows units with their relation data.",
    example: "db/0",
    flags: {
      ...formatFlag,
      endpoint: { kind: "value" },
      "related-unit": { kind: "value" },
      app: { kind: "bool" },
    },
    run: showUnit,
  },
  "show-application": {
    usage: "<application> ...",
    about: "Shows applications.",
    flags: formatFlag,
    run: showApplication,
  },
  machines: {
    usage: "",
    about: "Lists the machines.",
    flags: { ...formatFlag, utc: { kind: "bool" } },
    run: machines,
  },
  "show-machine": { usage: "<machine> ...", about: "Shows machines.", flags: formatFlag, run: showMachine },
};

function showApplication(session: Session, line: ParsedLine): void {
  if (line.args.length === 0) throw new UsageError("an application name must be supplied");
  const model = session.model();
  const shown = [...line.args].sort().map((name) => {
    const application = applicationNamed(model, name);
    const charm = session.store.state.charms[application.charm];
    const bindings = ["", ...Object.keys(charm?.endpoints ?? {}), ...(charm?.bindings ?? []), "juju-info"];
    return [
      name,
      {
        charm: charm?.name ?? "",
        base: "ubuntu@22.04",
        constraints: { arch: "amd64" },
        principal: true,
        exposed: application.exposed,
        ...(application.exposed
          ? { "exposed-endpoints": { "": { "expose-to-cidrs": ["0.0.0.0/0", "::/0"] } } }
          : {}),
        remote: false,
        life: application.life,
        "endpoint-bindings": Object.fromEntries(
          [...new Set(bindings)].sort().map((binding) => [binding, "alpha"]),
        ),
      },
    ] as const;
  });
  print(session, line, { value: Object.fromEntries(shown) });
}

function machines(session: Session, line: ParsedLine): void {
  const status = statusOf(session.store.state, session.model(), timestamp(session.clock));
  const draw = (width?: number): string => machineTable(status, (word) => word, width);
  if (Object.keys(status.machines).length === 0) session.screen.err("no machines\n");
  else
    print(session, line, {
      value: { model: status.model.name, machines: status.machines },
      text: { format: "tabular", draw },
    });
}

function showMachine(session: Session, line: ParsedLine): void {
  if (line.args.length === 0) throw new UsageError("no machine specified");
  const status = statusOf(session.store.state, session.model(), timestamp(session.clock));
  const shown = line.args.map((id) => {
    const machine = status.machines[id];
    if (machine === undefined) throw notFound("machine", id, Object.keys(status.machines));
    return [id, machine] as const;
  });
  print(session, line, { value: { model: status.model.name, machines: Object.fromEntries(shown) } });
}
