// Asking a unit's MySQL as an operator on its machine would, with the password on standard input.
import type { Sandbox } from "../../sandbox/client.ts";
import { mustRun } from "./deployment.ts";

const SOCKET = "/var/snap/charmed-mysql/common/var/run/mysqld/mysqld.sock";
const client = (user: string): string => `echo ready; IFS= read -r MYSQL_PWD; export MYSQL_PWD
exec charmed-mysql.mysql --user=${user} --socket=${SOCKET} --batch --skip-column-names`;

/** Whose server is asked, and as whom. */
interface Place {
  readonly sandbox: Sandbox;
  readonly model: string;
  readonly unit: string;
  readonly user?: string;
}

/** The password of a unit's root account, from the charm's action. */
export async function rootPassword(sandbox: Sandbox, model: string, unit: string): Promise<string> {
  return await passwordOf(sandbox, model, unit, "root");
}

/** The password of an account of the charm's, from its action. */
async function passwordOf(sandbox: Sandbox, model: string, unit: string, user: string): Promise<string> {
  return String((await mustRun(sandbox, model, unit, ["get-password", `username=${user}`]))["password"]);
}

/** Runs SQL on a unit's server, as root unless told; one text per row, columns parted by tabs. Throws with what the client said. */
export async function queryAs(
  { sandbox, model, unit, user = "root" }: Place,
  password: string,
  sql: string,
): Promise<readonly string[]> {
  let type: (data: Buffer | null) => void = () => {};
  let isReady = false;
  const { code, stdout, stderr } = await sandbox.juju(["ssh", "-m", model, unit, client(user)], {
    input: (listener) => {
      type = listener;
    },
    // What is typed before the program runs would be lost.
    onOut: () => {
      if (isReady) return;
      isReady = true;
      type(Buffer.from(`${password}\n${sql}\n`));
      type(null);
    },
  });
  if (code !== 0) throw new Error(`SQL on ${unit} failed with ${code}: ${stderr.trim()}`);
  return stdout.split("\n").slice(1, -1);
}
