// Where a dispatch can be ended: before and after everything that it does to MySQL and its machine.

export interface Tap {
  /** Called right before an effect takes place. Whatever it throws ends the dispatch: the effect did not take place. */
  before(effect: string): void;
  /** Called right after it. */
  after(effect: string): void;
}

/** Does something between the two. */
export function tapped<T>(tap: Tap, effect: string, work: () => T): T {
  tap.before(effect);
  const result = work();
  tap.after(effect);
  return result;
}
