// What every command works with: the output, the session's account, and connections to the other servers.
import { parseUri } from "./command-line.ts";
import { isSqlError, SqlError } from "./errors.ts";
import type { Arguments } from "./options.ts";
import type { Output } from "./output.ts";
import { CONNECT_TIMEOUT, connect, type Instance } from "./session.ts";

/** One command's view of the world. */
export interface Shell {
  readonly output: Output;
  /** Asks for a password; undefined where nothing may be asked. */
  readonly ask: ((prompt: string) => string | undefined) | undefined;
  /** The server that --uri named. */
  readonly session: Instance;
  readonly pool: Pool;
}

/** What an operation is given. */
export interface Call {
  readonly shell: Shell;
  readonly args: Arguments;
}

/** An address is `host:port`; the port is 3306 when it is left out. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const { host, port } = parseUri(address);
  return { host, port };
}

/** Connections by address, opened with the session's account, each once. */
export class Pool {
  readonly #session: Instance;
  readonly #open = new Map<string, Promise<Instance>>();

  constructor(session: Instance) {
    this.#session = session;
    this.#open.set(session.address, Promise.resolve(session));
  }

  /**
   * A connection to `host:port` or `user@host:port`; its own user keeps the session's password.
   * Throws SqlError with the text that MySQL Shell has for members.
   */
  get(uri: string): Promise<Instance> {
    const { host, port, user } = parseUri(uri);
    const key = `${user === undefined || user === this.#session.account.user ? "" : `${user}@`}${host}:${port}`;
    const known = this.#open.get(key);
    if (known) return known;
    const opening = this.#connect(host, port, user);
    this.#open.set(key, opening);
    opening.then(
      (instance) => {
        if (!key.includes("@") && !this.#open.has(instance.address))
          this.#open.set(instance.address, opening);
      },
      () => this.#open.delete(key),
    );
    return opening;
  }

  /** As get, but answers the error instead of throwing it. */
  async attempt(address: string): Promise<Instance | SqlError> {
    try {
      return await this.get(address);
    } catch (error) {
      if (error instanceof SqlError) return error;
      throw error;
    }
  }

  /** A second connection to a server, for work beside a statement that waits. The caller closes it. */
  fresh(address: string): Promise<Instance> {
    const { host, port } = splitAddress(address);
    return this.#connect(host, port, undefined);
  }

  /** Forgets the connections to a server that restarted. */
  async forget(instance: Instance): Promise<void> {
    for (const [key, opening] of [...this.#open]) {
      const one = await opening.catch(() => undefined);
      if (one?.uuid === instance.uuid) this.#open.delete(key);
    }
    instance.close();
  }

  async close(): Promise<void> {
    const settled = await Promise.allSettled(this.#open.values());
    for (const result of settled) if (result.status === "fulfilled") result.value.close();
  }

  async #connect(host: string, port: number, user: string | undefined): Promise<Instance> {
    const { password, user: own } = this.#session.account;
    try {
      return await connect({ host, port, user: user ?? own, password }, CONNECT_TIMEOUT);
    } catch (error) {
      if (!isSqlError(error)) throw error;
      throw new SqlError(
        error.errno,
        undefined,
        `Could not open connection to '${host}:${port}': ${error.message}`,
      );
    }
  }
}

/**
 * Connects to the server that a command names, and prints MySQL Shell's line when that fails.
 * Throws SqlError.
 */
export async function connectTarget(shell: Shell, uri: string): Promise<Instance> {
  const { host, port } = splitAddress(uri);
  try {
    return await shell.pool.get(uri);
  } catch (error) {
    shell.output.error(
      `Unable to connect to the target instance '${host}:${port}'. Please verify the connection settings, make sure the instance is available and try again.`,
    );
    throw error;
  }
}
