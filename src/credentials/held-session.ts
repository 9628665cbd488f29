// One connection that everybody looks through while nothing is changed: each question goes to the server once.
import * as z from "zod";
import { checkRows } from "../mysql/columns.ts";
import type { Session } from "../mysql/ports.ts";

export interface HeldSession {
  /** Its end is nobody's business but the holder's. Throws what opening it threw, every time. */
  share(): Promise<Session>;
  close(): Promise<void>;
}

export function holdSession(opening: Promise<Session>): HeldSession {
  const answers = new Map<string, Promise<readonly unknown[]>>();
  const ask = async (text: string, values: readonly (string | number)[]): Promise<readonly unknown[]> =>
    (await opening).rows(z.unknown(), text, values);
  const session: Session = {
    rows: async (schema, text, values = []) => {
      const question = JSON.stringify([text, values]);
      const answer = answers.get(question) ?? ask(text, values);
      answers.set(question, answer);
      return checkRows(schema, await answer, "A statement on the local MySQL server");
    },
    // What a statement changes may be the answer to any question.
    run: async (text, values) => {
      answers.clear();
      await (await opening).run(text, values);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return {
    share: async () => {
      await opening;
      return session;
    },
    close: async () => {
      const opened = await opening.catch(() => undefined);
      await opened?.[Symbol.asyncDispose]();
    },
  };
}
