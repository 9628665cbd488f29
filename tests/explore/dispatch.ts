// One dispatch of the real charm in this process: Juju's hook commands answered from the records, the machine's ports by the model.
import { hookTools } from "../../lib/hook-commands/index.ts";
import { type Charm, runDispatch, Secret } from "../../lib/index.ts";
import type { HookContext, LogLevel } from "../../lib/juju/hook-context.ts";
import { consumerKey } from "../../lib/juju/secrets.ts";
import type { Processes } from "../../lib/process.ts";
import { commandsOf } from "../../lib/testing/world-run.ts";
import { mysqlCharm } from "../../src/charm.ts";
import { keyring } from "../../src/credentials/keyring.ts";
import type { Meta } from "../../src/generated/charm-meta.ts";
import type { Ports } from "../../src/ports.ts";
import { machinePorts } from "./mysql/ports.ts";
import { drawPassword, type ExploreState, type Place } from "./state.ts";
import { mortal, type Strikes } from "./tap.ts";

/** How the world of a search works. */
export interface Rules {
  /** Changes what the charm is given, to see that a fault of the charm is found. */
  readonly sabotage?: (ports: Ports) => Ports;
  /** A unit has run its last hook. */
  readonly bury: (state: ExploreState, place: Place) => void;
  /** For looking on. */
  readonly log?: (level: LogLevel, logger: string, message: string) => void;
}

export interface Dispatched {
  readonly context: HookContext;
  readonly strikes: Strikes;
  readonly env: NodeJS.ProcessEnv;
}

const noPrograms: Processes = {
  run: ([program]) => Promise.reject(new Error(`the model cannot run ${program}`)),
  spawnDetached: ([program]) => Promise.reject(new Error(`the model cannot start ${program}`)),
};

/** Runs the charm and gives its exit code; a killed one's means nothing. */
export async function dispatchCharm(
  rules: Rules,
  state: ExploreState,
  place: Place,
  { context, strikes, env }: Dispatched,
): Promise<number> {
  const tools = { ...hookTools(tapped(context, strikes)), ...(rules.log === undefined ? silent : {}) };
  const charm = charmOver(rules, state, place, strikes);
  return await runDispatch(charm, { env, processes: noPrograms, tools });
}

const silent = { jujuLog: async (): Promise<void> => undefined };

function tapped(context: HookContext, strikes: Strikes): Processes {
  const commands = commandsOf(context, noPrograms);
  return {
    ...commands,
    run: async (argv, options) => {
      const [name, ...args] = argv;
      if (name === "secret-get" && args.includes("--refresh") && hasNews(context)) strikes.before(name);
      else strikes.refuseDead();
      return await commands.run(argv, options);
    },
  };
}

/**
 * Of the hook commands only this one has an effect before the flush that another run can see; a kill at a status, or
 * at what is kept back until the flush, leaves what a kill at the effect before it leaves.
 */
function hasNews({ world, model, unit }: HookContext): boolean {
  const key = consumerKey(model, unit.name);
  return Object.values(world.state.models).some(({ secrets }) =>
    Object.values(secrets).some(({ consumers, latest }) => (consumers[key]?.tracked ?? latest) < latest),
  );
}

function charmOver(rules: Rules, state: ExploreState, place: Place, strikes: Strikes): Charm<Meta> {
  return mysqlCharm(({ model, log }, config) => {
    const machine = { host: place.host, unit: place.unit.name };
    const { shell, sql, ...others } = mortal(machinePorts(state.mysql, machine, strikes), strikes);
    const keys = keyring(model, sql);
    const ports: Ports = {
      ...{ ...others, sql, model, log, config, keyring: keys },
      shell: shell(() => keys.adminPassword()),
      newPassword: () => new Secret(drawPassword(state)),
    };
    return rules.sabotage?.(ports) ?? ports;
  });
}
