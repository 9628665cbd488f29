import { mkdtemp, readdir, readFile, rm, stat, statfs, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realFiles } from "../../../src/machine/files.ts";

const files = realFiles();
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("what is not there reads as undefined; other failures are told", async () => {
  expect(await files.read(join(folder, "none"))).toBeUndefined();
  await expect(files.read(folder)).rejects.toThrow("EISDIR");
});

test("a file is written with its folders and its mode, whatever the umask", async () => {
  const path = join(folder, "a", "b", "secret.sql");
  await files.write(path, "text", { mode: 0o660 });
  expect(await files.read(path)).toBe("text");
  expect((await stat(path)).mode & 0o777).toBe(0o660);
});

test("a file replaces another in one step, and takes its own mode", async () => {
  const path = join(folder, "file");
  await writeFile(path, "old", { mode: 0o600 });
  const before = (await stat(path)).ino;
  await files.write(path, "new");
  expect((await stat(path)).ino).not.toBe(before);
  expect((await stat(path)).mode & 0o777).toBe(0o644);
  expect(await readdir(folder)).toEqual(["file"]);
});

test("what a killed run left half is no obstacle", async () => {
  const path = join(folder, "file");
  await writeFile(`${path}.new`, "half of a long te");
  await files.write(path, "whole");
  expect(await readFile(path, "utf8")).toBe("whole");
  expect(await readdir(folder)).toEqual(["file"]);
});

test("a link laid in the way is not followed", async () => {
  const path = join(folder, "file");
  const victim = join(folder, "victim");
  await writeFile(victim, "untouched");
  await symlink(victim, `${path}.new`);
  await files.write(path, "secret");
  expect(await readFile(victim, "utf8")).toBe("untouched");
});

test("removing is idempotent", async () => {
  const path = join(folder, "file");
  await writeFile(path, "");
  await files.remove(path);
  await files.remove(path);
  expect(await readdir(folder)).toEqual([]);
});

test("a folder is made, or gets its mode", async () => {
  const path = join(folder, "x", "y");
  await files.makeFolder(path, { mode: 0o750 });
  expect((await stat(path)).mode & 0o777).toBe(0o750);
  await files.makeFolder(path, {});
  expect((await stat(path)).mode & 0o777).toBe(0o755);
});

test("mount points", async () => {
  expect(await files.isMountPoint("/proc")).toBe(true);
  expect(await files.isMountPoint(folder)).toBe(false);
});

test("a user that the machine does not have is named", async () => {
  await expect(files.write(join(folder, "f"), "", { owner: "no-such-user-x" })).rejects.toThrow(
    "no-such-user-x",
  );
});

test("the end of a file, and its size", async () => {
  const path = join(folder, "log");
  expect([await files.size(path), await files.tail(path, 10)]).toEqual([0, ""]);
  await writeFile(path, "first line\nsecond line\n");
  expect([await files.size(path), await files.tail(path, 12), await files.tail(path, 99)]).toEqual([
    23,
    "second line\n",
    "first line\nsecond line\n",
  ]);
});

test("where a link points", async () => {
  await symlink("159", join(folder, "current"));
  expect(await files.readLink(join(folder, "current"))).toBe("159");
  expect(await files.readLink(join(folder, "none"))).toBeUndefined();
});

test("free space is that of the path's file system", async () => {
  const { bavail, bsize } = await statfs(folder);
  expect(await files.freeBytes(folder)).toBeGreaterThan((bavail * bsize) / 2);
  expect(await files.freeBytes("/proc")).toBe(0);
  expect(await files.freeBytes(join(folder, "none"))).toBe(Number.POSITIVE_INFINITY);
});
