import type { Log } from '../ports.ts'
import { type Obstacle, passwordObstacles, type Reader } from '../x509/pkcs12.ts'

const NAMES: Record<Reader, string> = {
  openssl3: 'OpenSSL 3 and curl',
  java: 'Java programs such as jsign',
  go: 'Go programs such as smctl',
}

/** Says which programs cannot use the stored P12, which is why another one is exported. */
export function noticeRewritten(obstacles: Obstacle[], log: Log): void {
  const misread = obstacles.filter(obstacle => obstacle.misread)
  const unread = obstacles.filter(obstacle => !obstacle.misread)
  const reasons = [
    ...(unread.length > 0 ? [`${whoOf(unread)} cannot read the stored P12 as is (${list(unread)})`] : []),
    ...(misread.length > 0
      ? [`${whoOf(misread)} would use ${list(misread)}, which is not the one in use`]
      : []),
  ]
  log.notice(`${reasons.join(', and ')}, so the exported P12 is rewritten with AES-256.`)
}

/** Says which programs cannot read the exported P12 either, if there are any. */
export function warnOfReaders(obstacles: Obstacle[], log: Log): void {
  if (obstacles.length === 0) return
  const line = `${whoOf(obstacles)} cannot read the exported P12, however it is written, because of ${list(obstacles)}. If you need them, use a password of ASCII letters and digits, and an RSA or P-256 key.`
  // A warning would be noise in every job without a Java program.
  const onlyJava = obstacles.every(({ readers }) => readers.every(reader => reader === 'java'))
  if (onlyJava) log.info(line)
  else log.warning(line)
}

/** For a P12 whose key is RSA. */
export function warnOfPassword(password: string, log: Log): void {
  warnOfReaders(passwordObstacles(password), log)
  if (!password.includes('|')) return
  log.warning(
    "'p12-password' contains the character |, at which jsign splits its --storepass. jsign cannot be given this password. If you sign with jsign, use a password without |, or leave 'p12-password' empty: then this step makes a random one.",
  )
}

function whoOf(obstacles: Obstacle[]): string {
  const readers = new Set(obstacles.flatMap(obstacle => obstacle.readers))
  const names = (Object.keys(NAMES) as Reader[])
    .filter(reader => readers.has(reader))
    .map(reader => NAMES[reader])
  return new Intl.ListFormat('en').format(names)
}

const list = (obstacles: Obstacle[]): string => obstacles.map(({ what }) => what).join('; ')
