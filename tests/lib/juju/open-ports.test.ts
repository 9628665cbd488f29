import { expect, test } from "vitest";
import type { OpenPort } from "../../../lib/juju/model.ts";
import { changePorts } from "../../../lib/juju/open-ports.ts";

const port = (endpoint: string, from = 80): OpenPort => ({ endpoint, from, to: from, protocol: "tcp" });

test("closing for all endpoints closes for each, and no other range", () => {
  const open = [port(""), port("offer"), port("offer", 81)];
  expect(changePorts(open, { open: false, port: port("") })).toEqual([port("offer", 81)]);
});

test("closing for one endpoint leaves the others", () => {
  const open = [port(""), port("offer"), port("peers")];
  expect(changePorts(open, { open: false, port: port("offer") })).toEqual([port(""), port("peers")]);
});

test("a port is open once, however often it is opened", () => {
  const once = changePorts([port("peers")], { open: true, port: port("offer") });
  expect(
    changePorts(once, { open: true, port: { protocol: "tcp", to: 80, from: 80, endpoint: "offer" } }),
  ).toEqual([port("peers"), port("offer")]);
});
