// What is asked of a world after each move, in the model and on real servers alike, and where the two answers differ.

/** One unit with its server; a text each, so that a difference is read as it stands. */
export interface UnitAnswer {
  readonly status: string;
  /** Its server's own state and role in its group. */
  readonly member: string;
  /** What its server's own copy of the metadata says. */
  readonly set: string;
  readonly takesWrites: boolean;
  readonly rows: readonly string[];
}

export interface Answer {
  /** Statuses of applications. */
  readonly applications: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, UnitAnswer | "off">>;
}

/** What a move answered itself: an action's message, or whether a row was taken. */
export type Told = string;

/** Times, and names that a sandbox or MySQL makes up, say nothing. */
export function plain(text: string): string {
  return text
    .replaceAll(/\d+ s\b/g, "n s")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "uuid")
    .replaceAll(/(?:uuid|group-\d+)(?:-of-[\w-]+)?:[\d:-]+/g, "transactions")
    .trim();
}

/** One line for each difference. */
export function differences(model: Answer, real: Answer): readonly string[] {
  const applications = Object.keys({ ...model.applications, ...real.applications }).flatMap((name) =>
    differ(name, model.applications[name], real.applications[name]),
  );
  const units = Object.keys({ ...model.units, ...real.units }).flatMap((name) =>
    differUnit(name, model.units[name], real.units[name]),
  );
  return [...applications, ...units];
}

function differUnit(
  name: string,
  model: Answer["units"][string] | undefined,
  real: Answer["units"][string] | undefined,
): readonly string[] {
  if (model === undefined || real === undefined || model === "off" || real === "off")
    return differ(
      name,
      model === undefined || model === "off" ? model : "there",
      real === undefined || real === "off" ? real : "there",
    );
  return [
    ...differ(`${name} status`, model.status, real.status),
    ...differ(`${name} member`, model.member, real.member),
    ...differ(`${name} set`, model.set, real.set),
    ...differ(`${name} takes writes`, String(model.takesWrites), String(real.takesWrites)),
    ...differ(`${name} rows`, model.rows.join(","), real.rows.join(",")),
  ];
}

export function differ(what: string, model: string | undefined, real: string | undefined): readonly string[] {
  return model === real ? [] : [`${what}: the model says "${model}", real servers say "${real}"`];
}
