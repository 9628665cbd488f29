// All verbs, by what they are for.
import type { VerbTable } from "../session.ts";
import { applicationVerbs } from "./applications.ts";
import { clockVerbs } from "./clock.ts";
import { configVerbs } from "./config.ts";
import { faultVerbs } from "./faults.ts";
import { logVerbs } from "./log.ts";
import { modelVerbs } from "./models.ts";
import { offerVerbs } from "./offers.ts";
import { relationVerbs } from "./relations.ts";
import { runVerbs } from "./run.ts";
import { secretVerbs } from "./secrets.ts";
import { showVerbs } from "./show.ts";
import { sshVerbs } from "./ssh.ts";
import { statusVerbs } from "./status.ts";
import { storageVerbs } from "./storage.ts";
import { strikeVerbs } from "./strikes.ts";
import { taskVerbs } from "./tasks.ts";
import { waitVerbs } from "./wait-for.ts";

/** In the order of the help. */
export const verbGroups: Readonly<Record<string, VerbTable>> = {
  Models: modelVerbs,
  "Applications and units": { ...applicationVerbs, ...configVerbs },
  "What goes on": { ...statusVerbs, ...waitVerbs, ...logVerbs, ...showVerbs },
  Relations: { ...relationVerbs, ...offerVerbs },
  "Actions and commands": { ...runVerbs, ...taskVerbs, ...sshVerbs },
  Secrets: secretVerbs,
  "Storage and resources": storageVerbs,
  "Faults (not in juju)": { ...faultVerbs, ...strikeVerbs },
  "Time (not in juju)": clockVerbs,
};

export const verbs: VerbTable = Object.assign({}, ...Object.values(verbGroups));
