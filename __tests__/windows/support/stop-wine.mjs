import removeTemporaryFolder from '../../support/remove-temporary-folder.mjs'

export default async function stop() {
  await globalThis.stopWine?.()
  removeTemporaryFolder()
}
