/** The words of what goes wrong with smctl: its inputs, its download, and what was downloaded. */
import { ActionError } from '../errors.ts'
import { notWritten } from '../files.ts'
import type { ExchangeError } from '../net/endpoint.ts'
import { explainNetwork, type Fixes, whatHappened } from '../net/errors.ts'
import { isTooLarge } from '../net/native-codes.ts'

export function invalidMirror(problem: string): ActionError {
  return new ActionError('INPUT_INVALID', {
    what: `The input 'smctl-mirror' ${problem}.`,
    why: 'The value is misspelled, or the mirror needs something other than https without a password.',
    fix: 'Write it like mirror.example.com, or like https://mirror.example.com/digicert/smctl.',
  })
}

export function unsupported({ os, arch }: { os: string; arch: string }): ActionError {
  return new ActionError('SMCTL_UNSUPPORTED', {
    what: `There is no smctl for this runner (${os}-${arch}).`,
    why: 'DigiCert publishes smctl only for Linux and Windows on x64, and for macOS.',
    fix: "Run the job on such a runner, or remove 'install-smctl' and sign with jsign, which runs on Java.",
  })
}

const FIX =
  "Check the runner's network, firewall and proxy. If DigiCert's server is out of reach, name a mirror in 'smctl-mirror'; with 'smctl-sha256', a copy in the tool cache needs no network at all."

const FIXES: Fixes = {
  network: FIX,
  name: `${FIX} A mirror's name must be one that its certificate lists.`,
}

function failure(what: string, why: string): ActionError {
  return new ActionError('SMCTL_DOWNLOAD', { what, why, fix: FIX })
}

/** A request that got no response. */
export function explainExchange(error: ExchangeError, { host }: URL, timeoutMs: number): ActionError {
  if (isTooLarge(error))
    return failure(
      `${host} sent more data than any smctl contains.`,
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
    status === 404
      ? "'smctl-mirror' names another folder, or the mirror does not have this file."
      : 'The server, or a proxy in front of it, does not provide the file.',
  )
}

export function misdirected(what: string): ActionError {
  return failure(what, 'The mirror is misconfigured, or a login page or proxy responds in its place.')
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
    why: 'The mirror does not provide checksums, or a login page or proxy responds at that address.',
    fix: "Open the address to see what is there. If you set 'smctl-sha256', that file is not needed.",
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
          why: 'DigiCert was publishing a new version at this moment, or the file was changed or cut off on the way.',
          fix: 'Run the job again. If the problem persists, do not use that file: compare it with a download from another network, and tell DigiCert.',
        }
      : {
          why: "DigiCert has published a new version since 'smctl-sha256' was set, or the file was changed or cut off on the way.",
          fix: "Review the new version and set 'smctl-sha256' to its digest; or name in 'smctl-mirror' a mirror that keeps the old version.",
        }),
  })
}

export function cacheTampered(folder: string, digest: string): ActionError {
  return new ActionError('SMCTL_CHECKSUM', {
    what: `The file in the tool cache (${folder}) is not the smctl with the SHA-256 ${digest}, so it was not installed.`,
    why: 'Another job on this runner changed the tool cache after smctl was stored there, or the disk is damaged.',
    fix: 'Find out what changed the file, then delete that directory; the next run downloads smctl again.',
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
      why: 'The disk is full, hdiutil failed, or DigiCert has packaged this version differently.',
      fix: "Run the job again. If the problem persists, set 'smctl-sha256' to the digest of a version that worked, and report this.",
    },
    cause,
  )
}
