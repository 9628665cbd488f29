// The platforms of charmcraft.yaml: which base, which architecture, and what the packed file is called.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import type { Architecture } from "./runtime.ts";

const PLATFORM = /^(?<system>[a-z]+)@(?<channel>[0-9.]+):(?<architecture>amd64|arm64)$/;

/** Juju's name of an architecture → Node's. */
const ofNode: Readonly<Record<string, Architecture>> = { amd64: "x64", arm64: "arm64" };

export interface Platform {
  /** As charmcraft.yaml has it, such as `ubuntu@24.04:amd64`. */
  readonly name: string;
  readonly system: string;
  readonly channel: string;
  /** As Juju calls it. */
  readonly architecture: string;
  /** As Node calls it. */
  readonly nodeArchitecture: Architecture;
}

/** Each is for the one that its name tells, wherever it is built. */
const platformSchema = z.object({ "build-for": z.tuple([z.string()]) });
const charmcraftSchema = z.object({ platforms: z.record(z.string().regex(PLATFORM), platformSchema) });

/** All platforms of the project's charmcraft.yaml. Throws when it has one of another form than `system@channel:architecture`. */
export async function readPlatforms(root: string): Promise<readonly Platform[]> {
  const file = charmcraftSchema.parse(parse(await readFile(join(root, "charmcraft.yaml"), "utf8")));
  return Object.entries(file.platforms).map(
    ([
      name,
      {
        "build-for": [target],
      },
    ]) => {
      if (target !== name) throw new Error(`charmcraft.yaml: ${name} is built for ${target}`);
      const { system = "", channel = "", architecture = "" } = PLATFORM.exec(name)?.groups ?? {};
      return { name, system, channel, architecture, nodeArchitecture: ofNode[architecture] ?? "x64" };
    },
  );
}

/** The name that charmcraft gives to the file of a platform. */
export function charmFileName(charm: string, platform: Platform): string {
  return `${charm}_${platform.name.replace(":", "-")}.charm`;
}
