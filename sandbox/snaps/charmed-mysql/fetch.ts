// Program: makes sure that a MySQL server is at hand and prints the folder that its usr/ is in.
import { mysqlServer } from "./server.ts";

const server = await mysqlServer((line) => process.stderr.write(`${line}\n`));
process.stdout.write(`${server.root}\n`);
