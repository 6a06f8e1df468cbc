// Tests whose steps run on the system that the configuration of Jest chose: this machine's, or Windows under Wine.
import { spawnSync } from 'node:child_process'
import { symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from '@jest/globals'
import { type PlatformTest, skipping, testOn, type Where } from '../../support/platform.ts'
import { IS_WINE } from '../../support/system.ts'
import { WINE_DRIVES } from '../../support/wine.ts'

const { WINE_MISSING } = process.env

/** `test`, or a skip that says why there is no Wine. */
export const stepsTest: PlatformTest = WINE_MISSING === undefined ? test : skipping(WINE_MISSING)

/** A test of what only some systems have. */
export function stepsTestOn(where: Where, reason: string): PlatformTest {
  return WINE_MISSING === undefined ? testOn(where, reason) : skipping(WINE_MISSING)
}

/** A test of what Wine does differently from Windows. */
export function windowsTest(reason: string): PlatformTest {
  return IS_WINE ? skipping(reason) : stepsTestOn('Windows', reason)
}

/** Gives a folder its own drive letter. */
export function mapDrive(drive: string, folder: string): { unmap(): void } {
  if (!IS_WINE) {
    spawnSync('subst', [drive, folder])
    return { unmap: () => void spawnSync('subst', [drive, '/d']) }
  }
  const link = join(WINE_DRIVES, drive.toLowerCase())
  symlinkSync(folder, link)
  return { unmap: () => unlinkSync(link) }
}
