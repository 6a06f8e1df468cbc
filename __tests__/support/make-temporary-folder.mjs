// Everything that a test run writes lies in one folder, which remove-temporary-folder.mjs removes at its end. Hooks in a test
// file would not do: a worker that Jest ends runs none.
import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function makeTemporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'tests-'))
  // As open as the one that it stands in for: nginx and squid run as users of their own.
  chmodSync(folder, 0o1777)
  // The last three are what os.tmpdir() and others' programs read, on POSIX and on Windows.
  Object.assign(process.env, { TEST_RUN_FOLDER: folder, TMPDIR: folder, TEMP: folder, TMP: folder })
}
