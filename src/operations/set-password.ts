// set-password: another password for a system user, without a moment in which anybody is locked out.
import { type ActionContext, type Leader, OperatorError, Secret } from "../../lib/index.ts";
import { viewLocal } from "../cluster/domain.ts";
import { usersOfOldPasswords } from "../credentials/domain.ts";
import { storePasswords } from "../credentials/store.ts";
import { writableMember } from "../credentials/writable-member.ts";
import { changePassword } from "../mysql/accounts.ts";
import { readRetained } from "../mysql/topology.ts";
import { wakeAgain } from "../pass.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { leavingClusters } from "../replication/leaving.ts";
import { siteName } from "../replication/local-cluster.ts";
import { setPasswordSchema } from "../wire/actions.ts";
import type { Passwords, SystemUser } from "../wire/credentials.ts";
import { ASYNC_REPLICA } from "../wire/replication.ts";

/** Killed anywhere, the servers take the password that the application has in writing. */
export async function setPassword(ports: Ports, action: ActionContext): Promise<void> {
  const request = await action.params("set-password", setPasswordSchema);
  const { username } = request;
  const leader = await mayChange(ports);
  const current = await ports.keyring.own();
  if (current === undefined) {
    throw new OperatorError(
      "The system passwords do not exist yet, or cannot be read. Nothing was changed; try again once the unit is active.",
    );
  }
  const password = request.password === undefined ? ports.newPassword() : new Secret(request.password);
  if (password.equals(current[username])) {
    throw new OperatorError(`password: ${username} has this password already. Nothing was changed.`);
  }
  const next: Passwords = { ...current, [username]: password };
  const statements = changePassword(username, current[username], password, await ports.sql.quoting());
  await changeOnServer(ports, username, statements);
  await storePasswords(ports, leader, next);
  await wakeAgain(ports);
  action.setResults({
    username,
    message: `The password of ${username} was changed; the old one is taken until every unit has the new one`,
  });
}

async function mayChange(ports: Ports): Promise<Leader> {
  const { model } = ports;
  const leader = await model.leadership();
  if (leader === undefined) {
    throw new OperatorError(
      "Only the leader can change passwords: run the action on <application>/leader. Nothing was changed.",
    );
  }
  const relation = (await model.relations(ASYNC_REPLICA)).find((each) => !each.broken);
  if (relation === undefined) {
    await refuseWhileOthersLeave(ports);
    return leader;
  }
  throw new OperatorError(
    `The passwords of this cluster come from ${siteName(relation)}: run set-password on the leader there, and they follow. Nothing was changed.`,
  );
}

/** They would get the new password, and never hear of it. */
async function refuseWhileOthersLeave(ports: Ports): Promise<void> {
  const [first] = await leavingClusters(ports);
  if (first === undefined) return;
  throw new OperatorError(
    `The relation with cluster ${first} has ended, and the two are still in one ClusterSet: run set-password once they have parted, see the status. Nothing was changed.`,
  );
}

async function changeOnServer(
  ports: Ports,
  username: SystemUser,
  statements: readonly string[],
): Promise<void> {
  const host = await writableMember(ports);
  if (host === undefined) {
    throw new OperatorError(
      "No primary takes writes: see get-cluster-status. Nothing was changed; try again when there is one.",
    );
  }
  try {
    await using session = await ports.keyring.connect({ host });
    if ((await readRetained(session)).includes(username)) await refuseWhileInUse(ports, username);
    for (const statement of statements) await session.run(statement);
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    throw new OperatorError(
      `MySQL did not change the password: ${error.message}. The password that get-password shows is still valid; try again.`,
    );
  }
}

/** MySQL keeps one old password of an account: another change would end the one that they still use. */
async function refuseWhileInUse(ports: Ports, username: SystemUser): Promise<void> {
  const users = await usersOfOldPasswords(ports, await viewLocal(ports));
  if (users.length === 0) return;
  throw new OperatorError(
    `The password of ${username} was changed just now, and ${users.join(", ")} may still use the one before it. Nothing was changed; try again when they are active, or removed. A standby of Charmed MySQL never says that it has taken a password: end its relation first.`,
  );
}
