// What a charm says of itself: metadata.yaml, actions.yaml and config.yaml of its folder, checked and made uniform.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type {
  CharmAction,
  CharmEndpoint,
  CharmMeta,
  CharmStorage,
  EndpointRole,
} from "../../lib/juju/charm.ts";

/** A charm folder that Juju would refuse, with the file and the reason. */
export class CharmError extends Error {
  override readonly name = "CharmError";
}

const endpointSchema = z.union([
  z.string().transform((value) => ({ interface: value, limit: 0, scope: "global" as const })),
  z.object({
    interface: z.string(),
    limit: z
      .number()
      .int()
      .nullish()
      .transform((value) => value ?? 0),
    scope: z.enum(["global", "container"]).default("global"),
  }),
]);
const endpointsSchema = z.record(z.string(), endpointSchema).nullish();
/** `2`, `1-3` or `0-`. */
const rangeSchema = z
  .union([z.number().int().positive().transform(String), z.string()])
  .pipe(z.string().regex(/^\d+(?:-\d*|\+)?$/, "a range is a number, <least>- or <least>-<most>"))
  .transform((text) => {
    const [least = "0", most] = text.split(/[-+]/);
    const maximum = most === undefined ? Number(least) : most === "" ? null : Number(most);
    return { minimum: Number(least), maximum };
  });
const storageSchema = z.object({
  type: z.literal("filesystem", "the sandbox has filesystem storage only"),
  location: z.string().optional(),
  multiple: z.object({ range: rangeSchema }).optional(),
});
const resourceSchema = z.object({
  type: z.literal("file", "the sandbox has file resources only").default("file"),
  filename: z.string().regex(/^[^/]+$/, "a resource's filename is no path"),
  description: z.string().default(""),
});
const metadataSchema = z.object({
  name: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/),
  provides: endpointsSchema,
  requires: endpointsSchema,
  peers: endpointsSchema,
  storage: z.record(z.string(), storageSchema).nullish(),
  resources: z.record(z.string(), resourceSchema).nullish(),
  subordinate: z.literal(false, "subordinate charms do not run in the sandbox").optional(),
  "extra-bindings": z.record(z.string(), z.unknown()).nullish(),
});
const optionSchema = z.object({
  type: z.enum(["string", "int", "float", "boolean", "secret"]),
  description: z.string().default(""),
  default: z.union([z.string(), z.number(), z.boolean()]).nullish(),
});
const configSchema = z.object({ options: z.record(z.string(), optionSchema).nullish() }).nullish();
const actionSchema = z.looseObject({
  description: z.string().default(""),
  params: z.record(z.string(), z.record(z.string(), z.unknown())).nullish(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.boolean().optional(),
});
const actionsSchema = z.record(z.string(), actionSchema.nullish()).nullish();

/**
 * Reads an unpacked charm's metadata.
 * @throws CharmError when a file is missing or not as Juju wants it.
 */
export function readCharm(folder: string): CharmMeta {
  const metadata = readYaml(folder, "metadata.yaml", metadataSchema);
  if (metadata === undefined) throw new CharmError(`${folder}: charm has no metadata.yaml`);
  const options = readYaml(folder, "config.yaml", configSchema)?.options ?? {};
  const actions = readYaml(folder, "actions.yaml", actionsSchema) ?? {};
  return {
    name: metadata.name,
    endpoints: {
      ...endpointsOf("provider", metadata.provides),
      ...endpointsOf("requirer", metadata.requires),
      ...endpointsOf("peer", metadata.peers),
    },
    bindings: Object.keys(metadata["extra-bindings"] ?? {}),
    storage: mapValues(metadata.storage ?? {}, storageOf),
    resources: mapValues(metadata.resources ?? {}, ({ filename, description }) => ({
      filename,
      description,
    })),
    actions: mapValues(actions, (action) => toAction(action ?? { description: "" })),
    options: mapValues(options, ({ default: initial, ...option }) =>
      initial === undefined || initial === null ? option : { ...option, default: initial },
    ),
  };
}

function storageOf({ type, location, multiple }: z.infer<typeof storageSchema>): CharmStorage {
  const { minimum, maximum } = multiple?.range ?? { minimum: 1, maximum: 1 };
  const mountedAt = location !== undefined && maximum === 1 ? "location" : "location/id";
  return { type, location: location ?? "/var/lib/juju/storage", mountedAt, minimum, maximum };
}

function readYaml<T>(folder: string, file: string, schema: z.ZodType<T>): T | undefined {
  const path = join(folder, file);
  if (!existsSync(path)) return undefined;
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CharmError(`${path} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const checked = schema.safeParse(content);
  if (checked.success) return checked.data;
  throw new CharmError(`${path}: ${z.prettifyError(checked.error).replaceAll("\n", " ")}`);
}

function endpointsOf(
  role: EndpointRole,
  declared: z.infer<typeof endpointsSchema>,
): Record<string, CharmEndpoint> {
  return mapValues(declared ?? {}, (endpoint, name) => ({ name, role, ...endpoint }));
}

function toAction(action: z.infer<typeof actionSchema>): CharmAction {
  const { params, required, additionalProperties, description } = action;
  return {
    description,
    schema: {
      type: "object",
      properties: params ?? {},
      ...(required === undefined ? {} : { required }),
      ...(additionalProperties === undefined ? {} : { additionalProperties }),
    },
  };
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
