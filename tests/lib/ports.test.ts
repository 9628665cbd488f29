import fc from "fast-check";
import { expect, test } from "vitest";
import type { OpenedPort, Port, PortWish } from "../../lib/index.ts";
import { portChanges } from "../../lib/ports.ts";

const endpoint = fc.constantFrom("offer", "peers", "upstream");
const endpoints = fc.uniqueArray(endpoint, { minLength: 1 });
const range = fc.constantFrom<Port>(80, "443/tcp", "53/udp", "8000-8010/tcp", "icmp");
const wish: fc.Arbitrary<PortWish<string>> = fc.oneof(range, fc.record({ port: range, endpoints }));

type Open = Map<string, Set<string>>;

/** What Juju makes of the commands: closing for all closes for each, opening adds. */
function carryOut(opened: readonly OpenedPort[], wanted: readonly PortWish<string>[]): Open {
  const open: Open = new Map(opened.map((port) => [port.range, new Set(namesOf(port))]));
  const { close, open: more } = portChanges(opened, wanted);
  for (const port of close) {
    if (port.endpoints.length === 0) open.delete(port.range);
    else for (const name of port.endpoints) open.get(port.range)?.delete(name);
  }
  for (const port of more) {
    const names = open.get(port.range) ?? new Set();
    for (const name of namesOf(port)) names.add(name);
    open.set(port.range, names.has("*") ? new Set(["*"]) : names);
  }
  return new Map([...open].filter(([, names]) => names.size > 0));
}

const namesOf = ({ endpoints: names }: OpenedPort): readonly string[] => (names.length === 0 ? ["*"] : names);

function wantedOpen(wanted: readonly PortWish<string>[]): Open {
  return carryOut([], wanted);
}

function asOpened(open: Open): OpenedPort[] {
  return [...open].map(([name, names]) => ({ range: name, endpoints: names.has("*") ? [] : [...names] }));
}

test("whatever was open, exactly what is wanted is open afterwards, and nothing changes then", () => {
  fc.assert(
    fc.property(fc.array(wish), fc.array(wish), (before, wanted) => {
      const opened = asOpened(wantedOpen(before));
      expect(carryOut(opened, wanted)).toEqual(wantedOpen(wanted));
      expect(portChanges(asOpened(wantedOpen(wanted)), wanted)).toEqual({ close: [], open: [] });
    }),
  );
});

test("what is open already is not opened again, what is wanted no more is closed first", () => {
  const opened = [
    { range: "80/tcp", endpoints: [] },
    { range: "443/tcp", endpoints: ["offer", "peers"] },
    { range: "53/udp", endpoints: [] },
  ];
  const changes = portChanges(opened, [80, { port: 443, endpoints: ["peers", "upstream"] }, "icmp"]);
  expect(changes).toEqual({
    close: [
      { range: "443/tcp", endpoints: ["offer"] },
      { range: "53/udp", endpoints: [] },
    ],
    open: [
      { range: "443/tcp", endpoints: ["upstream"] },
      { range: "icmp", endpoints: [] },
    ],
  });
});

test("a port that is none is refused by the compiler", () => {
  const wishes = (ports: readonly PortWish<"offer">[]): number => ports.length;
  // @ts-expect-error no such protocol
  wishes(["80/sctp"]);
  // @ts-expect-error no number
  wishes(["http/tcp"]);
  // @ts-expect-error no such endpoint
  wishes([{ port: 80, endpoints: ["other"] }]);
  expect(wishes([80, "53/udp", "8000-8010/tcp", "icmp", { port: "1/tcp", endpoints: ["offer"] }])).toBe(5);
});
