// How a test's world spells open ports: a number for a TCP port, else as opened-ports prints a range.

import type { OpenPort } from "../juju/model.ts";

/** `3306`, `"53/udp"`, `"8000-8010/tcp"`, `"icmp"`; followed by ` (<endpoint>)` where it is open for one endpoint only. */
export type WorldPort = number | string;

const pattern = /^(?:(\d+)(?:-(\d+))?\/(tcp|udp)|(icmp))(?: \(([a-z0-9_-]+)\))?$/;

/** Throws for a text that is no port. */
export function parsePort(port: WorldPort): OpenPort {
  if (typeof port === "number") return { endpoint: "", from: port, to: port, protocol: "tcp" };
  const [whole, from, to = from, protocol, , endpoint = ""] = pattern.exec(port) ?? [];
  if (whole === undefined) throw new Error(`"${port}" is no port, such as 3306, "53/udp" or "icmp"`);
  if (protocol === undefined) return { endpoint, from: -1, to: -1, protocol: "icmp" };
  return { endpoint, from: Number(from), to: Number(to), protocol: protocol === "udp" ? "udp" : "tcp" };
}

/** The shortest spelling of a port. */
export function showPort({ endpoint, from, to, protocol }: OpenPort): WorldPort {
  if (endpoint === "" && from === to && protocol === "tcp") return from;
  const range = protocol === "icmp" ? "icmp" : `${from === to ? from : `${from}-${to}`}/${protocol}`;
  return endpoint === "" ? range : `${range} (${endpoint})`;
}
