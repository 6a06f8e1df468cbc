// The smallest program for Windows that signing tools accept: PE32, one section, `return 0`.

const HEADER_BYTES = 0x200
const SECTION_BYTES = 0x200
const PE_AT = 0x40
const OPTIONAL_AT = PE_AT + 24
/** 96 bytes and 16 data directories of 8, of which the fifth says where signatures are. */
const OPTIONAL_BYTES = 224
const SECTION_AT = OPTIONAL_AT + OPTIONAL_BYTES

/** @returns the file's bytes; names as in the PE format specification */
export function portableExecutable(): Buffer {
  const file = Buffer.alloc(HEADER_BYTES + SECTION_BYTES)
  file.write('MZ', 0, 'latin1')
  file.writeUInt32LE(PE_AT, 0x3c) // e_lfanew
  file.write('PE\0\0', PE_AT, 'latin1')
  writeCoffHeader(file)
  writeOptionalHeader(file)
  writeSection(file)
  return file
}

function writeCoffHeader(file: Buffer): void {
  const at = PE_AT + 4
  file.writeUInt16LE(0x14c, at) // Machine: i386
  file.writeUInt16LE(1, at + 2) // NumberOfSections
  file.writeUInt16LE(OPTIONAL_BYTES, at + 16) // SizeOfOptionalHeader
  file.writeUInt16LE(0x102, at + 18) // Characteristics: executable, 32 bit
}

function writeOptionalHeader(file: Buffer): void {
  const put = (offset: number, value: number) => file.writeUInt32LE(value, OPTIONAL_AT + offset)
  file.writeUInt16LE(0x10b, OPTIONAL_AT) // Magic: PE32
  put(4, SECTION_BYTES) // SizeOfCode
  put(16, 0x1000) // AddressOfEntryPoint
  put(20, 0x1000) // BaseOfCode
  put(28, 0x400000) // ImageBase
  put(32, 0x1000) // SectionAlignment
  put(36, 0x200) // FileAlignment
  file.writeUInt16LE(6, OPTIONAL_AT + 40) // MajorOperatingSystemVersion
  file.writeUInt16LE(6, OPTIONAL_AT + 48) // MajorSubsystemVersion
  put(56, 0x2000) // SizeOfImage
  put(60, HEADER_BYTES) // SizeOfHeaders
  file.writeUInt16LE(3, OPTIONAL_AT + 68) // Subsystem: console
  put(72, 0x100000) // SizeOfStackReserve
  put(76, 0x1000) // SizeOfStackCommit
  put(80, 0x100000) // SizeOfHeapReserve
  put(84, 0x1000) // SizeOfHeapCommit
  put(92, 16) // NumberOfRvaAndSizes
}

function writeSection(file: Buffer): void {
  file.write('.text', SECTION_AT, 'latin1')
  file.writeUInt32LE(3, SECTION_AT + 8) // VirtualSize
  file.writeUInt32LE(0x1000, SECTION_AT + 12) // VirtualAddress
  file.writeUInt32LE(SECTION_BYTES, SECTION_AT + 16) // SizeOfRawData
  file.writeUInt32LE(HEADER_BYTES, SECTION_AT + 20) // PointerToRawData
  file.writeUInt32LE(0x60000020, SECTION_AT + 36) // Characteristics: code, execute, read
  file.write('31c0c3', HEADER_BYTES, 'hex') // xor eax, eax; ret
}
