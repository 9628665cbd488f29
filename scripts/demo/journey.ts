// The journey of the demo: two clusters become one ClusterSet, which is switched over and back while rows are written.
import type { Sandbox, StatusJson } from "../../sandbox/client.ts";
import { RowClient } from "./client.ts";
import {
  addressesOf,
  clusterStatus,
  deploy,
  eventually,
  isActive,
  isStandby,
  mustRun,
  type Site,
  setState,
  unitsOf,
} from "./deployment.ts";
import { type Screen, seconds } from "./screen.ts";
import { rowsOf, setTable, statusTable } from "./tables.ts";
import { Watch } from "./watch.ts";

export const ROME: Site = { model: "rome", app: "db1", cluster: "rome", units: 3 };
export const LISBON: Site = { model: "lisbon", app: "db2", cluster: "lisbon", units: 3 };
const SET_NAME = "europe";

const MINUTE = 60_000;
const FORMING_LIMIT = 5 * MINUTE;
const STANDBY_LIMIT = 5 * MINUTE;
const SWITCHOVER_LIMIT = 3 * MINUTE;
const CATCH_UP_LIMIT = MINUTE;
/** So many rows must be acknowledged after a change before it counts as working. */
const ROWS_AFTERWARDS = 100;

/** A phase that is over, and what was proven in it. */
export interface Held {
  readonly text: string;
  readonly milliseconds: number;
}

export class Journey {
  readonly held: Held[] = [];
  readonly #sandbox: Sandbox;
  readonly #screen: Screen;
  readonly #watch: Watch;
  #client: RowClient | undefined;

  constructor(sandbox: Sandbox, screen: Screen) {
    this.#sandbox = sandbox;
    this.#screen = screen;
    this.#watch = new Watch(sandbox, screen, [ROME, LISBON]);
  }

  async run(charm: string): Promise<void> {
    await this.#phase(() => this.#deploy(charm));
    await this.#phase(() => this.#startWriting());
    await this.#phase(() => this.#relate());
    await this.#phase(() => this.#switchOver(LISBON, ROME));
    await this.#phase(() => this.#switchOver(ROME, LISBON));
    await this.#phase(() => this.#compare());
  }

  /** Ends the client, wherever the journey is. */
  end(): void {
    this.#client?.end();
  }

  async #deploy(charm: string): Promise<string> {
    this.#screen.step("Two models stand for two data centres; three MySQL servers are deployed in each.");
    for (const site of [ROME, LISBON]) {
      const { model, app, units } = site;
      this.#screen.line(`juju deploy ./build/charm ${app} -n ${units} -m ${model}`);
      await this.#sandbox.mustJuju(["add-model", model]);
      await deploy(this.#sandbox, charm, site, site === ROME ? SET_NAME : undefined);
    }
    await this.#watch.until("both clusters to form", FORMING_LIMIT, (status, site) => isActive(status, site));
    await this.#showTables();
    return "Two clusters of three servers formed";
  }

  async #startWriting(): Promise<string> {
    this.#screen.step("A client starts to write rows 1, 2, 3, … to the primary of rome, and never stops.");
    const { model, app } = ROME;
    const document = await clusterStatus(this.#sandbox, model, `${app}/0`, false);
    const set = document["defaultreplicaset"] as Readonly<Record<string, unknown>> | undefined;
    this.#screen.line(`get-cluster-status: the primary is ${String(set?.["primary"])}`);
    const action = ["get-password", "username=serverconfig"];
    const { username, password } = await mustRun(this.#sandbox, model, `${app}/leader`, action);
    this.#screen.line(`get-password: got the one of ${String(username)}, to make a database and an account`);
    this.#client = await RowClient.start(this.#sandbox, {
      model,
      unit: `${app}/0`,
      servers: await addressesOf(this.#sandbox, ROME),
      user: String(username),
      password: String(password),
    });
    this.#watch.follow(this.#client);
    await this.#moreRows();
    return "A client writes to the primary";
  }

  async #relate(): Promise<string> {
    this.#screen.step("The two are related: lisbon becomes a standby cluster of rome, with all its rows.");
    const { app } = ROME;
    const commands = [
      ["offer", `${ROME.model}.${app}:async-primary`],
      ["consume", "-m", LISBON.model, `${ROME.model}.${app}`],
      ["integrate", "-m", LISBON.model, app, `${LISBON.app}:async-replica`],
    ];
    for (const command of commands) {
      this.#screen.line(`juju ${command.join(" ")}`);
      await this.#sandbox.mustJuju(command);
    }
    await this.#client?.mark();
    await this.#watch.until("lisbon to become a standby", STANDBY_LIMIT, settledAs(LISBON));
    await this.#client?.useServers([
      ...(await addressesOf(this.#sandbox, ROME)),
      ...(await addressesOf(this.#sandbox, LISBON)),
    ]);
    await this.#showSet(ROME);
    await this.#showTables();
    const pauseMs = (await this.#client?.mark())?.longestPauseMs ?? 0;
    return `One ClusterSet, lisbon the standby of rome; longest write pause ${seconds(pauseMs)}`;
  }

  async #switchOver(to: Site, from: Site): Promise<string> {
    this.#screen.step(`Switchover: ${to.cluster} becomes the primary cluster while the client goes on.`);
    await this.#client?.mark();
    const action = ["promote-standby-cluster", `cluster-set-name=${SET_NAME}`];
    this.#screen.line(`juju run -m ${to.model} ${to.app}/leader ${action.join(" ")}`);
    const started = performance.now();
    const { message } = await this.#watch.during(`${to.cluster} to take over`, () =>
      mustRun(this.#sandbox, to.model, `${to.app}/leader`, action),
    );
    this.#screen.line(`done in ${seconds(performance.now() - started)}: ${String(message ?? "")}`);
    await this.#moreRows();
    await this.#watch.until("the statuses to follow", SWITCHOVER_LIMIT, settledAs(from));
    await this.#showSet(to);
    const mark = await this.#client?.mark();
    return `Switched over to ${to.cluster}; longest write pause ${seconds(mark?.longestPauseMs ?? 0)}`;
  }

  async #compare(): Promise<string> {
    this.#screen.step("The client stops; every row that was acknowledged must be on all six servers.");
    const client = this.#mustClient();
    const acknowledged = await client.stop();
    const counts = await eventually(
      () => client.counts(),
      (all) => all.every((one) => one.rows === acknowledged && one.first === 1 && one.last === acknowledged),
      CATCH_UP_LIMIT,
    );
    this.#screen.block(rowsOf(counts, await this.#names(), acknowledged));
    client.end();
    if (counts.length !== ROME.units + LISBON.units) throw new Error(`${counts.length} servers were counted`);
    return `All ${acknowledged} acknowledged rows are on all ${counts.length} servers`;
  }

  async #phase(work: () => Promise<string>): Promise<void> {
    const started = performance.now();
    const text = await work();
    this.held.push({ text, milliseconds: performance.now() - started });
  }

  async #moreRows(): Promise<void> {
    const client = this.#mustClient();
    const before = await client.look();
    const enough = before.acknowledged + ROWS_AFTERWARDS;
    const { acknowledged, server } = await eventually(
      () => client.look(),
      (mark) => mark.acknowledged >= enough,
      SWITCHOVER_LIMIT,
    );
    this.#screen.line(`${acknowledged} rows acknowledged so far, now by ${server}`);
  }

  async #showTables(): Promise<void> {
    for (const site of [ROME, LISBON]) {
      this.#screen.line(`juju status -m ${site.model}`);
      this.#screen.block(statusTable(await this.#sandbox.status(site.model), site));
    }
  }

  /** Waits until a site's members call the ClusterSet healthy with it as the primary cluster, and shows it. */
  async #showSet(primary: Site): Promise<void> {
    const state = await eventually(
      () => setState(this.#sandbox, primary.model, `${primary.app}/0`),
      ({ status, primaryCluster }) => status === "healthy" && primaryCluster === primary.cluster,
      CATCH_UP_LIMIT,
    );
    this.#screen.line(`juju run -m ${primary.model} ${primary.app}/0 get-cluster-status cluster-set=true`);
    this.#screen.block(setTable(SET_NAME, state));
    const client = this.#mustClient();
    const { acknowledged } = await client.look();
    this.#screen.block(rowsOf(await client.counts(), await this.#names(), acknowledged));
  }

  /** Address of a server → its unit and model. */
  async #names(): Promise<ReadonlyMap<string, readonly [model: string, unit: string]>> {
    const names = new Map<string, readonly [string, string]>();
    for (const { model, app } of [ROME, LISBON]) {
      for (const [unit, { "public-address": address }] of unitsOf(await this.#sandbox.status(model), app)) {
        names.set(address, [model, unit]);
      }
    }
    return names;
  }

  #mustClient(): RowClient {
    if (this.#client === undefined) throw new Error("the client was not started");
    return this.#client;
  }
}

/** Both sites active, and this one a standby while the other is none. */
function settledAs(standby: Site): (status: StatusJson, site: Site) => boolean {
  return (status, site) => isActive(status, site) && isStandby(status, site) === (site === standby);
}
