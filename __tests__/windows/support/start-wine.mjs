import makeTemporaryFolder from '../../support/make-temporary-folder.mjs'
import { hasWine, startWine, whyNoWine } from '../../support/wine.ts'

export default async function start() {
  makeTemporaryFolder()
  const missing = whyNoWine() ?? (hasWine() ? undefined : 'Wine is not installed (scripts/get-wine.ts)')
  if (missing !== undefined) {
    process.env.WINE_MISSING = missing
    return
  }
  const wine = await startWine([process.env.TEST_RUN_FOLDER])
  process.env.WINE_HOLDER = wine.holder
  globalThis.stopWine = wine.stop
}
