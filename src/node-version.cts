// dist/*/index.js, the first file of every step: what carries the step out may be more than an old Node can even parse.
// So this file is written for any Node, and loads the rest once it knows that it runs on one that will do.
// It stands in the folder of its step, whose name tells it which one that is.
const step = __dirname.split(/[\\/]/).pop() || ''
const emulator = step.startsWith('emulator-')

/** 20.19 has all that is needed; 21 lacks `crypto.hash` and gets no updates. */
function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major >= 22 || (major === 20 && minor >= 19)
}

function refuse(version: string): void {
  const what = `This action needs Node 24 (22, or 20 from 20.19 on, will do), but this step runs on Node ${version}.`
  const why =
    "act, Gitea and Forgejo run actions on the Node of the job's container, and that one is too old."
  const fix =
    'Use a container image with Node 24, such as node:24-bookworm, or put that Node first on its PATH.'
  const [name, code] = emulator
    ? ['Embedded DigiCert ONE', 'EMULATOR_RUNNER']
    : ['DigiCert ONE client certificate', 'RUNNER_ENVIRONMENT']
  const lines = [what, `Likely cause: ${why}`, `Fix: ${fix}`, `See ${helpUrl(code)}`]
  console.log(`::${level()} title=${name}%3A ${code}::${lines.join('%0A')}`)
}

/** In a post step nothing fails the job, and the main step did nothing that would have to be undone. */
function level(): string {
  if (step === 'post' || step === 'emulator-stop') return 'warning'
  process.exitCode = 1
  return 'error'
}

function helpUrl(code: string): string {
  const page = `docs/${emulator ? 'emulator' : 'troubleshooting'}.md#${code.toLowerCase()}`
  const { GITHUB_SERVER_URL, GITHUB_ACTION_REPOSITORY, GITHUB_ACTION_REF } = process.env
  if (!GITHUB_ACTION_REPOSITORY) return page
  const server = GITHUB_SERVER_URL || 'https://github.com'
  return `${server}/${GITHUB_ACTION_REPOSITORY}/blob/${GITHUB_ACTION_REF || 'HEAD'}/${page}`
}

if (isSupported(process.versions.node)) require('./step.js')
else refuse(process.versions.node)
