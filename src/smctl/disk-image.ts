import { chmod, copyFile, mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackError } from './errors.ts'

/** macOS's own program for disk images, called with these arguments; rejects when it fails. */
export type Hdiutil = (...args: string[]) => Promise<void>

/**
 * Copies one file out of a disk image, which is mounted for that long.
 * @param mountPoint a directory that does not exist yet
 * @throws ActionError SMCTL_UNPACK
 */
export async function copyFromImage(
  image: string,
  name: string,
  target: string,
  { mountPoint, hdiutil }: { mountPoint: string; hdiutil: Hdiutil },
): Promise<void> {
  try {
    await mkdir(mountPoint)
    await hdiutil('attach', image, '-mountpoint', mountPoint, '-readonly', '-nobrowse', '-quiet')
  } catch (cause) {
    throw unpackError('The disk image with smctl could not be opened.', cause)
  }
  try {
    await copyFile(join(mountPoint, name), target)
    await chmod(target, 0o700)
  } catch (cause) {
    throw unpackError(`${name} could not be copied out of the disk image.`, cause)
  } finally {
    await detach(mountPoint, hdiutil)
    await rmdir(mountPoint).catch(() => undefined)
  }
}

/** Spotlight may be looking at it; then it takes force. One that stays mounted goes with the runner. */
async function detach(mountPoint: string, hdiutil: Hdiutil): Promise<void> {
  try {
    await hdiutil('detach', mountPoint, '-quiet')
  } catch {
    await hdiutil('detach', mountPoint, '-force', '-quiet').catch(() => undefined)
  }
}
