import { generateKey, type KeySize } from './x509/key.ts'

/*
 * The key takes longest and needs nothing but a thread, so it comes first; everything else loads meanwhile. An
 * invalid mode or size is left to the inputs' own check, which runs before the key could be used.
 */
const { INPUT_MODE: mode, 'INPUT_KEY-SIZE': size } = process.env
const key = /^\s*stored\s*$/i.test(mode ?? '')
  ? undefined
  : generateKey(([3072, 4096].find(bits => bits === Number(size)) ?? 2048) as KeySize)
key?.catch(() => undefined)

const { runStep } = await import(/* webpackMode: "eager" */ './action/report.ts')
const { runRoot } = await import(/* webpackMode: "eager" */ './action/root.ts')
await runStep(() => runRoot(process.env, key))
