// Loaded before a bundle: breaks it from outside any promise chain, as soon as possible, with an error that quotes every
// secret it was given.
const once = process.once.bind(process)
process.once = (event, listener) => {
  once(event, listener)
  if (event === 'uncaughtException') process.nextTick(crash)
  return process
}

function crash() {
  const secrets = Object.entries(process.env).filter(([name]) => name.startsWith('INPUT_'))
  const error = new TypeError(JSON.stringify(secrets), { cause: new Error(JSON.stringify(secrets)) })
  if (process.env.CRASH === 'rejection') Promise.reject(error)
  else throw error
}
