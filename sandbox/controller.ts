// The controller: the program of the hub. Holds the models, runs the agents, and answers the command line over the sandbox's socket.
import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { Fleet } from "./fleet.ts";
import { realClock, timestamp } from "./juju/clock.ts";
import { DebugLog } from "./juju/debug-log.ts";
import { Store } from "./juju/store.ts";
import { VirtualClock } from "./juju/virtual-clock.ts";
import { openHub } from "./machine/network.ts";
import { type FromController, onMessages, send, type ToController } from "./protocol.ts";
import type { Screen, World } from "./session.ts";
import { Sites } from "./site.ts";
import { type StateFolder, stateFolder } from "./state-folder.ts";
import { statusOf } from "./status/json.ts";
import { runVerb } from "./verbs/index.ts";

/** Milliseconds; Juju waits 5 s before its first retry and up to 5 min. SANDBOX_RETRY_FIRST and SANDBOX_RETRY_LONGEST change them. */
const retry = {
  first: Number(process.env["SANDBOX_RETRY_FIRST"] ?? 2_000),
  longest: Number(process.env["SANDBOX_RETRY_LONGEST"] ?? 60_000),
};
/** Milliseconds for which a leader that is not heard of keeps the lead; Juju's lease is 60 s. */
const lease = Number(process.env["SANDBOX_LEASE"] ?? 30_000);

const [name = "default", seed, clockKind] = process.argv.slice(2);
await main(stateFolder(name));

async function main(folder: StateFolder): Promise<void> {
  await openHub();
  const sites = new Sites(folder.machines);
  const store = new Store(folder.state, {
    ...(seed === undefined || seed === "" ? {} : { seed: Number(seed) }),
    virtual: clockKind === "virtual",
  });
  const { virtualNow, chance } = store.state;
  const clock = virtualNow === undefined ? realClock : new VirtualClock(virtualNow);
  const log = new DebugLog(folder.log);
  const fleet = new Fleet({
    store,
    clock,
    log,
    charms: folder.charms,
    makeMachine: sites.makeMachine,
    removeNetwork: sites.removeNetwork,
    setCuts: sites.setCuts,
    retry,
    lease,
  });
  const world: World = { store, fleet, log, clock, charms: folder.charms };
  process.on("unhandledRejection", (error) => console.error("unhandled:", error));
  process.on("SIGTERM", () => void shutDown(world));
  fleet.start();
  await listen(folder.socket, world);
  // The command line that started the controller waits for this line.
  process.stdout.write(`ready, seed ${chance?.seed}\n`);
}

async function listen(path: string, world: World): Promise<void> {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    onMessages<ToController>(socket, (message) => answer(world, socket, message));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}

function answer(world: World, socket: Socket, message: ToController): void {
  switch (message.type) {
    case "verb":
      void carryOut(world, socket, message);
      return;
    case "watch":
      watch(world, socket, message.model);
      return;
    case "input":
      socket.emit("input", message.data === null ? null : Buffer.from(message.data, "base64"));
      return;
    case "shutdown":
      void shutDown(world);
      return;
  }
}

type VerbMessage = Extract<ToController, { type: "verb" }>;

async function carryOut(world: World, socket: Socket, message: VerbMessage): Promise<void> {
  const gone = new AbortController();
  socket.on("close", () => gone.abort());
  const say = (reply: FromController): void => send(socket, reply);
  say({ type: "begun" });
  const screen: Screen = {
    out: (data) => say({ type: "out", data }),
    err: (data) => say({ type: "err", data }),
    signal: gone.signal,
    cwd: message.cwd,
    color: message.color,
    isTerminal: message.isTerminal,
    ...(message.columns === undefined ? {} : { columns: message.columns }),
    onInput: (listener) => socket.on("input", listener),
  };
  try {
    const code = await runVerb(world, screen, message.argv);
    // What a verb has changed is safe on disk before the person is told that it is done.
    await world.store.saved();
    say({ type: "exit", code });
  } catch (error) {
    console.error(message.argv.join(" "), error);
    screen.err(`ERROR the sandbox failed: ${error instanceof Error ? error.message : String(error)}\n`);
    say({ type: "exit", code: 1 });
  }
}

/** Sends a model's status now and after every change. */
function watch({ store, clock }: World, socket: Socket, name: string): void {
  const tell = (): void => {
    const model = store.state.models[name];
    send(socket, {
      type: "status",
      status: model === undefined ? null : statusOf(store.state, model, timestamp(clock)),
    });
  };
  const unlisten = store.onChange(tell);
  socket.on("close", unlisten);
  tell();
}

async function shutDown({ fleet, store }: World): Promise<void> {
  await fleet.stop("cut power");
  await store.saved();
  process.exit(0);
}
