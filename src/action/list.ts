import type { ClientPorts } from '../digicert/client.ts'

/** What reads DigiCert ONE's list of certificates: a part, because most steps never ask for the list. */
export const loadList: ClientPorts['loadList'] = () =>
  import(/* webpackIgnore: true */ '../parts/list/index.ts')
