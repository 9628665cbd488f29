// Real machines for the fleet: namespaces, one site of the network per model, with the snaps a machine can install.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MachineRecord, Model } from "../lib/juju/model.ts";
import type { FleetMachine } from "./fleet-machine.ts";
import { INSIDE_PROJECT, Machine } from "./machine/machine.ts";
import { addSite, removeSite, setCuts, siteOf } from "./machine/network.ts";
import { diskPath } from "./machine/root.ts";
import { storeOfMachine } from "./snaps/store.ts";

/** While the sandbox's folder has a file of this name, new machines record what runs of the charm start. */
const RECORD_STARTS = "record-starts";
/** Where they do; only root can read it. */
const STARTS = "/var/log/starts";

/** Makes machines in the hub's network, and the site of a model when its first machine comes. */
export class Sites {
  readonly #folder: string;
  readonly #known = new Map<number, Promise<void>>();

  /** @param folder where the machines keep their files */
  constructor(folder: string) {
    this.#folder = folder;
  }

  readonly makeMachine = async (model: Model, record: MachineRecord): Promise<FleetMachine> => {
    const site = siteOf(model.site);
    const ready = this.#known.get(model.site) ?? addSite(site);
    this.#known.set(model.site, ready);
    await ready;
    const folder = join(this.#folder, `${model.name}-${record.id}`);
    const machine = new Machine({
      id: `${model.name}-${record.id}`,
      hostname: record.hostname,
      address: record.address,
      prefix: 24,
      gateway: site.gateway,
      bridge: site.bridge,
      folder,
      ...(await storeOfMachine()),
    });
    const tap = ["perl", `${INSIDE_PROJECT}/sandbox/machine/tap.pl`];
    // Asked for with a file beside the machines: nobody needs it but who looks for what must not be there.
    const records = existsSync(join(this.#folder, "..", RECORD_STARTS));
    return Object.assign(machine, {
      hookTool: `${INSIDE_PROJECT}/sandbox/juju/hook-tool.pl`,
      tap,
      ...(records ? { recorder: [...tap, "record", STARTS] } : {}),
      disk: (inside: string) => diskPath(folder, inside),
    });
  };

  readonly setCuts = async (pairs: readonly (readonly [number, number])[]): Promise<void> => {
    await setCuts(pairs.map(([a, b]) => [siteOf(a), siteOf(b)]));
  };

  readonly removeNetwork = async (site: number): Promise<void> => {
    if (!this.#known.delete(site)) return;
    await removeSite(siteOf(site));
  };
}
