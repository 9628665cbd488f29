import { expect, test } from "vitest";
import { rotationConfig, rotationTable } from "../../../src/workload/log-rotation.ts";

const logs = "/var/snap/charmed-mysql/common/var/log/mysql";

test("each log has its archive, and mysqld is told by a signal", () => {
  const text = rotationConfig("auto");
  for (const log of ["error", "general", "slow"]) {
    const stanza = text.slice(text.indexOf(`${logs}/${log}.log {`)).split("\n}\n")[0] ?? "";
    expect(stanza).toContain(`olddir archive_${log}\n`);
    expect(stanza).toContain("su snap_daemon root\n");
    expect(stanza).toContain("maxage 3\n");
    expect(stanza).toContain(
      'postrotate\n        kill -USR1 "$(cat /var/snap/charmed-mysql/common/var/run/mysqld/mysqld.sock.lock)"\n    endscript',
    );
  }
});

test("archives are kept as long as the option says", () => {
  expect(rotationConfig("30").match(/maxage 30\n/g)).toHaveLength(3);
});

test("cron runs it without the charm, in a line that ends", () => {
  const [comment, line, rest] = rotationTable.split("\n");
  expect(comment).toMatch(/^#/);
  expect(line).toMatch(/^\d+ \* \* \* \* root .*\/usr\/sbin\/logrotate --state \S+ \S+$/);
  expect(rest).toBe("");
  expect(rotationTable).not.toContain("dispatch");
});
