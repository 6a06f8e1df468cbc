import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { Failure } from './failure.ts'

const PREFIX = 'digicert-one-emulator-'

/** What the main step passes on, as JSON in the only argument. Nothing in it is secret. */
export interface ServeOptions {
  folder: string
  port: number
  clientauthPort: number
  userName: string
  permissions: string[] | undefined
  p12ValiditySeconds: number
  lifetimeSeconds: number
}

/** What the server tells the steps once it responds. */
export interface Ready {
  pid: number
  port: number
  apiUrl: string
  clientauthUrl: string
  apiKey: string
  /** id of the stored P12's certificate, which is enabled from the start */
  storedId: string
  /** base64 */
  p12: string
  p12Password: string
  truststorePassword: string
  /** what Software Trust signs with */
  certificateAlias: string
  keypairAlias: string
}

/** What it tells them when it cannot start. `code` is the system's, such as EADDRINUSE. */
export interface Broken {
  code: string
  message: string
}

/**
 * The folder under RUNNER_TEMP that one emulator and the steps around it share. It is also the server's leash: when it
 * is gone, the server stops.
 */
export class Folder {
  readonly path: string

  private constructor(folder: string) {
    this.path = folder
  }

  /** @throws Failure EMULATOR_RUNNER */
  static plan(env: NodeJS.ProcessEnv): Folder {
    const parent = env.RUNNER_TEMP ?? ''
    if (parent === '') {
      throw new Failure('EMULATOR_RUNNER', {
        what: 'RUNNER_TEMP is not set.',
        why: 'This is not running as a step of a GitHub Actions job, or the runner is broken.',
        fix: 'Use it with `uses:` in a workflow. At a terminal, `npm run emulator` in a clone starts the same server.',
      })
    }
    if (!isWritable(parent)) {
      throw new Failure('EMULATOR_RUNNER', {
        what: `RUNNER_TEMP (${parent}) is not a folder that this step can write to.`,
        why: "It was deleted, is not mounted into the job's container, is read-only, or belongs to another user.",
        fix: `Fix ${parent} on the runner: it must exist and be writable for the user of this step.`,
      })
    }
    return new Folder(path.resolve(parent, PREFIX + randomBytes(8).toString('hex')))
  }

  /** One that an earlier process made; anything else is refused. */
  static find(folder: string): Folder | undefined {
    return path.basename(folder).startsWith(PREFIX) ? new Folder(folder) : undefined
  }

  get exists(): boolean {
    return existsSync(this.path)
  }

  create(): void {
    mkdirSync(this.path, { mode: 0o700 })
  }

  file(name: string): string {
    return path.join(this.path, name)
  }

  write(name: string, content: string | Buffer): void {
    // A process that waits for the file must never read half of it.
    writeFileSync(this.file(`${name}.part`), content, { mode: 0o600 })
    renameSync(this.file(`${name}.part`), this.file(name))
  }

  read(name: string): string {
    try {
      return readFileSync(this.file(name), 'utf8')
    } catch {
      return ''
    }
  }

  ready(): Ready | undefined {
    const text = this.read('ready.json')
    return text === '' ? undefined : (JSON.parse(text) as Ready)
  }

  broken(): Broken | undefined {
    const text = this.read('broken.json')
    return text === '' ? undefined : (JSON.parse(text) as Broken)
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 })
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
