import { beforeEach, expect, test } from "vitest";
import { addModel, setModelConfig } from "../../../sandbox/juju/operations/models.ts";
import { RetryTimer, UpdateStatusTimer } from "../../../sandbox/juju/timers.ts";
import { TestClock } from "./support/agents.ts";
import { stateWithCharm } from "./support/models.ts";

let clock: TestClock;
let woken: number;
const wake = (): void => {
  woken += 1;
};

beforeEach(() => {
  clock = new TestClock();
  woken = 0;
});

/** How long the timer waits, to the second, from a start to being due. */
function waits(timer: RetryTimer): number {
  timer.start();
  for (let seconds = 1; ; seconds++) {
    clock.advance(1_000);
    if (timer.isDue) return seconds;
  }
}

test("retries come after 5 s, twice that each time, 5 min at most, and from the start again after a success", () => {
  const timer = new RetryTimer(clock, { first: 5_000, longest: 300_000 }, wake, () => 0.5);
  const delays = Array.from({ length: 8 }, () => {
    const delay = waits(timer);
    timer.failedAgain();
    return delay;
  });
  expect(delays).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
  timer.reset();
  expect(waits(timer)).toBe(5);
  expect(woken).toBe(9);
});

test("a later retry comes up to 3 % earlier or later", () => {
  const second = (fraction: number): number => {
    const timer = new RetryTimer(clock, { first: 50_000, longest: 300_000 }, wake, () => fraction);
    waits(timer);
    timer.failedAgain();
    return waits(timer);
  };
  expect([second(0), second(0.5), second(0.999)]).toEqual([97, 100, 103]);
});

test("a retry that is being waited for is not started anew", () => {
  const timer = new RetryTimer(clock, { first: 5_000, longest: 300_000 }, wake);
  timer.start();
  clock.advance(4_000);
  timer.start();
  clock.advance(1_000);
  expect(timer.isDue).toBe(true);
});

test("update-status ticks within a fifth of the model's interval, counted from the last hook", () => {
  const model = addModel(stateWithCharm(), "rome");
  setModelConfig(model, { "update-status-hook-interval": "100s" });
  const timer = new UpdateStatusTimer(clock, model, 3, wake);
  timer.restart();
  clock.advance(79_000);
  timer.restart();
  clock.advance(79_000);
  expect(timer.version).toBe(3);
  clock.advance(41_000);
  expect([timer.version, woken]).toEqual([4, 1]);
});
