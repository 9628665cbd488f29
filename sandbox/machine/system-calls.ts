// The numbers of system calls, for the perl programs: perl alone knows no names for them.

/** Linux's syscall_64.tbl for x86, unistd.h of asm-generic for arm64. */
const NUMBERS = {
  setns: { x64: 308, arm64: 268 },
  clock_gettime: { x64: 228, arm64: 113 },
} as const;

/** The number on this processor, as a program's argument. @throws Error on a processor that machines do not know. */
export function systemCall(name: keyof typeof NUMBERS): string {
  const { arch } = process;
  if (arch === "x64" || arch === "arm64") return `${NUMBERS[name][arch]}`;
  throw new Error(`machines do not know the processor ${arch}`);
}
