// Where this unit's server runs with other settings than it should.
import * as z from "zod";
import type { Session } from "../mysql/ports.ts";
import { differences, poolGeometry, readVariables, setVariables } from "../mysql/variables.ts";
import type { Ports } from "../ports.ts";
import type { ServerSettings, Settings } from "./server-config.ts";

/** Settings that the server has still to take over. */
export interface PendingSettings {
  readonly dynamic: Settings;
  readonly static: Settings;
}

const UNMET = "unmet-settings";

/** Compares the running server with what is wanted. Throws MysqlProblem. */
export async function pendingSettings(
  ports: Ports,
  session: Session,
  wanted: ServerSettings,
): Promise<PendingSettings> {
  const all = { ...wanted.dynamic, ...wanted.static };
  const running = await readVariables(session, [...new Set([...Object.keys(all), ...poolGeometry])]);
  const unmet = await readUnmet(ports);
  const pending = differences(all, running).filter((name) => unmet[name] !== all[name]);
  const of = (settings: Settings): Settings =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => pending.includes(name)));
  return { dynamic: of(wanted.dynamic), static: of(wanted.static) };
}

/** Sets what a running server takes over. The configuration file has the same values already. */
export async function applySettings(ports: Ports, session: Session, wanted: ServerSettings): Promise<void> {
  await setVariables(session, (await pendingSettings(ports, session, wanted)).dynamic);
  await rememberUnmet(ports, (await pendingSettings(ports, session, wanted)).dynamic);
}

/**
 * A value that mysqld does not take, such as more connections than the system allows files, is not asked for again:
 * least of all by a restart.
 */
export async function rememberUnmet(ports: Ports, settings: Settings): Promise<void> {
  if (Object.keys(settings).length === 0) return;
  for (const [name, value] of Object.entries(settings)) {
    ports.log.warn(`MySQL does not run with ${name} = ${value}, which its configuration file asks for`);
  }
  ports.model.state.set(UNMET, { ...(await readUnmet(ports)), ...settings });
}

async function readUnmet({ model }: Ports): Promise<Settings> {
  return (await model.state.get(UNMET, z.record(z.string(), z.string()))) ?? {};
}
