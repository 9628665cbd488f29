// The steps of which AdminAPI's operations are made: each one change to servers that were found before.
import { coded, runtime } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { defineChannel, deliver, isApplierStuck, startChannel, stopChannel } from "../channel.ts";
import { cloneData, commit } from "../data.ts";
import { Hangs } from "../errors.ts";
import {
  bootstrap,
  enter,
  forceMembers,
  groupOf,
  handOver,
  leave,
  primaryOf,
  setActions,
} from "../groups.ts";
import { isSubset } from "../gtid.ts";
import { lose, startServer } from "../machine.ts";
import { recover } from "../recovery.ts";
import { type Server, type Step, serverOf } from "../state.ts";
import { bringOneBack, bringOthersBack } from "./reboot.ts";
import { recordSteps } from "./records.ts";
import { connect, type Run } from "./sight.ts";

/** Does one step; answers steps that come right after it, where what it saw calls for them. */
type StepRun = (run: Run, args: readonly string[]) => readonly Step[] | undefined;

const on =
  (work: (run: Run, server: Server, args: readonly string[]) => unknown): StepRun =>
  (run, [host = "", ...rest]) => {
    work(run, connect(run, host), rest);
    return undefined;
  };

export const steps: Readonly<Record<string, StepRun>> = {
  ...recordSteps,
  configure: on((_, server) => Object.assign(server, { configured: true })),
  open: on((_, server) => Object.assign(server, { superReadOnly: false })),
  "read-only": on((_, server) => Object.assign(server, { superReadOnly: true, readOnly: true })),
  "stay-read-only": on((_, server) =>
    Object.assign(server, { superReadOnly: true, readOnly: true, persistedReadOnly: true }),
  ),
  "reset-actions": on((_, server) => Object.assign(server, { actions: { writable: true, channel: true } })),
  "elects-writable": on(({ state }, server) => setActions(state, server, { writable: true })),
  "elects-read-only": on(({ state }, server) => setActions(state, server, { writable: false })),
  "make-writable": on(({ state }, server) => {
    Object.assign(server, { superReadOnly: false, readOnly: false });
    setActions(state, server, { writable: true });
  }),
  "make-account": on(({ state }, server) => commit(state, server, () => undefined)),
  "clear-logs": on((_, server) => {
    server.data.executed = {};
    server.purged = {};
  }),
  bootstrap: on(({ state }, server, [group = ""]) => bootstrap(state, server, group)),
  enter: on(({ state }, server, [group = ""]) => {
    try {
      enter(state, server, group);
    } catch (error) {
      throw runtime(`Group Replication failed to start: ${error instanceof Error ? error.message : ""}`);
    }
  }),
  recover: on(({ state }, server) => {
    recover(state, server);
    if (groupOf(state, server) === undefined)
      throw runtime(`Distributed recovery has failed: '${server.host}:3306' is ERROR`);
  }),
  "copy-data": on((run, server, [donor = ""]) => {
    cloneData(server, connect(run, donor));
    lose(run.state, server);
  }),
  restart: ({ state }, [host = ""]) => {
    // The unit may have been removed meanwhile.
    const server = state.servers[host];
    if (server === undefined || !server.power) throw runtime(`'${host}' did not come back`);
    startServer(server);
    server.starting = false;
    return undefined;
  },
  "stop-group": on(({ state }, server) => leave(state, server)),
  "leave-group": on(({ state }, server) => {
    leave(state, server);
    server.startOnBoot = false;
  }),
  "hand-over": on(({ state }, server, [group = ""]) => {
    try {
      handOver(state, group, server.host);
    } catch {
      throw runtime("Instance cannot be set as primary");
    }
  }),
  "force-members": on(({ state }, _, [group = ""]) => forceMembers(state, group)),
  synchronise: on((run, server, [source = ""]) => synchronise(run, server, connect(run, source))),
  "stop-channel": on((_, server) => stopChannel(server)),
  "forget-channel": on(({ state }, server) => {
    if (isApplierStuck(state, server)) throw new Hangs();
    delete server.channel;
  }),
  lead: on(({ state }, server) => {
    stopChannel(server);
    Object.assign(server, { superReadOnly: false, readOnly: false });
    setActions(state, server, { writable: true });
  }),
  "lead-again": on(({ state }, server) => {
    delete server.channel;
    Object.assign(server, { superReadOnly: false, readOnly: false });
    setActions(state, server, { writable: true });
  }),
  "follow-again": on(({ state }, server) => {
    setActions(state, server, { writable: false });
    Object.assign(server, { superReadOnly: true, readOnly: true, persistedReadOnly: true });
    startChannel(server);
  }),
  abandon: on(({ state }, server) => {
    leave(state, server);
    delete server.channel;
    server.startOnBoot = false;
  }),
  "bring-others-back": bringOthersBack,
  "bring-one-back": bringOneBack,
  "tell-account": on(({ state }, { channel }, [source = "", cluster = ""]) => {
    if (channel !== undefined) channel.account = accountOf(serverOf(state, source), cluster);
  }),
  follow: (run, args) => {
    follow(run, args);
    return undefined;
  },
};

/** Waits until the target has what the source has by now; what waits in a channel comes meanwhile. */
function synchronise({ state }: Run, target: Server, source: Server): void {
  const group = groupOf(state, target);
  const primary = group === undefined ? undefined : primaryOf(state, group);
  if (primary !== undefined) deliver(state, primary);
  if (!isSubset(source.data.executed, target.data.executed))
    throw coded(51157, `Timeout reached waiting for transactions on instance '${target.host}:3306'`);
}

/** Points a member at its source. Only its cluster's primary runs the channel. */
function follow(run: Run, [host = "", sourceHost = "", account = "", role = ""]: readonly string[]): void {
  const server = connect(run, host);
  const source = serverOf(run.state, sourceHost);
  const failover = role === "primary";
  const group = groupOf(run.state, server);
  if (failover && group !== undefined && primaryOf(run.state, group) !== server)
    throw runtime(`'${host}:3306' is no primary: no channel can be started there`);
  if (failover) setActions(run.state, server, { writable: false, channel: true });
  Object.assign(server, { superReadOnly: true, readOnly: true, persistedReadOnly: true });
  const known = account === "" ? (server.channel?.account ?? 0) : accountOf(source, account);
  defineChannel(server, {
    source: sourceHost,
    sourceGroup: source.groupName ?? "",
    failover,
    account: known,
  });
  if (failover) startChannel(server);
}

/** The password that the account of a cluster has by now, at the server where it was set. */
function accountOf({ data }: Server, cluster: string): number {
  return data.metadata?.clusters[cluster]?.account ?? 0;
}
