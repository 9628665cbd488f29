import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type MemorySettings,
  productionMemory,
  testingMemory,
  totalMemory,
} from "../../../src/workload/memory.ts";

const MIB = 1_048_576;
const GIB = 1_073_741_824;

/** Buffers as [pool, chunk, group cache] in MiB, for short. */
const buffers = (memory: MemorySettings): readonly number[] =>
  [memory.bufferPoolBytes, memory.bufferPoolChunkBytes, memory.groupCacheBytes].map((bytes) => bytes / MIB);

describe("the production profile, computed by hand", () => {
  test.each([
    // Nothing would be left after 1 GiB is taken: half of it, and the smallest group cache. 384 MiB are left.
    [1, [512, 128, 128], 32, false],
    // 3/4 less 1 GiB are 128 MiB.
    [1.5, [128, 128, 1024], 117, false],
    [2, [512, 128, 1024], 128, false],
    // More than 1 GiB has eight chunks.
    [4, [2048, 256, 1024], 170, true],
    [8, [5120, 640, 1024], 256, true],
    [16, [11_264, 1408, 1024], 426, true],
  ])("%d GiB", (gibibytes, expected, connections, instruments) => {
    const memory = productionMemory(gibibytes * GIB, {});
    expect(buffers(memory)).toEqual(expected);
    expect(memory.maxConnections).toBe(connections);
    expect(memory.memoryInstruments).toBe(instruments);
  });

  test("a byte more than a multiple of 128 MiB takes the next one", () => {
    expect(productionMemory(2 * GIB + 2, {}).bufferPoolBytes).toBe(640 * MIB);
  });

  test("2 GiB beside the pool are just enough for memory instruments", () => {
    // 3 GiB: the pool gets 1.25 GiB, which is 1280 MiB in eight chunks.
    expect(buffers(productionMemory(3 * GIB, {}))).toEqual([1280, 160, 1024]);
    expect(productionMemory(3 * GIB, {}).memoryInstruments).toBe(false);
    expect(productionMemory(4 * GIB - 1, {}).memoryInstruments).toBe(false);
  });
});

describe("profile-limit-memory", () => {
  test("counts in megabytes of 10^6 bytes", () => {
    // Half of 600 000 000 is 300 000 000, up to a multiple of 134 217 728: three of them. What is left are 60 MiB.
    const memory = productionMemory(8 * GIB, { megabytes: 600 });
    expect(buffers(memory)).toEqual([384, 128, 128]);
    expect(memory.maxConnections).toBe(10);
  });

  test("3000 MB: 1 176 258 176 bytes, up to 1152 MiB, in eight chunks of 144 MiB", () => {
    const memory = productionMemory(64 * GIB, { megabytes: 3_000 });
    expect(buffers(memory)).toEqual([1152, 144, 1024]);
    expect(memory.maxConnections).toBe(142);
  });

  test("above the memory of the machine it changes nothing", () => {
    expect(productionMemory(4 * GIB, { megabytes: 9_999_999 })).toEqual(productionMemory(4 * GIB, {}));
  });
});

describe("experimental-max-connections", () => {
  test("takes 12 MiB each before the buffers get theirs", () => {
    // 8192 - 4800 = 3392 MiB; 3/4 less 1024 are 1520, up to 1536 MiB in eight chunks of 192.
    const memory = productionMemory(8 * GIB, { connections: 400 });
    expect(buffers(memory)).toEqual([1536, 192, 1024]);
    expect(memory.maxConnections).toBe(400);
  });

  test("leaves the buffers 200 MiB, whatever is asked for", () => {
    const memory = productionMemory(8 * GIB, { connections: 4000 });
    expect(buffers(memory)).toEqual([128, 128, 128]);
    expect(memory.maxConnections).toBe(4000);
  });

  test("counts in the testing profile, too", () => {
    expect(testingMemory(17)).toEqual({ ...testingMemory(undefined), maxConnections: 17 });
  });
});

test("mysqld takes every result: whole chunks, a pool that fits, connections at all", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 600_000_000, max: 4_096 * GIB }),
      fc.option(fc.integer({ min: 10, max: 100_000 }), { nil: undefined }),
      (bytes, connections) => {
        const memory = productionMemory(bytes, { connections });
        expect(memory.bufferPoolBytes).toBeLessThan(bytes);
        expect(memory.maxConnections).toBeGreaterThanOrEqual(10);
        expect(memory.bufferPoolBytes % memory.bufferPoolChunkBytes).toBe(0);
        expect(memory.bufferPoolChunkBytes % MIB).toBe(0);
        if (memory.bufferPoolBytes > GIB)
          expect(memory.bufferPoolBytes).toBe(8 * memory.bufferPoolChunkBytes);
      },
    ),
  );
});

test("the testing profile takes as little as MySQL works with", () => {
  expect(testingMemory(undefined)).toEqual({
    bufferPoolBytes: 20_971_520,
    bufferPoolChunkBytes: 1_048_576,
    groupCacheBytes: 134_217_728,
    maxConnections: 100,
    memoryInstruments: false,
  });
});

describe("/proc/meminfo", () => {
  test("gives kilobytes of 1024 bytes", () => {
    const text = "MemTotal:       24689764 kB\nMemFree:         1234567 kB\nSwapTotal: 0 kB\n";
    expect(totalMemory(text)).toBe(25_282_318_336);
  });

  test("without MemTotal it is refused", () => {
    expect(() => totalMemory("")).toThrow("no MemTotal");
    expect(() => totalMemory("NotMemTotal: 1 kB\n")).toThrow("no MemTotal");
  });
});
