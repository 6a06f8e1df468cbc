import { clean } from '../text.ts'

/** Longer than any name that X.520 allows; far shorter than what an annotation takes. */
export const LONGEST_FILE_TEXT = 1000

/** Text that the author of a file chose, for a log line: it is cut before anything is done with it. */
export function fileText(text: string): string {
  // Four times as much, because what is removed may come first.
  return clean(text.slice(0, 4 * LONGEST_FILE_TEXT), LONGEST_FILE_TEXT)
}
