// What the fleet asks of the world: machines, the network between them, and time.
import type { MachineRecord, Model } from "../lib/juju/model.ts";
import type { AgentDisk } from "./juju/agent-files.ts";
import type { Clock } from "./juju/clock.ts";
import type { DebugLog } from "./juju/debug-log.ts";
import type { Store } from "./juju/store.ts";
import type { UnitMachine } from "./juju/unit-machine.ts";
import type { NetworkFaults } from "./machine/cable.ts";

/** A machine as the fleet handles it. */
export interface FleetMachine extends UnitMachine, AgentDisk {
  readonly isRunning: boolean;
  readonly isFrozen: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  powerOff(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  setNetwork(faults: NetworkFaults): Promise<void>;
  destroy(): Promise<void>;
  mountStorage(id: string, inside: string): Promise<void>;
}

export interface FleetOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: DebugLog;
  /** The store of charms. */
  readonly charms: string;
  readonly makeMachine: (model: Model, record: MachineRecord) => Promise<FleetMachine>;
  readonly removeNetwork: (site: number) => Promise<void>;
  /** Nothing passes between the sites of these numbers, and between all others it does. */
  readonly setCuts: (pairs: readonly (readonly [number, number])[]) => Promise<void>;
  readonly retry: { readonly first: number; readonly longest: number };
  /** Milliseconds for which a silent leader keeps the lead. */
  readonly lease: number;
}
