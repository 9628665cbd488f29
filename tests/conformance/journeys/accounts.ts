// A server that is not fit for a cluster, accounts that may not do enough, and passwords that are asked for.
import type { Journey } from "../journey.ts";

export const ACCOUNTS: Journey = {
  machines: ["c2"],
  options: { c2: ["gtid-mode=OFF", "enforce-gtid-consistency=OFF"] },
  course: async ({ run, on, shell }) => {
    const root = { user: "root", password: "rootpw" };
    await run(
      "280-check-instance-bad",
      "281-configure-instance-no-restart",
      "282-create-cluster-needs-restart",
    );
    await run("283-configure-instance-restart");
    await on("c2").isBack();
    await run("284-check-instance-ok", "291-configure-instance-no-session");
    await on("c2").sql(
      "SET sql_log_bin=0",
      "CREATE USER weak@'%' IDENTIFIED BY 'clusterpw'",
      "GRANT SELECT ON app.* TO weak@'%'",
    );
    await run("285-create-cluster-weak-user");
    await shell("c2", ["dba", "create-cluster", "delta"], root);
    await on("c2").sql(
      "SET sql_log_bin=0",
      "GRANT SELECT, CREATE USER, EXECUTE ON *.* TO weak@'%'",
      "GRANT SYSTEM_VARIABLES_ADMIN, PERSIST_RO_VARIABLES_ADMIN, GROUP_REPLICATION_ADMIN ON *.* TO weak@'%'",
      "GRANT REPLICATION_SLAVE_ADMIN, REPLICATION CLIENT, TRANSACTION_GTID_TAG ON *.* TO weak@'%'",
      "GRANT INSERT, UPDATE, DELETE ON mysql_innodb_cluster_metadata.* TO weak@'%'",
    );
    await run(
      "288-create-cluster-set-weak-user",
      "299a-dissolve-xcom-cluster",
      "290-configure-instance-password-by-prompt",
      "290b-configure-instance-no-password-no-wizard",
    );
  },
};
