// open-port, close-port and opened-ports.
import type { OpenPort } from "../model.ts";
import { changePorts } from "../open-ports.ts";
import type { Call, CommandTable } from "./command.ts";
import { CommandError, quote, refuseRest, UsageError } from "./flags.ts";

export const portCommands: CommandTable = {
  "open-port": { flags: { endpoints: { kind: "value" } }, run: (call) => change(call, true) },
  "close-port": { flags: { endpoints: { kind: "value" } }, run: (call) => change(call, false) },
  "opened-ports": { format: "smart", flags: { endpoints: { kind: "bool" } }, run: openedPorts },
};

function change(call: Call, open: boolean): void {
  const [range, ...rest] = call.args;
  if (range === undefined) throw new UsageError("no port or range specified");
  const port = parseRange(range);
  refuseRest(rest);
  const endpoints = (call.flag("endpoints") ?? "").split(",").map((name) => name.trim());
  const { context } = call;
  const declared = context.world.state.charms[context.unit.local.charm]?.endpoints ?? {};
  for (const endpoint of endpoints) {
    if (endpoint !== "" && declared[endpoint] === undefined)
      throw new CommandError(
        `application ${quote(context.unit.application)} endpoint ${quote(endpoint)} not found`,
      );
    const wanted = { ...port, endpoint };
    if (open) refuseConflict(call, wanted);
    context.writes.ports.push({ open, port: wanted });
  }
}

function parseRange(text: string): Omit<OpenPort, "endpoint"> {
  if (text.toLowerCase() === "icmp") return { from: -1, to: -1, protocol: "icmp" };
  const match = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(text);
  if (match === null) throw new UsageError(`invalid port number ${quote(text)}`);
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  const protocol = (match[3] ?? "tcp").toLowerCase();
  if (protocol !== "tcp" && protocol !== "udp") {
    throw new UsageError(`invalid protocol ${quote(protocol)}, expected "tcp", "udp", or "icmp"`);
  }
  if (from > to)
    throw new UsageError(`invalid port range ${from}-${to}/${protocol}; start port must be <= end port`);
  if (from < 1 || to > 65_535)
    throw new UsageError(`port range bounds must be between 1 and 65535, got ${from}-${to}`);
  return { from, to, protocol };
}

/** The ports as they will be once this hook is flushed. */
function merged(call: Call): OpenPort[] {
  return call.context.writes.ports.reduce(changePorts, [...call.context.unit.ports]);
}

function refuseConflict(call: Call, wanted: OpenPort): void {
  const unit = quote(call.context.unit.name);
  const other = merged(call).find(
    (open) =>
      open.protocol === wanted.protocol &&
      wanted.protocol !== "icmp" &&
      !(open.from === wanted.from && open.to === wanted.to) &&
      open.from <= wanted.to &&
      wanted.from <= open.to,
  );
  if (other === undefined) return;
  throw new CommandError(
    `cannot open ${portText(wanted)} (unit ${unit}): port range conflicts with ${portText(other)} (unit ${unit})`,
  );
}

/** `80/tcp`, `80-90/udp` or `icmp`. */
export function portText(port: OpenPort): string {
  if (port.protocol === "icmp") return "icmp";
  return `${port.from === port.to ? port.from : `${port.from}-${port.to}`}/${port.protocol}`;
}

function openedPorts(call: Call): string[] {
  refuseRest(call.args);
  const ports = merged(call).sort((a, b) => a.protocol.localeCompare(b.protocol) || a.from - b.from);
  if (!call.on("endpoints")) return [...new Set(ports.map(portText))];
  const endpoints = new Map<string, string[]>();
  for (const port of ports) {
    endpoints.set(portText(port), [
      ...(endpoints.get(portText(port)) ?? []),
      port.endpoint === "" ? "*" : port.endpoint,
    ]);
  }
  return [...endpoints].map(([port, names]) => `${port} (${names.sort().join(", ")})`);
}
