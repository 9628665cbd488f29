import { describe, expect, test } from "vitest";
import { Secret } from "../../../lib/index.ts";
import { differences, readVariables, setVariables } from "../../../src/mysql/variables.ts";
import { fakeSql, loneServer } from "../support/mysql.ts";

const running = (values: Readonly<Record<string, string>>, persisted: readonly string[] = []) =>
  new Map(
    Object.entries(values).map(([name, value]) => [name, { value, persisted: persisted.includes(name) }]),
  );

describe("what a server runs with differently", () => {
  test("are values that are not equal", () => {
    const wanted = { max_connections: "100", admin_port: "33062" };
    expect(differences(wanted, running({ max_connections: "151", admin_port: "33062" }))).toEqual([
      "max_connections",
    ]);
  });

  test("is nothing that it does not have", () => {
    expect(differences({ group_replication_message_cache_size: "1" }, running({}))).toEqual([]);
  });

  test("is nothing that an operator persisted", () => {
    const variables = running({ max_connections: "151" }, ["max_connections"]);
    expect(differences({ max_connections: "100" }, variables)).toEqual([]);
  });

  // Seen on MySQL 9.7: the pool is made of whole chunks in every instance.
  test.each([
    ["1073741824", "134217728", "1", "1073741824", false],
    ["1000000000", "134217728", "1", "1073741824", false],
    ["1073741824", "134217728", "3", "1207959552", false],
    ["1073741824", "134217728", "1", "1207959552", true],
    ["2147483648", "134217728", "1", "1073741824", true],
  ])("a pool of %s in chunks of %s, %s instances: %s", (wanted, chunk, instances, value, differs) => {
    const variables = running({
      innodb_buffer_pool_size: value,
      innodb_buffer_pool_chunk_size: chunk,
      innodb_buffer_pool_instances: instances,
    });
    expect(differences({ innodb_buffer_pool_size: wanted }, variables).length > 0).toBe(differs);
  });
});

test("variables are read by name, and set by number", async () => {
  const server = loneServer({ password: "pw-of-server" });
  server.variables.set("max_connections", "151");
  server.persisted.add("max_connections");
  const login = { user: "serverconfig", password: new Secret("pw-of-server") };
  await using session = await fakeSql({ local: server }).connect({ socket: "/s" }, login);
  expect(await readVariables(session, ["max_connections"])).toEqual(
    new Map([["max_connections", { value: "151", persisted: true }]]),
  );
  await setVariables(session, { max_connections: "100" });
  expect(server.variables.get("max_connections")).toBe("100");
  await expect(setVariables(session, { "x = 1; --": "1" })).rejects.toThrow("is no name");
});
