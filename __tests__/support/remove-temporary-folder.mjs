import { rmSync } from 'node:fs'

/** A program that was just stopped may still be writing. */
const RETRIES = { maxRetries: 5, retryDelay: 200 }

export default function removeTemporaryFolder() {
  const folder = process.env.TEST_RUN_FOLDER
  if (folder === undefined) throw new Error('this test run has no temporary folder of its own')
  rmSync(folder, { recursive: true, force: true, ...RETRIES })
}
