// Checks action parameters against the part of JSON Schema draft 4 that charms use. Pure.

export type Schema = Readonly<Record<string, unknown>>;

/** What is wrong with a value, each in a line of its own; empty when nothing is. Texts as gojsonschema in Juju words them. */
export function violations(schema: Schema, value: unknown, path = "(root)"): string[] {
  const wrong: string[] = [];
  const given = `given ${JSON.stringify(value)}`;
  const type = schema["type"];
  const types = typeof type === "string" ? [type] : Array.isArray(type) ? type : [];
  if (types.length > 0 && !types.some((name) => isOfType(value, String(name)))) {
    return [`${path} : must be of type ${types.join(" or ")}, ${given}`];
  }
  const allowed = schema["enum"];
  if (Array.isArray(allowed) && !allowed.some((item) => JSON.stringify(item) === JSON.stringify(value))) {
    wrong.push(`${path} : must match one of the enum values ${JSON.stringify(allowed)}, ${given}`);
  }
  if (typeof value === "number") wrong.push(...numberViolations(schema, value, `${path} : `));
  if (typeof value === "string") wrong.push(...stringViolations(schema, value, `${path} : `));
  if (isObject(value)) wrong.push(...objectViolations(schema, value, path));
  const items = schema["items"];
  if (Array.isArray(value) && isObject(items)) {
    wrong.push(...value.flatMap((item, n) => violations(items, item, `${path}.${n}`)));
  }
  return wrong;
}

/** The value with the defaults that the schema gives for what is absent. */
export function withDefaults(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const result: Record<string, unknown> = { ...value };
  const properties = schema["properties"];
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
    if (!isObject(property)) continue;
    if (result[name] === undefined && property["default"] !== undefined) result[name] = property["default"];
    const inner = result[name];
    if (isObject(inner)) result[name] = withDefaults(property, inner);
  }
  return result;
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}

function numberViolations(schema: Schema, value: number, at: string): string[] {
  const { minimum, maximum } = schema;
  const wrong: string[] = [];
  if (typeof minimum === "number" && value < minimum)
    wrong.push(`${at}must be greater than or equal to ${minimum}, given ${value}`);
  if (typeof maximum === "number" && value > maximum)
    wrong.push(`${at}must be less than or equal to ${maximum}, given ${value}`);
  return wrong;
}

function stringViolations(schema: Schema, value: string, at: string): string[] {
  const { minLength, maxLength, pattern } = schema;
  const given = `given ${JSON.stringify(value)}`;
  const wrong: string[] = [];
  if (typeof minLength === "number" && value.length < minLength)
    wrong.push(`${at}length must be greater than or equal to ${minLength}, ${given}`);
  if (typeof maxLength === "number" && value.length > maxLength)
    wrong.push(`${at}length must be less than or equal to ${maxLength}, ${given}`);
  if (typeof pattern === "string" && !new RegExp(pattern).test(value))
    wrong.push(`${at}does not match pattern '${pattern}', ${given}`);
  return wrong;
}

function objectViolations(schema: Schema, value: Readonly<Record<string, unknown>>, path: string): string[] {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const given = `given ${JSON.stringify(value)}`;
  const wrong = required
    .filter((name) => value[String(name)] === undefined)
    .map((name) => `${path} : ${JSON.stringify(name)} property is missing and required, ${given}`);
  for (const [name, item] of Object.entries(value)) {
    const property = properties[name];
    if (isObject(property)) wrong.push(...violations(property, item, `${path}.${name}`));
    else if (schema["additionalProperties"] === false) {
      const known = Object.keys(properties).sort().join(", ") || "none";
      wrong.push(
        `${path} : additional property ${JSON.stringify(name)} is not allowed, ${given} (parameters: ${known})`,
      );
    }
  }
  return wrong;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
