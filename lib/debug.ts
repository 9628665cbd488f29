// Places where a person can look into the running charm: `juju debug-code` names them in JUJU_DEBUG_AT.

/** Stops at a named place until the debugger goes on; does nothing where nobody asked for it. */
export type Breakpoint = (name: string) => Promise<void>;

const address = "127.0.0.1";
/** Any that is free: several units can share a machine. */
const port = 0;

/**
 * Breakpoints by JUJU_DEBUG_AT: names separated by commas, `all` for every one. `hook` is the one before the handler.
 * The first one prints an address on the loopback of the unit's machine and waits there for Chrome's developer tools
 * or any other client of Node's inspector (`juju ssh <unit> -L 9229:127.0.0.1:<port>` brings it to one's own machine).
 */
export function breakpoints(debugAt: string): Breakpoint {
  const wanted = new Set(debugAt.split(",").map((name) => name.trim()));
  return async (name) => {
    if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name) || name === "all") {
      throw new Error(`"${name}" is no name of a breakpoint (a-z, 0-9 and inner hyphens; not "all")`);
    }
    if (!wanted.has("all") && !wanted.has(name)) return;
    const inspector = await import("node:inspector");
    if (inspector.url() === undefined) inspector.open(port, address, true);
    debugger;
  };
}
