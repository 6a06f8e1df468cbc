// A P12 in one call, as the action writes it.
import { type Encryption, type Pkcs12Contents, preparePkcs12 } from '../../src/x509/pkcs12.ts'

export async function writePkcs12({
  password,
  encryption,
  ...contents
}: Pkcs12Contents & { password: string; encryption: Encryption }): Promise<Buffer> {
  return await preparePkcs12(encryption, password)(contents)
}
