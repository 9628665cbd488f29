import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { productionMemory, testingMemory, totalMemory } from "../../../src/workload/memory.ts";

const MIB = 1_048_576;
const GIB = 1_073_741_824;

describe("the production profile, computed by hand", () => {
  test("8 GiB: three quarters less 1 GiB, which is 5 GiB, in eight chunks of 640 MiB", () => {
    expect(productionMemory(8 * GIB, undefined)).toEqual({
      bufferPoolBytes: 5 * GIB,
      bufferPoolChunkBytes: 640 * MIB,
      maxConnections: 682,
      memoryInstruments: true,
    });
  });

  test("16 GiB: 11 GiB, in eight chunks of 1408 MiB", () => {
    expect(productionMemory(16 * GIB, undefined)).toEqual({
      bufferPoolBytes: 11 * GIB,
      bufferPoolChunkBytes: 1_408 * MIB,
      maxConnections: 1_365,
      memoryInstruments: true,
    });
  });

  test("4 GiB: 2 GiB, which is more than one and so has chunks", () => {
    expect(productionMemory(4 * GIB, undefined)).toEqual({
      bufferPoolBytes: 2 * GIB,
      bufferPoolChunkBytes: 256 * MIB,
      maxConnections: 341,
      memoryInstruments: true,
    });
  });

  test("2 GiB: 512 MiB, without chunks, with the default group cache", () => {
    expect(productionMemory(2 * GIB, undefined)).toEqual({
      bufferPoolBytes: 512 * MIB,
      maxConnections: 170,
      memoryInstruments: true,
    });
  });

  test("1 GiB: nothing would be left after 1 GiB is taken, so half of it and the smallest group cache", () => {
    expect(productionMemory(GIB, undefined)).toEqual({
      bufferPoolBytes: 512 * MIB,
      groupCacheBytes: 128 * MIB,
      maxConnections: 100,
      memoryInstruments: false,
    });
  });

  test("1.5 GiB: three quarters less 1 GiB are 128 MiB, which is enough", () => {
    expect(productionMemory(1.5 * GIB, undefined)).toEqual({
      bufferPoolBytes: 128 * MIB,
      maxConnections: 128,
      memoryInstruments: false,
    });
  });

  test("a byte more than a multiple of 128 MiB takes the next one", () => {
    const { bufferPoolBytes } = productionMemory(2 * GIB + 2, undefined);
    expect(bufferPoolBytes).toBe(640 * MIB);
  });

  test("just less than 2 GiB: no memory instruments", () => {
    expect(productionMemory(2 * GIB - 1, undefined).memoryInstruments).toBe(false);
  });
});

describe("profile-limit-memory", () => {
  test("counts in megabytes of 10^6 bytes", () => {
    // Half of 600 000 000 is 300 000 000, up to a multiple of 134 217 728: three of them.
    expect(productionMemory(8 * GIB, 600)).toEqual({
      bufferPoolBytes: 384 * MIB,
      groupCacheBytes: 128 * MIB,
      maxConnections: 100,
      memoryInstruments: false,
    });
  });

  test("3000 MB: 1 176 258 176 bytes, up to 1152 MiB, in eight chunks of 144 MiB", () => {
    expect(productionMemory(64 * GIB, 3_000)).toEqual({
      bufferPoolBytes: 1_152 * MIB,
      bufferPoolChunkBytes: 144 * MIB,
      maxConnections: 238,
      memoryInstruments: true,
    });
  });

  test("above the memory of the machine it changes nothing", () => {
    expect(productionMemory(4 * GIB, 9_999_999)).toEqual(productionMemory(4 * GIB, undefined));
  });
});

test("mysqld takes every result: whole chunks, a pool that fits, connections at all", () => {
  fc.assert(
    fc.property(fc.integer({ min: 600_000_000, max: 4_096 * GIB }), (bytes) => {
      const memory = productionMemory(bytes, undefined);
      expect(memory.bufferPoolBytes).toBeLessThan(bytes);
      expect(memory.bufferPoolBytes % MIB).toBe(0);
      expect(memory.maxConnections).toBeGreaterThanOrEqual(100);
      const chunk = memory.bufferPoolChunkBytes;
      expect(chunk !== undefined).toBe(memory.bufferPoolBytes > GIB);
      if (chunk !== undefined) expect(memory.bufferPoolBytes).toBe(8 * chunk);
    }),
  );
});

test("the testing profile takes as little as MySQL works with", () => {
  expect(testingMemory).toEqual({
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
