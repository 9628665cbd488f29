// What is wrong with a machine's network: its cable pulled, packets that vanish, packets that come late. Runs inside the hub only.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ip, portOf, removeLink, setDrops, setPort } from "./network.ts";
import { systemCall } from "./system-calls.ts";
import { hostEnvironment, tool } from "./tools.ts";

const RELAY = fileURLToPath(new URL("relay.pl", import.meta.url));

/** Faults of one machine's network. */
export interface NetworkFaults {
  /** False when the cable is out. */
  readonly linked: boolean;
  /** Networks of which nothing arrives, such as 10.1.0.11/32. */
  readonly deaf: readonly string[];
  /** Networks to and from which each packet takes so many milliseconds longer; the first that fits counts. */
  readonly late: readonly { readonly network: string; readonly ms: number }[];
}

export const NO_NETWORK_FAULTS: NetworkFaults = { linked: true, deaf: [], late: [] };

/** One machine's cable. The faults are those of the machine that is plugged in: call apply for each boot. */
export class Cable {
  readonly #address: string;
  readonly #bridge: string;
  #relay: ChildProcess | undefined;

  constructor(address: string, bridge: string) {
    this.#address = address;
    this.#bridge = bridge;
  }

  /** Makes the network of the machine with this init be as told, whatever it was. */
  async apply(faults: NetworkFaults, init: number): Promise<void> {
    await setPort(this.#address, faults.linked);
    await setDrops(
      faults.deaf.map((from) => ({ from, to: "" })),
      init,
    );
    await this.#removeRelay(true);
    if (faults.late.length > 0) await this.#insertRelay(faults.late);
  }

  /** The machine has ended, and its end of the cable with it. */
  async unplugged(): Promise<void> {
    await this.#removeRelay(false);
  }

  /** machine ⇄ port ⇄ relay ⇄ slow ⇄ wire ⇄ bridge. The hub must not answer for others at the relay's ends, hence no ARP. */
  async #insertRelay(late: NetworkFaults["late"]): Promise<void> {
    const { port, slow, wire } = this.#names();
    await ip([
      `link set ${port} nomaster arp off`,
      `link add name ${slow} type veth peer name ${wire}`,
      `link set ${slow} arp off up`,
      `link set ${wire} master ${this.#bridge} up`,
    ]);
    const rules = late.flatMap(({ network, ms }) => [network, `${ms}`]);
    const relay = spawn(tool("perl"), [RELAY, systemCall("clock_gettime"), port, slow, ...rules], {
      stdio: ["pipe", "pipe", "pipe"],
      env: hostEnvironment(),
    });
    this.#relay = relay;
    let said = "";
    relay.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await new Promise<void>((resolve, reject) => {
      createInterface(relay.stdout).once("line", () => resolve());
      relay.once("error", reject);
      relay.once("close", (code, signal) =>
        reject(new Error(`the relay of ${this.#address} ended with ${code ?? signal}: ${said.trim()}`)),
      );
    });
  }

  async #removeRelay(isPlugged: boolean): Promise<void> {
    const relay = this.#relay;
    if (relay === undefined) return;
    this.#relay = undefined;
    relay.kill("SIGKILL");
    const { port, slow } = this.#names();
    await removeLink(slow);
    if (isPlugged) await ip([`link set ${port} arp on master ${this.#bridge}`]);
  }

  #names(): Readonly<Record<"port" | "slow" | "wire", string>> {
    const port = portOf(this.#address);
    return { port, slow: port.replace("port", "slow"), wire: port.replace("port", "wire") };
  }
}
