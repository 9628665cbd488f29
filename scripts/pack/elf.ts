// Shortens a program to what the kernel loads. Format: System V ABI, chapter 4, for 64-bit little-endian ELF.

const HEADER = {
  programHeaders: 0x20,
  sectionHeaders: 0x28,
  programHeaderSize: 0x36,
  programHeaderCount: 0x38,
  sectionHeaderCount: 0x3c,
  sectionNames: 0x3e,
} as const;
const SEGMENT = { offset: 0x08, fileSize: 0x20 } as const;

/**
 * The program without its section table, symbols and whatever else stands behind its last segment: a seventh of a Node binary.
 * The kernel and the dynamic linker read segments only. Throws when the file is no 64-bit little-endian ELF file.
 */
export function withoutSymbols(program: Buffer): Buffer {
  if (program.toString("latin1", 0, 6) !== "\x7fELF\x02\x01")
    throw new Error("the Node binary is no 64-bit little-endian ELF file");
  const table = Number(program.readBigUInt64LE(HEADER.programHeaders));
  const size = program.readUInt16LE(HEADER.programHeaderSize);
  const count = program.readUInt16LE(HEADER.programHeaderCount);
  const ends = Array.from({ length: count }, (_, n) => {
    const at = table + n * size;
    return Number(
      program.readBigUInt64LE(at + SEGMENT.offset) + program.readBigUInt64LE(at + SEGMENT.fileSize),
    );
  });
  const short = Buffer.from(program.subarray(0, Math.max(table + count * size, ...ends)));
  short.writeBigUInt64LE(0n, HEADER.sectionHeaders);
  short.writeUInt16LE(0, HEADER.sectionHeaderCount);
  short.writeUInt16LE(0, HEADER.sectionNames);
  return short;
}
