// How hook commands print a value: smart, yaml and json, as the Go libraries that Juju uses write them. Pure.
import { Document, Scalar, visit } from "yaml";

export type Format = "smart" | "yaml" | "json";
/** Maps have sorted keys, structures the order in which their fields stand. */
export type KeyOrder = "sorted" | "as given";

/** The text of a value, with its line end; undefined when the format is unknown. */
export function formatValue(value: unknown, format: string, order: KeyOrder = "sorted"): string | undefined {
  if (format === "json") return `${jsonText(order === "sorted" ? sorted(value) : value)}\n`;
  if (format === "yaml") return yamlText(value, order);
  if (format === "smart") return smartText(value, order);
  return undefined;
}

/** YAML without folded lines; a string is quoted where it needs to be, doubly where it could pass for something else. */
export function yamlText(value: unknown, order: KeyOrder = "sorted"): string {
  if (value === null || value === undefined) return "";
  const document = new Document(value, {
    version: "1.1",
    sortMapEntries: order === "sorted",
    aliasDuplicateObjects: false,
  });
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === "string" && looksLikeOther.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0, indentSeq: false, singleQuote: true });
}

/** What YAML 1.1 reads as null, a boolean, a number, a time or a merge. */
const looksLikeOther =
  /^(?:|~|<<|null|y|yes|n|no|true|false|on|off|[-+]?(?:0b[01_]+|0o[0-7_]+|0x[\da-f_]+|\d[\d_]*(?:\.[\d_]*)?(?:e[-+]?\d+)?|\.\d[\d_]*(?:e[-+]?\d+)?|\.inf|\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?)|\.nan|\d{4}-\d{1,2}-\d{1,2}(?:[t \t].*)?)$/i;

function smartText(value: unknown, order: KeyOrder): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "string") return `${value}\n`;
  if (typeof value === "boolean") return value ? "True\n" : "False\n";
  if (typeof value === "number") return `${value}\n`;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.map((item) => `${item}\n`).join("");
  }
  return yamlText(value, order);
}

/** Go's JSON is also safe within HTML. */
function jsonText(value: unknown): string {
  return JSON.stringify(value ?? null).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
