import { expect, test } from "vitest";
import { countTransactions } from "../../../src/mysql/gtid.ts";

test.each([
  ["", 0],
  ["8120f137-e6ea-11f1-9251-ca668b2bb5b6:4-5", 2],
  ["8120f137-e6ea-11f1-9251-ca668b2bb5b6:1", 1],
  ["8120f137-e6ea-11f1-9251-ca668b2bb5b6:1-5:7:mysqlsh:1-4,\n800f2b43-e6ea-11f1-9251-ca668b2bb5b6:3", 11],
])("%s has %i transactions", (set, count) => {
  expect(countTransactions(set)).toBe(count);
});
