// Preloaded into a step to simulate a far network: `localhost` has an IPv6 and an IPv4 address, and the variables
// FAR_IPV6 and FAR_IPV4 say what happens to a connection to each: `unreachable`, `silent` (never responds),
// `gives-up` (the system does, after 300 ms), or how many milliseconds it takes. FAR_FIRST is the family that the
// system's resolver puts first: 4 where there is no route for IPv6 (RFC 6724).
const dns = require('node:dns')

dns.lookup = (_name, options, done) => {
  const found = [
    { address: '::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ]
  if (process.env.FAR_FIRST === '4') found.reverse()
  process.nextTick(() => (options.all ? done(null, found) : done(null, found[0].address, found[0].family)))
}

const { TCP } = process.binding('tcp_wrap')
const ENETUNREACH = -101
const ETIMEDOUT = -110

for (const [method, fate] of [
  ['connect6', process.env.FAR_IPV6],
  ['connect', process.env.FAR_IPV4],
]) {
  const connect = TCP.prototype[method]
  TCP.prototype[method] = function (request, ...to) {
    if (fate === 'unreachable') return ENETUNREACH
    if (fate === 'gives-up') setTimeout(() => request.oncomplete(ETIMEDOUT, this, request, true, true), 300)
    else if (fate !== 'silent') setTimeout(() => connect.call(this, request, ...to), Number(fate))
    return 0
  }
}
