// What a client sends to a MySQL server, as far as it shows from outside: which statement it is, and whether it may change anything. Pure.

/** Where a packet has its number within the exchange and its command (Protocol::Packet, COM_*). */
const NUMBER = 3;
const COMMAND = 4;
const COM_QUERY = 0x03;
const COM_STMT_EXECUTE = 0x17;
/** A TLS record's type (RFC 8446, 5.1), and the version that follows it. */
const TLS_FIRST = 0x14;
const TLS_DATA = 0x17;
const TLS_MAJOR = 0x03;

/** No parameters, in one set: what stands before the text where query attributes are agreed on (CLIENT_QUERY_ATTRIBUTES). */
const NO_ATTRIBUTES = Buffer.from([0, 1]);
const COMMENTS = /^(?:\s|\/\*.*?\*\/|--.*?\n)+/s;
const READS =
  /^(?:(?:select|show|explain|describe|desc|use|begin|start transaction|rollback|do sleep)\b|set (?!password|default|resource)(?!.*\b(?:global|persist|persist_only)\b))/is;
/** Functions that change a server although a SELECT calls them. */
const ACTS =
  /\b(?:group_replication|asynchronous_connection_failover)_\w+\s*\(|\bget_lock\b|\binto\s+(?:out|dump)file\b/i;

/**
 * The statement by its first words, which hold no secret; "encrypted" when it cannot be seen. null for what changes nothing:
 * reads, pings, logins. undefined when the address is not a MySQL server's.
 */
export function describeStatement(address: string, bytes: Buffer): string | null | undefined {
  if (!/mysqld\.sock$|:3306$/.test(address)) return undefined;
  const type = bytes[0] ?? 0;
  if (bytes[1] === TLS_MAJOR && type >= TLS_FIRST && type <= TLS_DATA)
    return type === TLS_DATA ? "encrypted" : null;
  // What a client sends first in an exchange is a command; the rest of a login has higher numbers.
  if (bytes[NUMBER] !== 0) return null;
  if (bytes[COMMAND] === COM_STMT_EXECUTE) return "a prepared statement";
  if (bytes[COMMAND] !== COM_QUERY) return null;
  const rest = bytes.subarray(COMMAND + 1);
  const hasAttributes = rest.subarray(0, 2).equals(NO_ATTRIBUTES);
  const text = rest.toString("utf8", hasAttributes ? 2 : 0);
  if (changesNothing(text)) return null;
  return /^[a-z]+(?: [a-z]+){0,2}/i.exec(text.replace(COMMENTS, ""))?.[0] ?? "a statement";
}

/** Whether a statement only reads, or changes nothing but its own session. */
export function changesNothing(statement: string): boolean {
  const text = statement.replace(COMMENTS, "");
  return READS.test(text) && !ACTS.test(text);
}
