// Programs for 64-bit Windows that fit into 1 kB: PE32+, one section, only functions from kernel32. Written byte by byte, so
// that no compiler for Windows is needed. Names as in the PE format specification.

const IMPORTS = ['SetConsoleCtrlHandler', 'GenerateConsoleCtrlEvent', 'GetLastError', 'ExitProcess'] as const
type Import = (typeof IMPORTS)[number]

const HEADER_BYTES = 0x200
const SECTION_BYTES = 0x200
/** Where the section is in memory, from the start of the image. */
const SECTION_RVA = 0x1000
const PE_AT = 0x40
const OPTIONAL_AT = PE_AT + 24
/** 112 bytes and 16 data directories of 8, of which the second says where the imports are. */
const OPTIONAL_BYTES = 240
const SECTION_AT = OPTIONAL_AT + OPTIONAL_BYTES

/** In the section: the code, the table of imports, and two lists with an entry for each, of which Windows fills the second. */
const IMPORTS_AT = 0x80
const LOOKUP_AT = 0xb0
const ADDRESSES_AT = 0xe0
const NAMES_AT = 0x110

/** `hex`: machine code. `call`: of a function of kernel32, by Windows' convention. */
type Assemble = (hex: (...pieces: (string | Buffer)[]) => void, call: (name: Import) => void) => void

/** @returns the file's bytes, with the code that `assemble` writes, which has to call ExitProcess at the end */
export function windowsProgram(assemble: Assemble): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('MZ', 0, 'latin1')
  header.writeUInt32LE(PE_AT, 0x3c) // e_lfanew
  header.write('PE\0\0', PE_AT, 'latin1')
  header.writeUInt16LE(0x8664, PE_AT + 4) // Machine: x64
  header.writeUInt16LE(1, PE_AT + 6) // NumberOfSections
  header.writeUInt16LE(OPTIONAL_BYTES, PE_AT + 20) // SizeOfOptionalHeader
  header.writeUInt16LE(0x23, PE_AT + 22) // Characteristics: executable, large addresses, not relocatable
  writeOptionalHeader(header)
  writeSectionHeader(header)
  return Buffer.concat([header, section(assemble)])
}

function writeOptionalHeader(header: Buffer): void {
  const put = (offset: number, value: number) => header.writeUInt32LE(value, OPTIONAL_AT + offset)
  header.writeUInt16LE(0x20b, OPTIONAL_AT) // Magic: PE32+
  put(4, SECTION_BYTES) // SizeOfCode
  put(16, SECTION_RVA) // AddressOfEntryPoint
  put(20, SECTION_RVA) // BaseOfCode
  put(24, 0x400000) // ImageBase
  put(32, 0x1000) // SectionAlignment
  put(36, 0x200) // FileAlignment
  header.writeUInt16LE(6, OPTIONAL_AT + 40) // MajorOperatingSystemVersion
  header.writeUInt16LE(6, OPTIONAL_AT + 48) // MajorSubsystemVersion
  put(56, 0x2000) // SizeOfImage
  put(60, HEADER_BYTES) // SizeOfHeaders
  header.writeUInt16LE(3, OPTIONAL_AT + 68) // Subsystem: console
  put(72, 0x100000) // SizeOfStackReserve
  put(80, 0x1000) // SizeOfStackCommit
  put(88, 0x100000) // SizeOfHeapReserve
  put(96, 0x1000) // SizeOfHeapCommit
  put(108, 16) // NumberOfRvaAndSizes
  put(120, SECTION_RVA + IMPORTS_AT) // the import directory
  put(124, 40)
}

function writeSectionHeader(header: Buffer): void {
  header.write('.text', SECTION_AT, 'latin1')
  header.writeUInt32LE(SECTION_BYTES, SECTION_AT + 8) // VirtualSize
  header.writeUInt32LE(SECTION_RVA, SECTION_AT + 12) // VirtualAddress
  header.writeUInt32LE(SECTION_BYTES, SECTION_AT + 16) // SizeOfRawData
  header.writeUInt32LE(HEADER_BYTES, SECTION_AT + 20) // PointerToRawData
  header.writeUInt32LE(0xe0000020, SECTION_AT + 36) // Characteristics: code, execute, read, write
}

function section(assemble: Assemble): Buffer {
  const bytes = Buffer.alloc(SECTION_BYTES)
  machineCode(assemble).copy(bytes)
  let name = NAMES_AT
  const write = (text: string) => {
    const at = name
    name += bytes.write(`${text}\0`, at, 'latin1')
    return SECTION_RVA + at
  }
  bytes.writeUInt32LE(SECTION_RVA + LOOKUP_AT, IMPORTS_AT)
  bytes.writeUInt32LE(write('kernel32.dll'), IMPORTS_AT + 12)
  bytes.writeUInt32LE(SECTION_RVA + ADDRESSES_AT, IMPORTS_AT + 16)
  for (const [index, imported] of IMPORTS.entries()) {
    const at = write(`\0\0${imported}`) // after an empty hint
    for (const list of [LOOKUP_AT, ADDRESSES_AT]) bytes.writeUInt32LE(at, list + 8 * index)
  }
  return bytes
}

/** With room on the stack for the called function. */
function machineCode(assemble: Assemble): Buffer {
  let bytes = Buffer.from('4883ec28', 'hex') // sub rsp, 40
  const hex = (...pieces: (string | Buffer)[]) => {
    const parts = pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece, 'hex') : piece))
    bytes = Buffer.concat([bytes, ...parts])
    if (bytes.length > IMPORTS_AT) throw new Error('this is too much code')
  }
  /** `call [rip + …]`: the distance counts from the end of the instruction. */
  const call = (name: Import) => {
    const target = ADDRESSES_AT + 8 * IMPORTS.indexOf(name)
    hex('ff15', uint32(target - (bytes.length + 6)))
  }
  assemble(hex, call)
  return bytes
}

/** Little-endian, as in an instruction. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** A program that does nothing, and exits with this code. */
export function exitingProgram(code: number): Buffer {
  return windowsProgram((hex, call) => {
    hex('b9', uint32(code)) // mov ecx, code
    call('ExitProcess')
  })
}
