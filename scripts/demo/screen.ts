// What the demo shows: steps, changes and tables in 80 columns, and on a terminal a live line while it waits.
import { stripVTControlCharacters, styleText } from "node:util";

const WIDTH = 80;
const REDRAW_MS = 200;

type Style = Parameters<typeof styleText>[0];

/** A time as people say it: `240 ms`, `4.2 s`, `1 min 05 s`. */
export function seconds(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const all = milliseconds / 1000;
  if (all < 10) return `${all.toFixed(1)} s`;
  if (all < 60) return `${Math.round(all)} s`;
  const whole = Math.round(all);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

export class Screen {
  readonly #isTerminal = process.stdout.isTTY === true;
  #step = 0;
  #live: (() => string) | undefined;

  /** Begins a step, with the line that explains it. */
  step(text: string): void {
    this.#step++;
    const [first = "", ...more] = wrap(text, WIDTH - 4);
    const number = String(this.#step).padStart(2);
    this.#write(`\n${this.#styled("bold", `${number}  ${first}`)}\n`);
    for (const line of more) this.#write(`${this.#styled("bold", `    ${line}`)}\n`);
  }

  /** One thing that changed or was found out. */
  line(text: string): void {
    this.#write(`    ${cut(text, WIDTH - 4)}\n`);
  }

  /** Likewise, for what is mere progress. */
  change(text: string): void {
    this.#write(`${this.#styled("dim", `    ${cut(text, WIDTH - 4)}`)}\n`);
  }

  /** Something that held or did not, and how long it took. */
  check(holds: boolean, text: string, milliseconds?: number): void {
    const mark = this.#styled(holds ? "green" : "red", holds ? "held  " : "FAILED");
    const time = (milliseconds === undefined ? "" : seconds(milliseconds)).padStart(10);
    const [first = "", ...more] = wrap(text, WIDTH - 24);
    this.#write(`    ${mark}${time}  ${first}\n`);
    for (const line of more) this.#write(`${" ".repeat(22)}${line}\n`);
  }

  /** A table or another program's output, as it is. */
  block(text: string): void {
    const lines = text.replace(/\n+$/, "").split("\n");
    for (const line of lines) this.#write(line === "" ? "\n" : `    ${cut(line, WIDTH - 4)}\n`);
  }

  /** Something that went wrong. What was waited for is not waited for any more. */
  failure(text: string): void {
    this.#wipe();
    this.#live = undefined;
    for (const line of text.split("\n")) this.#write(`${this.#styled("red", line)}\n`);
  }

  /** Shows a line that is drawn again and again while the work goes on; on a terminal only. */
  async during<T>(live: () => string, work: () => Promise<T>): Promise<T> {
    if (!this.#isTerminal) return await work();
    this.#live = live;
    const timer = setInterval(() => this.#draw(), REDRAW_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      this.#wipe();
      this.#live = undefined;
    }
  }

  #write(text: string): void {
    this.#wipe();
    process.stdout.write(text);
    this.#draw();
  }

  #wipe(): void {
    if (this.#live !== undefined) process.stdout.write("\r\u001b[K");
  }

  #draw(): void {
    if (this.#live === undefined) return;
    process.stdout.write(`\r\u001b[K${this.#styled("cyan", `    ${cut(this.#live(), WIDTH - 5)}`)}`);
  }

  #styled(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout });
  }
}

function cut(text: string, width: number): string {
  const plain = stripVTControlCharacters(text);
  return plain.length <= width ? plain : `${plain.slice(0, width - 1)}…`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
