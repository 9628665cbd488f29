// How hook commands print a value: smart, yaml and json. Pure.
import { stringify } from "yaml";

export type Format = "smart" | "yaml" | "json";

/** The text of a value, with its line end; undefined when the format is unknown. */
export function formatValue(value: unknown, format: string): string | undefined {
  if (format === "json") return `${JSON.stringify(value ?? null)}\n`;
  if (format === "yaml") return yamlText(value);
  if (format === "smart") return smartText(value);
  return undefined;
}

/** YAML with sorted keys and without folded lines, as Juju's programs print it. */
export function yamlText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return stringify(value, { sortMapEntries: true, lineWidth: 0, indentSeq: false, version: "1.1" });
}

function smartText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "string") return `${value}\n`;
  if (typeof value === "boolean") return value ? "True\n" : "False\n";
  if (typeof value === "number") return `${value}\n`;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.map((item) => `${item}\n`).join("");
  }
  return yamlText(value);
}
