// What opening and closing make of a unit's ports. Pure.
import type { OpenPort } from "./model.ts";

export interface PortChange {
  readonly open: boolean;
  readonly port: OpenPort;
}

/** The ports after a change. Closing a range for all endpoints closes it for each of them. */
export function changePorts(ports: readonly OpenPort[], { open, port }: PortChange): OpenPort[] {
  const rest = ports.filter((known) => !isSame(known, port) && (open || !closesToo(port, known)));
  return open ? [...rest, port] : rest;
}

function isSame(a: OpenPort, b: OpenPort): boolean {
  return a.endpoint === b.endpoint && isSameRange(a, b);
}

function closesToo(closed: OpenPort, known: OpenPort): boolean {
  return closed.endpoint === "" && isSameRange(closed, known);
}

function isSameRange(a: OpenPort, b: OpenPort): boolean {
  return a.from === b.from && a.to === b.to && a.protocol === b.protocol;
}
