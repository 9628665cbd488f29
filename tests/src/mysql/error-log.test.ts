import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { troubleIn } from "../../../src/mysql/error-log.ts";

const START =
  "2026-11-23T03:36:36.322011Z 0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 9.7.4-2) starting as process 23929";
const END = "2026-11-23T03:36:42.406964Z 0 [System] [MY-010910] [Server] /usr/sbin/mysqld: Shutdown complete";
const error = (text: string): string => `2026-11-23T03:36:37.279256Z 0 [ERROR] ${text}`;

/** From MySQL 9.7.4 on Debian, each provoked. */
const seen = [
  ["configuration", "no-such-variable", "[MY-000067] [Server] unknown variable 'no-such-variable=1'."],
  ["configuration", "nosuchoption", "[MY-000068] [Server] unknown option '--nosuchoption'."],
  [
    "configuration",
    "innodb-buffer-pool-size",
    "[MY-000077] [Server] /usr/sbin/mysqld: Error while setting value 'abc' to 'innodb-buffer-pool-size'.",
  ],
  ["address", "", "[MY-010262] [Server] Can't start server: Bind on TCP/IP port: Address already in use"],
  [
    "address",
    "",
    "[MY-010262] [Server] Can't start server: Bind on TCP/IP port: Cannot assign requested address",
  ],
  ["memory", "", "[MY-012956] [InnoDB] Cannot allocate memory for the buffer pool"],
  ["permissions", "", "[MY-012271] [InnoDB] The innodb_system data file 'ibdata1' must be writable"],
  ["aio", "", "[MY-012954] [InnoDB] Cannot initialize AIO sub-system"],
  ["disk-full", "", "[MY-012640] [InnoDB] Error number 28 means 'No space left on device'"],
  [
    "disk-full",
    "",
    "[MY-012267] [InnoDB] Could not set the file size of './ibtmp1'. Probably out of disk space",
  ],
  [
    "disk-full",
    "",
    "[MY-000035] [Server] Disk is full writing './binlog.000004' (OS errno 28 - No space left on device). Waiting for someone to free space... Retry in 60 secs. Message reprinted in 600 secs.",
  ],
  ["locked", "", "[MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11"],
] as const;

/** From the server's message catalogue: two versions of MySQL were not at hand. */
const documented = [
  [
    "downgrade",
    "",
    "[MY-013171] [Server] Cannot boot server version 80036 on data directory built by version 80044. Downgrade is not supported",
  ],
  [
    "downgrade",
    "",
    "[MY-014061] [Server] Invalid MySQL server downgrade: Cannot downgrade from 90704 to 90600. Downgrade is only permitted between patch releases.",
  ],
] as const;

describe("the reason is found in", () => {
  test.each([...seen, ...documented])("%s %s: %s", (kind, option, text) => {
    const log = [START, error(text), error("[MY-010119] [Server] Aborting"), END].join("\n");
    expect(troubleIn(log)).toEqual({ kind, option });
  });
});

describe("nothing is found", () => {
  test.each([
    ["in an empty log", ""],
    [
      "in a good start",
      `${START}\n2026-11-23T03:36:42Z 0 [System] [MY-010931] [Server] ready for connections.`,
    ],
    ["in a warning", `${START}\n2026 0 [Warning] [MY-012681] [InnoDB] Cannot allocate memory`],
    ["of an earlier start", `${START}\n${error(seen[3][2])}\n${END}\n${START}\n${END}`],
  ])("%s", (_, log) => {
    expect(troubleIn(log)).toBeUndefined();
  });
});

test("the first reason counts, what follows from it does not", () => {
  const log = [START, error(seen[5][2]), error(seen[6][2])].join("\n");
  expect(troubleIn(log)?.kind).toBe("memory");
});

/** MySQL 9.7.4 when io_setup fails at once: it goes on without asynchronous I/O. When a later one fails, it does not. */
const NO_AIO = "[MY-012584] [InnoDB] io_setup() failed with EAGAIN after 5 attempts.";

test("a server without any asynchronous I/O goes on, and fails for other reasons only", () => {
  const disabled = "2026 1 [Warning] [MY-012654] [InnoDB] Linux Native AIO disabled.";
  expect(troubleIn([START, error(NO_AIO), disabled].join("\n"))).toBeUndefined();
  expect(troubleIn([START, error(NO_AIO), disabled, error(seen[3][2])].join("\n"))?.kind).toBe("address");
});

test("a server that has used up the last asynchronous I/O fails for that", () => {
  const then = [
    NO_AIO,
    seen[7][2],
    "[MY-012930] [InnoDB] Plugin initialization aborted with error Generic error.",
    "[MY-010334] [Server] Failed to initialize DD Storage Engine",
    "[MY-010020] [Server] Data Dictionary initialization failed.",
    "[MY-010119] [Server] Aborting",
  ];
  expect(troubleIn([START, ...then.map(error)].join("\n"))?.kind).toBe("aio");
});

test("a tail that begins after the start's first line is read as well", () => {
  expect(troubleIn(error(seen[11][2]))?.kind).toBe("locked");
});

test("values never come out, and no text makes it fail", () => {
  const log = [START, error("[MY-000067] [Server] unknown variable 'some_password=hunter2'.")].join("\n");
  expect(JSON.stringify(troubleIn(log))).not.toContain("hunter2");
  fc.assert(fc.property(fc.string(), (text) => void troubleIn(`${START}\n${error(text)}`)));
});
