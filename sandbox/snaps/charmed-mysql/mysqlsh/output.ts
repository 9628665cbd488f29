// Everything that is printed: JSON lines (--json) or text, as MySQL Shell prints them.

/** How messages and results are written. */
export type OutputFormat = "raw" | "pretty" | "text";

/** Where the lines go. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** A result that is an object of the AdminAPI, not a document. */
export interface ObjectResult {
  readonly class: "Cluster" | "ClusterSet";
  readonly name: string;
}

const PREFIX = { info: "", note: "NOTE: ", warning: "WARNING: ", error: "ERROR: " } as const;
type Kind = keyof typeof PREFIX;

/** A copy of the value whose objects have their keys in byte order, as MySQL Shell's maps do. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}

/** Writes messages and results; messages of text mode go to stderr, all else to stdout. */
export class Output {
  readonly #format: OutputFormat;
  readonly #streams: Streams;

  constructor(format: OutputFormat, streams: Streams) {
    this.#format = format;
    this.#streams = streams;
  }

  info(text = ""): void {
    this.#message("info", `${text}\n`);
  }

  /** Several lines of information. */
  lines(...texts: readonly string[]): void {
    for (const text of texts) this.info(text);
  }

  /** A piece of a line: no line end is added. */
  piece(text: string): void {
    this.#message("info", text);
  }

  /** Progress that is drawn, whatever the format of the messages. */
  raw(text: string): void {
    this.#streams.out(text);
  }

  note(text: string): void {
    this.#message("note", `${text}\n`);
  }

  warning(text: string): void {
    this.#message("warning", `${text}\n`);
  }

  error(text: string): void {
    this.#message("error", `${text}\n`);
  }

  /** A question, as MySQL Shell prints it when it will read the answer from stdin. */
  prompt(text: string): void {
    if (this.#format === "text") this.#streams.out(text);
    else this.#document({ prompt: text, type: "password", defaultValue: "" });
  }

  /** What the operation returns; nothing is printed for `undefined`. */
  result(value: unknown): void {
    if (value === undefined) return;
    const scalar = value === null || typeof value !== "object";
    if (this.#format !== "text") this.#document(scalar ? { value } : sortKeys(value));
    else this.#streams.out(`${scalar ? String(value) : textResult(value)}\n`);
  }

  #message(kind: Kind, text: string): void {
    if (this.#format === "text") this.#streams.err(`${PREFIX[kind]}${text}`);
    else this.#document({ [kind]: text });
  }

  #document(value: unknown): void {
    this.#streams.out(`${JSON.stringify(value, null, this.#format === "pretty" ? 4 : undefined)}\n`);
  }
}

function isObjectResult(value: object): value is ObjectResult {
  return Object.keys(value).length === 2 && "class" in value && "name" in value;
}

const textResult = (value: object): string =>
  isObjectResult(value) ? `<${value.class}:${value.name}>` : textDocument(sortKeys(value));

/** Text mode writes a blank after the comma at each line end. */
const textDocument = (value: unknown): string => JSON.stringify(value, null, 4).replaceAll(/,$/gm, ", ");
