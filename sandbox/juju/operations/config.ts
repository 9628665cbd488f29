// Application options as people write them on a command line, checked against the charm's declaration. Pure.
import type { CharmMeta, CharmOption } from "../../../lib/juju/charm.ts";
import type { ConfigValue } from "../../../lib/juju/model.ts";
import { parseSecretUri } from "../../../lib/juju/secrets.ts";
import { choices, Refusal } from "./refusal.ts";

/**
 * Options by name with values of their declared types; null stands for a value that does not matter (a reset).
 * @throws Refusal for an option that the charm does not have or a value of another type.
 */
export function parseOptions(
  charm: CharmMeta,
  given: Readonly<Record<string, string | null>>,
): Record<string, ConfigValue> {
  const parsed: Record<string, ConfigValue> = {};
  for (const [name, text] of Object.entries(given)) {
    const option = charm.options[name];
    if (option === undefined) {
      throw new Refusal(
        `parsing settings for application: unknown option ${JSON.stringify(name)}${choices(Object.keys(charm.options))}`,
      );
    }
    if (text !== null) parsed[name] = parseOption(name, option, text);
  }
  return parsed;
}

function parseOption(name: string, option: CharmOption, text: string): ConfigValue {
  const refuse = (): Refusal =>
    new Refusal(
      `parsing settings for application: option ${JSON.stringify(name)} expected ${option.type}, got ${JSON.stringify(text)}`,
    );
  switch (option.type) {
    case "int":
      if (!/^[+-]?\d+$/.test(text)) throw refuse();
      return Number(text);
    case "float":
      if (text.trim() === "" || Number.isNaN(Number(text))) throw refuse();
      return Number(text);
    case "boolean":
      if (!/^(?:1|t|T|true|TRUE|True|0|f|F|false|FALSE|False)$/.test(text)) throw refuse();
      return /^(?:1|t|true)$/i.test(text);
    case "secret":
      if (text !== "" && parseSecretUri(text) === undefined) throw refuse();
      return text;
    default:
      return text;
  }
}
