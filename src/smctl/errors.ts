/** The words of what goes wrong with smctl: its inputs, its download, what was downloaded. */
import { ActionError } from '../errors.ts'
import { notWritten } from '../files.ts'
import type { ExchangeError } from '../net/endpoint.ts'
import { explainNetwork, type Fixes, whatHappened } from '../net/errors.ts'
import { isTooLarge } from '../net/native-codes.ts'

export function invalidMirror(problem: string): ActionError {
  return new ActionError('INPUT_INVALID', {
    what: `The input 'smctl-mirror' ${problem}.`,
    why: 'A misspelled value, or a mirror that is not reached by https without a password.',
    fix: 'Write it like mirror.example.com, or like https://mirror.example.com/digicert/smctl.',
  })
}

export function unsupported({ os, arch }: { os: string; arch: string }): ActionError {
  return new ActionError('SMCTL_UNSUPPORTED', {
    what: `There is no smctl for this runner (${os}-${arch}).`,
    why: 'DigiCert publishes smctl for Linux and Windows on x64, and for macOS.',
    fix: "Run the job on such a runner, or leave 'install-smctl' out and sign with jsign, which runs on Java.",
  })
}

const FIX =
  "Check the runner's network, firewall and proxy. Where DigiCert's server is out of reach, give a copy as 'smctl-mirror'; with 'smctl-sha256' a copy in the tool cache needs no network at all."

const FIXES: Fixes = {
  network: FIX,
  name: `${FIX} A mirror's name must be one that its certificate lists.`,
}

function failure(what: string, why: string): ActionError {
  return new ActionError('SMCTL_DOWNLOAD', { what, why, fix: FIX })
}

/** A request that got no answer. */
export function explainExchange(error: ExchangeError, { host }: URL, timeoutMs: number): ActionError {
  if (isTooLarge(error))
    return failure(
      `${host} sends more data than any smctl has.`,
      'That server is not a mirror of smctl, or a proxy responds in its place.',
    )
  return explainNetwork(error, host, {
    what: whatHappened(host, { timeoutMs, elapsedMs: error.elapsedMs }),
    fixes: FIXES,
  })
}

export function notHandedOut({ host, pathname }: URL, status: number): ActionError {
  return failure(
    `${host} responded with ${status} for ${pathname}.`,
    status === 404 ? 'The file is not there.' : 'The server, or a proxy before it, does not hand it out.',
  )
}

export function misdirected(what: string): ActionError {
  return failure(what, 'The mirror is set up in a way that leads nowhere, or to an unprotected address.')
}

export function downloadFailed(url: URL, reason: ActionError): ActionError {
  const file = url.pathname.split('/').at(-1)
  return new ActionError(
    'SMCTL_DOWNLOAD',
    {
      what: `${file} could not be downloaded, so smctl is not installed: ${reason.message}`,
      why: reason.why,
      fix: reason.fix,
    },
    reason,
  )
}

export function noChecksum(address: URL): ActionError {
  return new ActionError('SMCTL_CHECKSUM', {
    what: `${address.href} contains no SHA-256, so smctl could not be verified and was not installed.`,
    why: 'Something else responds at that address: a login page, a proxy, or a mirror without the checksums.',
    fix: "Open the address to see. With the checksum as 'smctl-sha256' that file is not needed.",
  })
}

export function wrongDownload(
  { href }: URL,
  found: { digest: string },
  { digest }: { digest: string | undefined },
): ActionError {
  return new ActionError('SMCTL_CHECKSUM', {
    what: `${href} has the SHA-256 ${found.digest}, which is not the expected one, so smctl was not installed.`,
    ...(digest === undefined
      ? {
          why: 'A new version was being published at this moment, or the file was changed or cut short on its way.',
          fix: 'Run the job again. If the problem persists, do not use that file: compare it with a download from another network, and tell DigiCert.',
        }
      : {
          why: "DigiCert has published a new version since 'smctl-sha256' was written, or the file was changed or cut short on its way.",
          fix: "Look at what is new, and give the new digest as 'smctl-sha256'; or give a mirror that keeps the old version as 'smctl-mirror'.",
        }),
  })
}

export function cacheTampered(folder: string, digest: string): ActionError {
  return new ActionError('SMCTL_CHECKSUM', {
    what: `What the tool cache has in ${folder} is not the smctl with the SHA-256 ${digest}, so it was not installed.`,
    why: 'Somebody or something has changed the tool cache since smctl was put there: another job on this runner, or a damaged disk.',
    fix: 'Find out what happened to this runner, then delete that directory; the next run downloads smctl again.',
  })
}

export function cacheNotWritable(cause: unknown): ActionError {
  const refused = 'The tool cache is not writable for this user.'
  return notWritten(
    'Could not write smctl into the tool cache',
    refused,
    'RUNNER_TOOL_CACHE on this runner',
    cause,
  )
}

export function unpackError(what: string, cause: unknown): ActionError {
  return new ActionError(
    'SMCTL_UNPACK',
    {
      what,
      why: 'hdiutil failed, the disk is full, or DigiCert has packed this version differently.',
      fix: "Run the job again. If the problem persists, give the digest of a version that worked as 'smctl-sha256', and report this.",
    },
    cause,
  )
}
