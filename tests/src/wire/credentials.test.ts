import { describe, expect, test } from "vitest";
import { Secret } from "../../../lib/index.ts";
import { newPassword, newPasswords } from "../../../src/credentials/generate.ts";
import {
  passwordContent,
  passwordFields,
  readPasswords,
  readPrevious,
  replacePasswords,
  samePasswords,
  systemUsers,
} from "../../../src/wire/credentials.ts";

describe("generated passwords", () => {
  test("are 24 letters and digits each, all different", () => {
    const passwords = newPasswords();
    const values = systemUsers.map((user) => passwords[user].reveal());
    for (const value of values) expect(value).toMatch(/^[A-Za-z0-9]{24}$/);
    expect(new Set(values).size).toBe(5);
  });

  test("use the whole alphabet", () => {
    const text = Array.from({ length: 400 }, () => newPassword().reveal()).join("");
    expect(new Set(text).size).toBe(62);
  });
});

describe("the passwords before a change", () => {
  const [first, second] = [newPasswords(), newPasswords()];
  const word = new Secret("another");
  const changed = (user: (typeof systemUsers)[number], content = passwordContent(second)): typeof content => {
    const read = readPasswords(content);
    if (read.kind !== "value") throw new Error("no passwords");
    return replacePasswords(content, { ...read.passwords, [user]: word });
  };
  const previous = (content: ReturnType<typeof passwordContent>): unknown => {
    const read = readPrevious(content);
    return read === undefined ? undefined : systemUsers.map((user) => read[user].reveal());
  };
  const told = (passwords: typeof first): readonly string[] =>
    systemUsers.map((user) => passwords[user].reveal());

  test("are those of each user's last change", () => {
    expect(previous(passwordContent(first))).toBeUndefined();
    expect(previous(changed("root", changed("backups")))).toEqual(told(second));
  });

  test("are all of one moment when serverconfig's changes, which opens the servers", () => {
    const adopted = replacePasswords(passwordContent(first), second);
    expect(previous(adopted)).toEqual(told(first));
    expect(previous(changed("serverconfig", adopted))).toEqual(told(second));
  });
});

describe("the secret's content", () => {
  test("is the five fields that both sides know", () => {
    expect(Object.keys(passwordContent(newPasswords())).sort()).toEqual([
      "backups-password",
      "cluster-admin-password",
      "monitoring-password",
      "root-password",
      "server-config-password",
    ]);
  });

  test("goes to and fro", () => {
    const passwords = newPasswords();
    const read = readPasswords(passwordContent(passwords));
    expect(read.kind === "value" && samePasswords(read.passwords, passwords)).toBe(true);
  });

  test("other fields are ignored", () => {
    const content = { ...passwordContent(newPasswords()), "tls-key": new Secret("x") };
    expect(readPasswords(content)).toMatchObject({ kind: "value" });
  });

  test.each(Object.values(passwordFields))(
    "%s must be there, and a password, not the mark of a deleted one",
    (field) => {
      const whole = passwordContent(newPasswords());
      const { [field]: _, ...without } = whole;
      expect(readPasswords(without)).toEqual({ kind: "missing", field });
      // What no environment, option file or login takes is no password either.
      for (const gone of ["None", "", "zero\0byte", "two\nlines", "x".repeat(257), "é".repeat(129)]) {
        expect(readPasswords({ ...whole, [field]: new Secret(gone) })).toEqual({ kind: "missing", field });
      }
    },
  );
});

test("a password may have any sign of a keyboard, and as many bytes as MySQL hashes", () => {
  const odd = {
    ...passwordContent(newPasswords()),
    [passwordFields.root]: new Secret(`'"\\;$ é${"x".repeat(248)}`),
  };
  expect(readPasswords(odd)).toMatchObject({ kind: "value" });
});

test("passwords are the same only when every one is", () => {
  const passwords = newPasswords();
  for (const user of systemUsers) {
    expect(samePasswords(passwords, { ...passwords, [user]: newPassword() })).toBe(false);
  }
  expect(samePasswords(passwords, { ...passwords })).toBe(true);
});
