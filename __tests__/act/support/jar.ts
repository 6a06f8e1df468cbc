// The smallest Java archive: a manifest, stored.
import { crc32 } from 'node:zlib'

const NAME = Buffer.from('META-INF/MANIFEST.MF')
const MANIFEST = Buffer.from('Manifest-Version: 1.0\r\n\r\n')

/** @returns the file's bytes; fields as in PKWARE's APPNOTE, 4.3.7, 4.3.12 and 4.3.16 */
export function emptyJar(): Buffer {
  const entry = Buffer.alloc(26) // from "version needed to extract" to "extra field length"
  entry.writeUInt16LE(20, 0)
  entry.writeUInt16LE(0x21, 8) // the first day of 1980
  entry.writeUInt32LE(crc32(MANIFEST), 10)
  entry.writeUInt32LE(MANIFEST.length, 14)
  entry.writeUInt32LE(MANIFEST.length, 18)
  entry.writeUInt16LE(NAME.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), entry, NAME, MANIFEST])
  const madeBy = Buffer.from([20, 0])
  const central = Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, entry, Buffer.alloc(14), NAME])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, central, end])
}
