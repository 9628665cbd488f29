// The little language of wait-for: comparisons, &&, ||, !, brackets, len(x) and forEach(list, item => condition). Pure.
import { UsageError } from "../../lib/juju/hook-commands/flags.ts";

type QueryValue = string | number | boolean | QueryScope | readonly QueryScope[];
export interface QueryScope {
  readonly [name: string]: QueryValue;
}
type Evaluate = (scope: QueryScope) => QueryValue | undefined;

const TOKEN =
  /\s*(=>|==|!=|>=|<=|&&|\|\||[()!<>,]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d+(?:\.\d+)?|[A-Za-z_][\w.-]*)/y;

/**
 * Reads a condition on something that has these names.
 * @throws UsageError that says where it went wrong.
 */
export function compileQuery(text: string, names: readonly string[]): (scope: QueryScope) => boolean {
  const reader = new Reader(text, tokensOf(text), names);
  const evaluate = reader.or();
  if (reader.peek() !== undefined) throw reader.unexpected();
  return (scope) => evaluate(scope) === true;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined)
      throw new UsageError(
        `cannot parse query ${JSON.stringify(text)}: unexpected ${JSON.stringify(text.slice(at, at + 8))}`,
      );
    tokens.push(token);
  }
  return tokens;
}

class Reader {
  readonly #text: string;
  readonly #tokens: string[];
  #names: readonly string[];

  constructor(text: string, tokens: string[], names: readonly string[]) {
    this.#text = text;
    this.#tokens = tokens;
    this.#names = names;
  }

  peek(): string | undefined {
    return this.#tokens[0];
  }

  unexpected(): UsageError {
    const found = this.peek() === undefined ? "the end" : JSON.stringify(this.peek());
    return new UsageError(`cannot parse query ${JSON.stringify(this.#text)}: unexpected ${found}`);
  }

  or(): Evaluate {
    let left = this.#and();
    while (this.#take("||")) {
      const [a, b] = [left, this.#and()];
      left = (scope) => a(scope) === true || b(scope) === true;
    }
    return left;
  }

  #and(): Evaluate {
    let left = this.#comparison();
    while (this.#take("&&")) {
      const [a, b] = [left, this.#comparison()];
      left = (scope) => a(scope) === true && b(scope) === true;
    }
    return left;
  }

  #comparison(): Evaluate {
    const left = this.#operand();
    const operator = this.peek() ?? "";
    const compare = comparisons[operator];
    if (compare === undefined) return left;
    this.#take(operator);
    const right = this.#operand();
    return (scope) => compare(left(scope), right(scope));
  }

  #operand(): Evaluate {
    if (this.#take("!")) {
      const inner = this.#operand();
      return (scope) => inner(scope) !== true;
    }
    if (this.#take("(")) {
      const inner = this.or();
      this.#expect(")");
      return inner;
    }
    const token = this.peek();
    if (token === undefined || !/^["'\dA-Za-z_]/.test(token)) throw this.unexpected();
    this.#take(token);
    if (/^["']/.test(token)) return () => token.slice(1, -1).replaceAll(/\\(.)/g, "$1");
    if (/^\d/.test(token)) return () => Number(token);
    if (token === "true" || token === "false") return () => token === "true";
    if (token === "len" && this.#take("(")) return this.#length();
    if (token === "forEach" && this.#take("(")) return this.#forEach();
    const [name = ""] = token.split(".");
    if (this.#names.includes(name)) return lookUp(token);
    throw new UsageError(
      `cannot parse query ${JSON.stringify(this.#text)}: there is no ${name}; a text is in double quotes, the names are ${this.#names.join(", ")}`,
    );
  }

  #length(): Evaluate {
    const inner = this.or();
    this.#expect(")");
    return (scope) => {
      const value = inner(scope);
      return Array.isArray(value) || typeof value === "string" ? value.length : 0;
    };
  }

  #forEach(): Evaluate {
    const list = this.#operand();
    this.#expect(",");
    const item = this.peek() ?? "";
    this.#take(item);
    this.#expect("=>");
    const outside = this.#names;
    this.#names = [...outside, item];
    const condition = this.or();
    this.#names = outside;
    this.#expect(")");
    return (scope) => {
      const values = list(scope);
      return (
        Array.isArray(values) &&
        values.every((value: QueryScope) => condition({ ...scope, [item]: value }) === true)
      );
    };
  }

  #take(token: string): boolean {
    if (this.peek() !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.unexpected();
  }
}

const comparisons: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => Number(a) < Number(b),
  ">": (a, b) => Number(a) > Number(b),
  "<=": (a, b) => Number(a) <= Number(b),
  ">=": (a, b) => Number(a) >= Number(b),
};

function lookUp(path: string): Evaluate {
  return (scope) => {
    let value: QueryValue | undefined = scope;
    for (const part of path.split(".")) {
      value = typeof value === "object" && !Array.isArray(value) ? (value as QueryScope)[part] : undefined;
    }
    return value;
  };
}
