import { setTimeout as sleep } from 'node:timers/promises'
import { connectEarly } from './digicert/early.ts'
import { DEFAULT_HOST } from './digicert/hosts.ts'
import { generateKey, type KeySize } from './x509/key.ts'

/*
 * The key takes longest and needs nothing but a thread; the first connection needs nothing but the network. So they
 * come first, and everything else loads meanwhile. An invalid mode, size or host is left to the inputs' own check,
 * which runs before any of this is used.
 */
const {
  INPUT_MODE: mode = '',
  'INPUT_KEY-SIZE': size,
  INPUT_HOST: host,
  'INPUT_CLIENTAUTH-HOST': clientauth,
} = process.env
const stored = mode.trim().toLowerCase() === 'stored'
const key = stored
  ? undefined
  : generateKey(([3072, 4096].find(bits => bits === Number(size)) ?? 2048) as KeySize)
key?.catch(() => undefined)
const early = connectEarly(stored ? 'clientauth' : 'api', host || DEFAULT_HOST, clientauth ?? '')
// Loading keeps this thread busy; a moment before it lets the name be looked up and the connection get under way.
if (early !== undefined) await Promise.race([early.socket.catch(() => undefined), sleep(5)])

const { runRoot, runStep } = await import(/* webpackMode: "eager" */ './action/run.ts')
await runStep(() => runRoot(process.env, { key, early }))
