// Everything that a test run writes is in one folder, which remove-temporary-folder.mjs removes at the end. Hooks in a test
// file are not enough: a worker that Jest stops runs none.
import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function makeTemporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'tests-'))
  // With the permissions of the folder it replaces: nginx and squid run as their own users.
  chmodSync(folder, 0o1777)
  // The last three are what os.tmpdir() and other programs read, on POSIX and on Windows.
  Object.assign(process.env, { TEST_RUN_FOLDER: folder, TMPDIR: folder, TEMP: folder, TMP: folder })
}
