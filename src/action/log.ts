import { debug, info, isDebug, notice, warning } from '@actions/core'
import type { Log } from '../ports.ts'

const TITLE = 'DigiCert ONE client certificate'

/** The job log. Annotations carry the action's name, because the pull request view shows them without context. */
export const jobLog: Log = {
  debug: line => {
    if (isDebug()) debug(line)
  },
  info: line => info(line),
  notice: line => notice(line, { title: TITLE }),
  warning: line => warning(line, { title: TITLE }),
}
