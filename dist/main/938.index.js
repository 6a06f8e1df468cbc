export const id = 938;
export const ids = [938];
export const modules = {

/***/ 2938:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  runRoot: () => (/* reexport */ runRoot),
  runStep: () => (/* reexport */ runStep)
});

// EXTERNAL MODULE: ./node_modules/@actions/core/lib/core.js + 7 modules
var core = __webpack_require__(3838);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
;// CONCATENATED MODULE: ./build/text.js
/**
 * Server text is data. This is the one place where it is made safe for a line of log or an error: no control
 * characters (ANSI escapes, line breaks that would start a workflow command), no invisible or direction-changing
 * characters, no `##[` (a workflow command anywhere in a line, for older runners).
 */
function printable(text) {
    return text
        .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, '')
        .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]+/gu, ' ')
        .replace(/##\[/g, '# #[');
}
/** The same of whatever a server sent, without space around it and of bounded length; empty when it is no text. */
function clean(text, limit = 300) {
    if (typeof text !== 'string')
        return '';
    const plain = printable(text).trim();
    const characters = [...plain];
    return characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : plain;
}
/** `1 certificate`, `2 certificates` */
function counted(count, noun) {
    return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

;// CONCATENATED MODULE: ./build/action/report.js



/** Runs one step of the action: reports what goes wrong, and ends the process. */
async function runStep(step) {
    // A mistake of ours outside any promise chain must not print a stack trace either.
    process.once('uncaughtException', error => {
        report(toActionError(error));
        exitWhenFlushed(1);
    });
    let exitCode = 0;
    try {
        await step();
    }
    catch (error) {
        report(toActionError(error));
        exitCode = 1;
    }
    exitWhenFlushed(exitCode);
}
/** The one place that turns an error into words for a person. */
function report(error) {
    const help = `See ${troubleshootingUrl(error, process.env)}`;
    (0,core/* error */.z3)(`${error.message}\nLikely cause: ${error.why}\nFix: ${error.fix}\n${help}`, {
        title: `DigiCert ONE client certificate: ${error.code}`,
    });
    if ((0,core/* isDebug */._o)())
        for (const line of stackLines(error))
            (0,core/* debug */.Yz)(line);
}
/** In the post step nothing fails the job. */
function reportAsWarning(error) {
    const { code, message, why, fix } = toActionError(error);
    warning(`Cleaning up did not finish: ${message}\nLikely cause: ${why}\nFix: ${fix}`, {
        title: `DigiCert ONE client certificate: ${code}`,
    });
}
/** Anything else than an ActionError is a mistake of ours; its own words may hold anything, so they are not shown. */
function toActionError(error) {
    if (error instanceof errors/* ActionError */.lZ)
        return error;
    const code = String(error?.code);
    if (/^(ENOSPC|EDQUOT|EROFS|EACCES|EPERM|EIO)$/.test(code))
        return writeError(code, error);
    const name = error instanceof Error ? clean(error.name, 40) : typeof error;
    return new errors/* ActionError */.lZ('INTERNAL', {
        what: `Something unexpected happened (${name}).`,
        why: 'This is probably a mistake in this action.',
        fix: 'Run the job again with debug logging (secret ACTIONS_STEP_DEBUG = true) and report what it prints.',
    }, error);
}
/** The runner's own files could not be written: outputs, environment, state. */
function writeError(code, cause) {
    return new errors/* ActionError */.lZ('FILE_WRITE', {
        what: `The runner's files for outputs, environment and state could not be written (${code}).`,
        why: code === 'ENOSPC' || code === 'EDQUOT' ? 'The disk is full.' : 'They are not writable for this user.',
        fix: 'Check the free space and the permissions of the runner.',
    }, cause);
}
/**
 * Ends the process without waiting for what is still under way (a key on the thread pool, an idle connection), but
 * not before the log is written: on Windows stdout may be asynchronous.
 */
function exitWhenFlushed(exitCode) {
    process.exitCode = exitCode;
    process.stdout.write('', () => process.exit(exitCode));
}
/**
 * On SIGINT and SIGTERM (a cancelled job) the step ends at once; the post step does the rest.
 * @param tidy must not throw
 */
function onCancel(tidy) {
    const end = (signal) => {
        tidy();
        (0,core/* info */.pq)(`Cancelled (CANCELLED): got ${signal}. The post step disables what was issued and deletes what is left.`);
        exitWhenFlushed(signal === 'SIGINT' ? 130 : 143);
    };
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals)
        process.once(signal, end);
    return {
        disarm: () => {
            for (const signal of signals)
                process.off(signal, end);
        },
    };
}
/** The post step finishes what it does: what it leaves behind would stay. */
function ignoreCancel() {
    for (const signal of ['SIGINT', 'SIGTERM'])
        process.on(signal, () => info(`Got ${signal}; finishing the clean-up first.`));
}
function troubleshootingUrl({ code }, env) {
    const page = `docs/troubleshooting.md#${code.toLowerCase()}`;
    const { GITHUB_ACTION_REPOSITORY: repository, GITHUB_ACTION_REF: ref } = env;
    if (!repository)
        return page;
    return `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${repository}/blob/${ref || 'HEAD'}/${page}`;
}
function stackLines(error) {
    if (!(error instanceof Error))
        return [];
    return [...(error.stack ?? '').split('\n'), ...stackLines(error.cause)];
}

// EXTERNAL MODULE: ./build/digicert/sockets.js
var sockets = __webpack_require__(5926);
;// CONCATENATED MODULE: ./build/digicert/undici.js
let loaded;
/**
 * The one client and the one call of undici that this action uses, loaded when first needed (and while a connection
 * is already being made). The package's index would load its fetch, caches, mocks and websockets as well: three
 * times the work.
 */
function loadUndici() {
    loaded ??= Promise.all([
        Promise.resolve(/* import() eager */).then(__webpack_require__.t.bind(__webpack_require__, 3701, 19)),
        Promise.resolve(/* import() eager */).then(__webpack_require__.t.bind(__webpack_require__, 4043, 19)),
    ]).then(([client, request]) => ({
        Client: client.default,
        send: (target, options) => request.default.call(target, options),
    }));
    return loaded;
}

;// CONCATENATED MODULE: ./build/digicert/endpoint.js


/** A request that got no complete answer. */
class ExchangeError extends Error {
    name = 'ExchangeError';
    /** False only when it is certain that the server never saw the request. */
    mayHaveArrived;
    constructor(mayHaveArrived, cause) {
        super('no complete answer', { cause });
        this.mayHaveArrived = mayHaveArrived;
    }
}
/** The code of a native error that stands for an answer beyond `maxBytes`. */
const TOO_LARGE = 'ERR_ANSWER_TOO_LARGE';
/** The code of a native error that stands for a connection not made in time. */
const CONNECT_TIMEOUT = 'ERR_CONNECT_TIMEOUT';
/** How long a TLS alert may come after the connection's end. */
const ALERT_WITHIN_MS = 100;
/**
 * One https origin and the connection to it. Connecting can begin before there is anything to ask (`reach`, `open`),
 * so that it overlaps other work; undici then gets the socket that is already there.
 */
class Endpoint {
    origin;
    #url;
    #options;
    /** Those still worth trying. */
    #roots;
    #identity;
    #tcp;
    #tls;
    #client;
    #socket;
    #socketError;
    constructor(origin, options) {
        this.origin = origin;
        this.#url = new URL(origin);
        this.#options = options;
        this.#roots = (0,sockets/* rootsInTurn */.Yo)(options.caCertificates);
    }
    /** Uses a TCP connection that was begun before. */
    adopt(socket) {
        this.#tcp = this.#withinTimeout(socket);
        this.#tcp.catch(() => undefined);
    }
    /** Begins the TCP connection. Failures surface with the first request. */
    reach() {
        this.#tcp ??= this.#withinTimeout(this.#openTcp());
        this.#tcp.catch(() => undefined);
    }
    /** Begins the TLS connection. Failures surface with the first request. */
    open() {
        this.#tls ??= this.#openTls();
        this.#tls.catch(() => undefined);
    }
    /** From here on, requests present this client certificate. Call it before the first request. */
    present(identity) {
        this.#identity = identity;
    }
    /**
     * Sends one request and reads the whole answer. Redirects are not followed.
     * @throws ExchangeError
     */
    async request({ maxBytes, ...request }) {
        const signal = AbortSignal.timeout(this.#options.timeoutMs);
        const before = this.#socket;
        const connected = before !== undefined && !before.destroyed;
        try {
            // Loading undici and connecting take place at the same time.
            if (!connected)
                this.open();
            const { Client, send } = await loadUndici();
            this.#client ??= new Client(this.origin, {
                connect: (_options, done) => {
                    this.#takeSocket().then(socket => done(null, socket), (error) => done(error, null));
                },
                pipelining: 1,
            });
            const { statusCode, headers, body } = await send(this.#client, { ...request, signal });
            return { status: statusCode, headers, body: await readAtMost(body, maxBytes) };
        }
        catch (error) {
            // Without a connection, old or new, nothing was sent.
            throw new ExchangeError(connected || this.#socket !== before, await this.#alertBehind(error));
        }
    }
    /** Drops the connection and whatever is under way on it. */
    async close() {
        await this.#client?.destroy();
        for (const pending of [this.#tls, this.#tcp]) {
            pending?.then(socket => socket.destroy()).catch(() => undefined);
        }
    }
    async #takeSocket() {
        const prepared = this.#tls;
        this.#tls = undefined;
        this.#socket = await (0,sockets/* stillOpen */.vJ)(prepared, () => this.#openTls());
        return this.#socket;
    }
    #openTcp() {
        return (0,sockets/* openTcp */.UD)(this.#url, this.#options.caCertificates);
    }
    #openTls() {
        const prepared = this.#tcp;
        this.#tcp = undefined;
        return this.#withinTimeout(this.#handshake((0,sockets/* stillOpen */.vJ)(prepared, () => this.#openTcp())));
    }
    /** With the first set of trust anchors, and where that does not know the server with the next one. */
    async #handshake(tcp) {
        const [roots, next] = this.#roots;
        try {
            return await this.#startTls(await tcp, roots?.() ?? {});
        }
        catch (error) {
            if (next === undefined || !(0,sockets/* isUntrusted */.fb)(error))
                throw error;
            this.#roots = this.#roots.slice(1);
            return await this.#handshake(this.#openTcp());
        }
    }
    #startTls(tcp, roots) {
        this.#socketError = undefined;
        return (0,sockets/* startTls */.w1)(tcp, this.#url, {
            roots,
            identity: this.#identity,
            // With TLS 1.3 a client certificate is refused after the handshake, by an alert that only the socket shows.
            // Only the first error counts: undici destroys the socket with one of its own.
            onError: error => {
                this.#socketError ??= error;
            },
        });
    }
    #withinTimeout(pending) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                reject((0,sockets/* withCode */.SM)(CONNECT_TIMEOUT, 'no connection in time'));
                pending.then(socket => socket.destroy()).catch(() => undefined);
            }, this.#options.timeoutMs);
            pending.then(resolve, reject).finally(() => clearTimeout(timer));
        });
    }
    /** The TLS alert that undici reports as "other side closed", when there was one. */
    async #alertBehind(error) {
        const socket = this.#socket;
        if (socket !== undefined && !socket.closed && error.code === 'UND_ERR_SOCKET') {
            await Promise.race([
                new Promise(resolve => socket.once('close', resolve)),
                new Promise(resolve => setTimeout(resolve, ALERT_WITHIN_MS)),
            ]);
        }
        const alert = this.#socketError;
        this.#socketError = undefined;
        return alert?.code?.startsWith('ERR_SSL') ? alert : error;
    }
}
async function readAtMost(body, maxBytes) {
    const chunks = [];
    let length = 0;
    for await (const chunk of body) {
        length += chunk.length;
        if (length > maxBytes)
            throw (0,sockets/* withCode */.SM)(TOO_LARGE, 'answer too large');
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
}

// EXTERNAL MODULE: ./build/digicert/hosts.js
var digicert_hosts = __webpack_require__(6811);
;// CONCATENATED MODULE: ./build/digicert/failures.js
/** Requests that got no answer: what the native error means, in words. */



/** True when the clientauth host, or a server in front of it, refused the certificate in the handshake. */
function isCertificateAlert(error) {
    return /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)|ALERT_NUMBER_4/.test(nativeCode(error.cause));
}
/** True when the connection was closed without a word, which is how some servers refuse a client certificate. */
function isBrokenOff(error) {
    return /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(nativeCode(error.cause));
}
/** The words for a clientauth host that breaks off whenever it is shown the certificate. */
function explainBrokenOff(host, error) {
    const what = `${host} closes the connection when it is shown the certificate (${nativeCode(error.cause)}).`;
    const why = 'It refuses the certificate without saying so, or a device in between closes the connection.';
    return new errors/* ActionError */.lZ('CERT_REFUSED', { what, why, fix: LISTEN_HINT }, error);
}
/** Turns a request that got no answer into words. */
function explainExchange(error, origin, timeoutMs) {
    const host = (0,digicert_hosts/* hostOf */.w4)(origin);
    const code = nativeCode(error.cause);
    const rule = NETWORK_RULES.find(([pattern]) => pattern.test(code));
    if (rule === undefined)
        return new errors/* ActionError */.lZ('CONNECTION_FAILED', connectionLost(host, code), error.cause);
    const [, name, words] = rule;
    return new errors/* ActionError */.lZ(name, words({ host, code, seconds: timeoutMs / 1000, cause: error.cause }), error.cause);
}
const LISTEN_HINT = "Check 'host' (and 'clientauth-host'), then the runner's network, firewall and proxy.";
const NETWORK_RULES = [
    [
        /^(ENOTFOUND|EAI_AGAIN|EAI_NODATA)$/,
        'HOST_NOT_FOUND',
        ({ host }) => ({
            what: `The name ${host} could not be resolved.`,
            why: 'The host is misspelled, or this runner cannot reach a DNS server that knows it.',
            fix: `Known hosts are ${digicert_hosts/* KNOWN_HOSTS */.SE}. ${LISTEN_HINT}`,
        }),
    ],
    [
        /^(ERR_CONNECT_TIMEOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT|TimeoutError|ABORT_ERR)$/,
        'TIMEOUT',
        ({ host, code, seconds }) => ({
            what: `${host} ${code === CONNECT_TIMEOUT ? 'could not be connected to' : 'did not answer'} within ${seconds} s.`,
            why: 'A firewall drops the packets, the network is slow, or the service is overloaded.',
            fix: `${LISTEN_HINT} If the network is just slow, raise 'timeout'.`,
        }),
    ],
    [
        /^ERR_PROXY_FAILED$/,
        'PROXY_REFUSED',
        ({ host, cause }) => ({
            what: `The proxy opened no connection to ${host}: ${cause.message}.`,
            why: 'The proxy is not reachable, wants a user name and password (407), or does not allow this host (403).',
            fix: 'Check HTTPS_PROXY and its credentials, allow the API and the clientauth host on the proxy, or put them into NO_PROXY.',
        }),
    ],
    [
        /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_UNTRUSTED|INVALID_CA|CERT_SIGNATURE_FAILURE|CERT_REVOKED|INVALID_PURPOSE)$/,
        'TLS_UNTRUSTED',
        ({ host, code }) => ({
            what: `The TLS certificate of ${host} is not trusted (${code}).`,
            why: 'An on-premises DigiCert ONE has a private CA, or a proxy opens the TLS connections.',
            fix: "Give that CA's certificate as 'ca-certificates' (PEM, or a path to it). Verification cannot be switched off.",
        }),
    ],
    [
        /^ERR_TLS_CERT_ALTNAME_INVALID$/,
        'TLS_NAME_MISMATCH',
        ({ host }) => ({
            what: `The server at ${host} shows a TLS certificate for another name.`,
            why: 'The host is misspelled, or its DNS name points to another server or a proxy.',
            fix: "Check 'host' and 'clientauth-host': they must be names that the server's certificate lists.",
        }),
    ],
    [
        /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
        'TLS_SERVER_EXPIRED',
        ({ host, code }) => ({
            what: `The TLS certificate of the server ${host} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}.`,
            why: "The server's own certificate needs renewal (this is not your client certificate), or this runner's clock is wrong.",
            fix: "Check the runner's clock, then tell whoever operates that server.",
        }),
    ],
    [
        /^(ERR_SSL_|EPROTO|ERR_TLS_|ERR_OSSL)/,
        'TLS_FAILED',
        ({ host, code }) => ({
            what: `No TLS connection to ${host} could be made (${code}).`,
            why: /WRONG_VERSION_NUMBER/.test(code)
                ? 'Something that does not speak TLS answers on that port.'
                : 'The server, or a proxy between, does not speak TLS 1.2 or 1.3, or broke off the handshake.',
            fix: LISTEN_HINT,
        }),
    ],
];
function connectionLost(host, code) {
    const refused = code === 'ECONNREFUSED';
    return {
        what: refused
            ? `${host} refused the connection.`
            : `The connection to ${host} failed (${code || 'no reason given'}).`,
        why: refused
            ? 'Nothing listens on that host and port, or a firewall rejects it.'
            : 'The server or a device between closed it.',
        fix: refused ? LISTEN_HINT : `Run the job again. If it stays: ${LISTEN_HINT}`,
    };
}
/** The most telling code of a native error; with several addresses Node wraps one error for each. */
function nativeCode(error) {
    if (typeof error !== 'object' || error === null)
        return '';
    const { code, errors, name } = error;
    if (typeof code === 'string')
        return code;
    if (Array.isArray(errors) && errors.length > 0)
        return nativeCode(errors[0]);
    return name === 'TimeoutError' ? name : '';
}
/** Refused for being larger than any real answer. */
function isTooLarge(error) {
    return nativeCode(error.cause) === TOO_LARGE;
}

;// CONCATENATED MODULE: ./build/duration.js
const UNITS = { d: 86_400, h: 3_600, m: 60, s: 1 };
/**
 * Reads `90d`, `12h`, `30m`, `45s` or a combination from large to small (`1d12h`).
 * @returns seconds, or undefined when it is written in another way
 */
function parseDuration(text) {
    const match = /^(?:(\d{1,6})d)?\s*(?:(\d{1,6})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,9})s)?$/i.exec(text.trim());
    if (match === null || match[0] === '')
        return undefined;
    const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
    return (Number(days) * UNITS.d + Number(hours) * UNITS.h + Number(minutes) * UNITS.m + Number(seconds) * UNITS.s);
}
/** Writes seconds as an input would have them, `1d12h`. */
function formatDuration(seconds) {
    let rest = seconds;
    const parts = Object.entries(UNITS).map(([unit, size]) => {
        const count = Math.floor(rest / size);
        rest -= count * size;
        return count === 0 ? '' : `${count}${unit}`;
    });
    return parts.join('') || '0s';
}

;// CONCATENATED MODULE: ./build/digicert/retry.js


/** Something went wrong, and more can be tried. */
class Setback extends Error {
    /** What the user gets when nothing helps. */
    reason;
    /** Milliseconds that the server asks to wait, if it does. */
    waitMs;
    constructor(reason, waitMs) {
        super(reason.message);
        this.reason = reason;
        this.waitMs = waitMs;
    }
}
/** Thrown by an attempt that may be made again. */
class Again extends Setback {
    name = 'Again';
}
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
/** A request, its repeats and its waits together never take longer than this many milliseconds. */
function timeBudget(timeoutMs, retries) {
    return Math.max(timeoutMs * (retries + 1), 60_000);
}
/**
 * Runs `attempt` until it succeeds, throws something other than `Again`, or no attempt or time is left.
 * Waits with full jitter, or as long as the server says.
 */
async function withRetries(policy, { clock, random, log }, attempt) {
    const deadline = clock.now().getTime() + policy.budgetMs;
    for (let count = 0;; count++) {
        try {
            return await attempt();
        }
        catch (error) {
            if (!(error instanceof Again))
                throw error;
            if (count === policy.retries)
                throw error.reason;
            const wait = waitWithin(deadline - clock.now().getTime(), error.waitMs ?? jitter(count, random), error);
            log.info(`${error.message} Trying again in ${span(wait)} (${count + 1} of ${policy.retries}).`);
            await clock.sleep(wait);
        }
    }
}
/** @throws ActionError when waiting would take longer than there is time */
function waitWithin(leftMs, waitMs, { reason }) {
    if (waitMs <= leftMs)
        return waitMs;
    throw new errors/* ActionError */.lZ(reason.code, {
        what: `${reason.message} Asking again makes sense after ${span(waitMs)}, which is longer than this step waits.`,
        why: reason.why,
        fix: `${reason.fix} Run the job again after that time.`,
    }, reason);
}
/**
 * Reads `Retry-After`, which comes in seconds or as an HTTP date (RFC 9110 §10.2.3).
 * @returns milliseconds, or undefined when there is none that makes sense
 */
function parseRetryAfter(header, now) {
    if (typeof header !== 'string')
        return undefined;
    const text = header.trim();
    if (/^\d{1,9}$/.test(text))
        return Number(text) * 1000;
    const date = Date.parse(text);
    return Number.isNaN(date) || !/[a-z]/i.test(text) ? undefined : Math.max(0, date - now.getTime());
}
/** AWS's "full jitter": anything from 0 to the doubling bound, so that parallel jobs do not come back together. */
function jitter(count, random) {
    const bound = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** count);
    return Math.round((random.bytes(4).readUInt32BE() / 0xffffffff) * bound);
}
/** `0.4 s`, and from a minute on as inputs are written, `1h30m`. */
function span(ms) {
    return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(Math.ceil(ms / 1000));
}

;// CONCATENATED MODULE: ./build/digicert/clientauth.js



/** The clientauth host does not accept the client certificate; the message says how it put that. */
class CertificateRefused extends Error {
    name = 'CertificateRefused';
    constructor(answer, cause) {
        super(answer, { cause });
    }
}
/** The API says 403, or 401 for an expired one; nginx before it says 400, or its own 495 and 496. */
const CERTIFICATE_REFUSALS = [400, 401, 403, 495, 496];
/** The ways in which the clientauth host refuses a certificate: by an answer, a TLS alert, or without a word. */
const certificateRefusals = {
    ofAnswer({ status }, reason) {
        return CERTIFICATE_REFUSALS.includes(status) ? new CertificateRefused(reason.message, reason) : undefined;
    },
    ofFailure(error, origin) {
        const host = (0,digicert_hosts/* hostOf */.w4)(origin);
        if (isCertificateAlert(error)) {
            return new CertificateRefused(`${host} refused it in the TLS handshake (${nativeCode(error.cause)}).`, error);
        }
        return isBrokenOff(error) ? new Again(explainBrokenOff(host, error)) : undefined;
    },
};

;// CONCATENATED MODULE: ./build/digicert/records.js


/** What an answer to `PUT …/enable` says the certificate is now; undefined when it does not say. */
function readEnabled(body) {
    try {
        const value = JSON.parse(body);
        return isObject(value) && typeof value.enabled === 'boolean' ? value.enabled : undefined;
    }
    catch {
        return undefined;
    }
}
/** @throws ActionError RESPONSE_INVALID when it is no certificate record */
function parseCertificateRecord(value) {
    const record = asObject(value, 'a certificate record');
    const id = typeof record.id === 'number' ? String(record.id) : records_text(record, 'id');
    // The id goes into a URL path: anything but these characters is not an id.
    if (!/^\w[\w.-]{0,99}$/.test(id))
        throw invalidResponse('a certificate record without a usable id');
    return {
        id,
        name: records_text(record, 'name'),
        userId: records_text(record, 'user_id'),
        serialNumber: records_text(record, 'serial_number'),
        enabled: typeof record.enabled === 'boolean' ? record.enabled : undefined,
        startDate: date(record, 'start_date'),
        endDate: date(record, 'end_date'),
        certificate: pem(record, 'x509_cert'),
        caCertificates: pem(record, 'ca_cert'),
    };
}
/** @throws ActionError RESPONSE_INVALID when it is no user */
function parseUser(value) {
    const user = asObject(value, 'a user');
    const id = records_text(user, 'id');
    if (id === '')
        throw invalidResponse('a user without an id');
    const applications = Array.isArray(user.applications) ? user.applications : [];
    const permissions = applications.flatMap(application => {
        const list = isObject(application) ? application.permissions : [];
        return Array.isArray(list)
            ? list.filter(item => typeof item === 'string').map(item => clean(item, 100))
            : [];
    });
    return {
        id,
        name: records_text(user, 'friendly_name') || records_text(user, 'email'),
        status: records_text(user, 'status'),
        permissions,
    };
}
/** Reads both of DigiCert's error shapes, `{"errors":[…]}` and `{"error":{…}}`; empty strings for anything else. */
function parseServerError(value) {
    if (!isObject(value))
        return { code: '', message: '' };
    const first = Array.isArray(value.errors) ? value.errors[0] : value.error;
    if (!isObject(first))
        return { code: '', message: clean(first ?? value.message) };
    return { code: clean(first.code ?? first.status, 60), message: clean(first.message) };
}
/** In a list of thousands nobody needs the certificates themselves, which are most of what an entry weighs. */
function parseListed(value) {
    return { ...parseCertificateRecord(value), certificate: '', caCertificates: '' };
}
/** @throws ActionError RESPONSE_INVALID when it is no list */
function parseListPage(value) {
    if (Array.isArray(value))
        return { records: value.map(parseListed), total: undefined, offset: undefined };
    const envelope = asObject(value, 'a list of certificates');
    if (!Array.isArray(envelope.items))
        throw invalidResponse('no list of certificates');
    return {
        records: envelope.items.map(parseListed),
        total: count(envelope, 'total'),
        offset: count(envelope, 'offset'),
    };
}
function invalidResponse(got, cause) {
    return new errors/* ActionError */.lZ('RESPONSE_INVALID', {
        what: `The server answered, but with ${got}.`,
        why: 'A proxy or another service answers in its place, the answer was cut off, or the API has changed.',
        fix: "Check 'host', then run the job again; if it stays, report it with this code and the server's name.",
    }, cause);
}
function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function asObject(value, expected) {
    if (!isObject(value))
        throw invalidResponse(`something that is not ${expected}`);
    return value;
}
function records_text(object, key) {
    return clean(object[key]);
}
function pem(object, key) {
    const value = object[key];
    return typeof value === 'string' ? value : '';
}
function count(object, key) {
    const value = object[key];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
function date(object, key) {
    const value = object[key];
    const parsed = typeof value === 'string' ? new Date(value) : undefined;
    return parsed === undefined || Number.isNaN(parsed.getTime()) ? undefined : parsed;
}

;// CONCATENATED MODULE: ./build/digicert/refusals.js
/** Answers that are no success: what the server says no to, in words. */



/** The answer of a server that refused, and what it said. */
function explainRefusal(response, said, request) {
    const { status } = response;
    const host = (0,digicert_hosts/* hostOf */.w4)(request.origin);
    const quoted = [said.code, said.message].filter(part => part !== '').join(': ');
    const answer = `${host} answered ${request.method} ${request.path} with ${status}${quoted === '' ? '' : ` (${quoted})`}.`;
    if (isNicknameTaken(said))
        return refusal('REQUEST_REFUSED', answer, 'The nickname is taken.', "Choose another 'name'.");
    if (status === 429) {
        const why = 'Too many requests with this API key in a short time (limits are per API key).';
        return refusal('RATE_LIMITED', answer, why, "Run fewer jobs at once with one key, or raise 'retries'.");
    }
    if (status >= 500) {
        return refusal('SERVER_ERROR', answer, 'DigiCert ONE, or a gateway before it, has a problem.', "See DigiCert's status page; run the job again later.");
    }
    if (status >= 300 && status < 400)
        return wrongHost(answer, `It redirects, and an API key never follows a redirect.`);
    if (status === 404)
        return explainNotFound(answer, said, request);
    return explainClientError(status, answer);
}
/** DigiCert says `resource_not_found` of a certificate; otherwise the server just has no such page. */
function explainNotFound(answer, said, { method }) {
    if (method !== 'PUT' || !/not.?found/i.test(said.code))
        return wrongHost(answer, 'That host exists but has no such address.');
    const why = 'It was deleted, or it belongs to another service user or account.';
    return refusal('NOT_FOUND', answer, why, "Check the id, and that 'api-key' and 'host' belong to it.");
}
function explainClientError(status, answer) {
    if (status === 401) {
        const why = 'The API key is wrong, expired or deleted, or it belongs to another environment (a demo key on the production host).';
        return refusal('API_KEY_INVALID', answer, why, "Check the secret behind 'api-key' and that 'host' is the environment where the key was made.");
    }
    if (status === 413) {
        const why = 'A gateway before DigiCert ONE allows less than the few kB of a request.';
        return refusal('REQUEST_REFUSED', answer, why, 'Tell whoever operates that gateway or proxy.');
    }
    if (status === 403) {
        const why = 'The service user is inactive, or its role does not allow this.';
        return refusal('ACCESS_DENIED', answer, why, 'In DigiCert ONE, open the service user: it must be active and may need a role with access to client authentication certificates.');
    }
    return refusal('REQUEST_REFUSED', answer, 'DigiCert ONE does not accept these values.', "Compare the server's words above with the inputs 'name', 'subject', 'validity' and 'key-size'.");
}
/** DigiCert's `duplicate_error`, whatever status it comes with. */
function isNicknameTaken(said) {
    return /duplicate/i.test(said.code) || /^nickname\b.*already exists/i.test(said.message);
}
/** For a body that is no JSON where JSON was promised: another service answers. */
function explainNoJson(response, request) {
    if (!isWebPage(response))
        return invalidResponse('a body that is not complete JSON');
    const answer = `${(0,digicert_hosts/* hostOf */.w4)(request.origin)} answered ${request.method} ${request.path} with a web page instead of JSON.`;
    return wrongHost(answer, 'It is no DigiCert ONE API host, or a proxy or login page answers in its place.');
}
function isWebPage({ headers, body }) {
    return /html/i.test(String(headers['content-type'] ?? '')) || /^\s*</.test(body);
}
function wrongHost(what, why) {
    return refusal('WRONG_HOST', what, why, `Check 'host' (and 'clientauth-host'). Known hosts are ${digicert_hosts/* KNOWN_HOSTS */.SE}.`);
}
function refusal(code, what, why, fix) {
    return new errors/* ActionError */.lZ(code, { what, why, fix });
}

;// CONCATENATED MODULE: ./build/digicert/json-endpoint.js





/** A request that got no answer. */
class NoAnswer extends Setback {
    name = 'NoAnswer';
    /** False only when it is certain that the server never saw the request. */
    mayHaveArrived;
    constructor(reason, mayHaveArrived) {
        super(reason);
        this.mayHaveArrived = mayHaveArrived;
    }
    /** What to throw for a request that may be repeated: some failures the next attempt would only meet again. */
    get repeatable() {
        return LASTING.includes(this.reason.code) ? this.reason : new Again(this.reason);
    }
}
const LASTING = [
    'RESPONSE_INVALID',
    'TLS_UNTRUSTED',
    'TLS_NAME_MISMATCH',
    'TLS_SERVER_EXPIRED',
    'PROXY_REFUSED',
];
/** An endpoint that speaks JSON: decides what an answer or its absence means, and asks again where that helps. */
class JsonEndpoint extends Endpoint {
    #timeoutMs;
    #policy;
    #ports;
    #exceptions;
    constructor(origin, options, ports, exceptions) {
        super(origin, options);
        this.#timeoutMs = options.timeoutMs;
        this.#policy = options.policy;
        this.#ports = ports;
        this.#exceptions = exceptions;
    }
    /**
     * Sends a request that may be repeated freely, until it succeeds or the server's mind is clear.
     * @throws ActionError
     */
    async ask(request) {
        return await withRetries(this.#policy, this.#ports, async () => {
            const response = await this.once(request).catch(throwRepeatable);
            if (isSuccess(response))
                return response;
            const { reason, waitMs } = this.refusal(response, request);
            const exception = this.#exceptions?.ofAnswer(response, reason);
            if (exception !== undefined)
                throw exception;
            throw isTransient(response) ? new Again(reason, waitMs) : reason;
        });
    }
    /**
     * Sends a request once.
     * @throws NoAnswer
     */
    async once(request) {
        try {
            return await this.request(request);
        }
        catch (error) {
            throw error instanceof ExchangeError ? this.#judge(error) : error;
        }
    }
    /** Why the server did not do it, in words, and how many milliseconds it asks to wait. */
    refusal(response, request) {
        const said = serverError(response);
        return {
            said,
            reason: explainRefusal(response, said, this.#failed(request)),
            waitMs: parseRetryAfter(response.headers['retry-after'], this.#ports.clock.now()),
        };
    }
    /** @throws ActionError RESPONSE_INVALID, WRONG_HOST */
    parse(response, request, read) {
        let value;
        try {
            value = JSON.parse(response.body);
        }
        catch {
            throw explainNoJson(response, this.#failed(request));
        }
        return read(value);
    }
    /** @throws ActionError WRONG_HOST when a login page or the like answers in the server's place */
    refuseWebPage(response, request) {
        if (isWebPage(response))
            throw explainNoJson(response, this.#failed(request));
    }
    #judge(error) {
        const exception = this.#exceptions?.ofFailure(error, this.origin);
        if (exception !== undefined)
            return exception;
        const reason = isTooLarge(error)
            ? invalidResponse('far more data than any real answer has', error)
            : explainExchange(error, this.origin, this.#timeoutMs);
        return new NoAnswer(reason, error.mayHaveArrived);
    }
    #failed({ method, path }) {
        return { method, path: path.split('?')[0] ?? path, origin: this.origin };
    }
}
function isSuccess({ status }) {
    return status >= 200 && status < 300;
}
/** Worth asking again; 408, 429 and all that says "not now". */
function isTransient({ status }) {
    return status === 408 || status === 429 || status >= 500;
}
function throwRepeatable(error) {
    throw error instanceof NoAnswer ? error.repeatable : error;
}
function serverError({ body }) {
    try {
        return parseServerError(JSON.parse(body));
    }
    catch {
        return { code: '', message: '' };
    }
}

;// CONCATENATED MODULE: ./build/digicert/paging.js
/**
 * Where the next page of a list is. DigiCert does not document paging, so both common forms are understood:
 * a `Link` header with `rel="next"` (RFC 8288) and an envelope with `offset` and `total`.
 * @returns a path on the same origin, or undefined when this was the last page
 */
function nextPage(path, page, response, origin) {
    const linked = linkedPath(response.headers.link, path, origin);
    if (linked !== undefined)
        return linked;
    if (page.offset === undefined && page.total === undefined)
        return undefined;
    const url = new URL(path, origin);
    const offset = page.offset ?? Number(url.searchParams.get('offset') ?? 0);
    const next = offset + page.records.length;
    if (page.total !== undefined && next >= page.total)
        return undefined;
    url.searchParams.set('offset', String(next));
    return url.pathname + url.search;
}
function linkedPath(header, path, origin) {
    const links = [header ?? []].flat().join(',');
    const target = /<([^>]*)>\s*;[^,]*\brel\s*=\s*"?[^",;]*\bnext\b/i.exec(links)?.[1];
    if (target === undefined || !URL.canParse(target, origin + path))
        return undefined;
    const url = new URL(target, origin + path);
    // A gateway may write its inner name into links; the API key goes to our own origin, wherever a link points.
    return url.pathname + url.search;
}

;// CONCATENATED MODULE: ./build/digicert/client.js







const CERTIFICATES = '/account/api/v1/client-auth-certificate';
const CURRENT_USER = '/account/api/v1/user/me';
const MAX_ANSWER_BYTES = 1024 * 1024;
/** One page of the list: room for some 30,000 certificates. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;
/** The request for a certificate may or may not have been carried out: whoever catches this has to find out. */
class Unsettled extends Setback {
    name = 'Unsettled';
}
/** The nickname is in use already: nothing was issued. */
class NicknameTaken extends Setback {
    name = 'NicknameTaken';
}
/** DigiCert ONE's account API, as one service user sees it. */
class DigicertOne {
    hosts;
    /** For what is made of several requests: the same attempts and the same time as for one. */
    retryPolicy;
    #options;
    #ports;
    #api;
    #clientauth;
    constructor(options, ports) {
        const { hosts, retries, timeoutMs } = options;
        this.hosts = hosts;
        this.retryPolicy = { retries, budgetMs: timeBudget(timeoutMs, retries) };
        this.#options = options;
        this.#ports = ports;
        this.#api = new JsonEndpoint(hosts.api, { ...options, policy: this.retryPolicy }, ports);
        this.#clientauth = this.#newClientauth();
    }
    get hasApiKey() {
        return this.#options.apiKey !== undefined;
    }
    /** Uses a connection that was begun before. */
    adopt({ origin, socket }) {
        const endpoint = [this.#api, this.#clientauth].find(known => known.origin === origin);
        endpoint?.adopt(socket);
    }
    /** Connects to the API host while there is other work to do. */
    openApi() {
        this.#api.open();
    }
    /** Reaches the clientauth host as far as that is possible without a certificate. */
    reachClientauth() {
        this.#clientauth.reach();
    }
    /**
     * `POST /account/api/v1/client-auth-certificate`, sent once.
     * @throws Again when it certainly was not carried out, Unsettled when the answer was lost, NicknameTaken, or
     * ActionError when the server will not issue one
     */
    async requestCertificate({ csr, nickname, end }) {
        const exp = end.toISOString().replace(/\.\d{3}Z$/, 'Z');
        const post = this.#apiRequest('POST', CERTIFICATES, { csr, name: nickname, exp });
        const response = await this.#api.once(post).catch(throwUnsettled);
        if (isSuccess(response)) {
            return unsettledIfUnreadable(() => this.#api.parse(response, post, parseCertificateRecord));
        }
        const { reason, said, waitMs } = this.#api.refusal(response, post);
        if (isNicknameTaken(said))
            throw new NicknameTaken(reason);
        // 429 is the one failure that promises that nothing was done.
        if (response.status === 429)
            throw new Again(reason, waitMs);
        throw isTransient(response) ? new Unsettled(reason, waitMs) : reason;
    }
    /** All certificates of the service user, every page of them. */
    async listCertificates() {
        const records = new Map();
        const seen = new Set();
        for (let path = CERTIFICATES; path !== undefined && !seen.has(path);) {
            seen.add(path);
            const request = { ...this.#apiRequest('GET', path), maxBytes: MAX_LIST_BYTES };
            const response = await this.#api.ask(request);
            const page = this.#api.parse(response, request, parseListPage);
            const before = records.size;
            for (const record of page.records)
                records.set(record.id, record);
            // A page that brings nothing new is the last, whatever it promises.
            path = records.size > before ? nextPage(path, page, response, this.#api.origin) : undefined;
        }
        return [...records.values()];
    }
    /**
     * `PUT …/{id}/enable`. Repeating it does no harm.
     * @returns what the server says the certificate is now; what was asked for when it only says that all went well
     */
    async setEnabled(id, enabled) {
        const request = this.#apiRequest('PUT', `${CERTIFICATES}/${encodeURIComponent(id)}/enable`, { enabled });
        const response = await this.#api.ask(request);
        this.#api.refuseWebPage(response, request);
        return readEnabled(response.body) ?? enabled;
    }
    /** The service user that the API key belongs to. */
    async currentUser() {
        const request = this.#apiRequest('GET', CURRENT_USER);
        return this.#api.parse(await this.#api.ask(request), request, parseUser);
    }
    /**
     * Proves a client certificate: `GET /account/api/v1/user/me` on the clientauth host, without the API key.
     * @returns the user that the certificate authenticates
     * @throws CertificateRefused when the host does not accept it
     */
    async verify(identity) {
        const endpoint = this.#clientauth;
        const request = {
            method: 'GET',
            path: CURRENT_USER,
            headers: this.#headers(),
            maxBytes: MAX_ANSWER_BYTES,
        };
        endpoint.present(identity);
        try {
            return endpoint.parse(await endpoint.ask(request), request, parseUser);
        }
        finally {
            // A certificate is judged when a connection is made, so the next verification makes a new one.
            await endpoint.close();
            this.#clientauth = this.#newClientauth();
        }
    }
    async close() {
        await Promise.all([this.#api.close(), this.#clientauth.close()]);
    }
    #newClientauth() {
        const options = { ...this.#options, policy: this.retryPolicy };
        return new JsonEndpoint(this.hosts.clientauth, options, this.#ports, certificateRefusals);
    }
    #headers() {
        return { accept: 'application/json', 'user-agent': this.#options.userAgent };
    }
    #apiRequest(method, path, json) {
        const headers = { ...this.#headers(), 'x-api-key': this.#options.apiKey ?? '' };
        const request = { method, path, headers, maxBytes: MAX_ANSWER_BYTES };
        if (json === undefined)
            return request;
        const withType = { ...headers, 'content-type': 'application/json' };
        return { ...request, headers: withType, body: JSON.stringify(json) };
    }
}
function throwUnsettled(error) {
    if (!(error instanceof NoAnswer))
        throw error;
    throw error.mayHaveArrived ? new Unsettled(error.reason) : error.repeatable;
}
/** An answer to a POST that says "done" but cannot be read leaves the question open. */
function unsettledIfUnreadable(parse) {
    try {
        return parse();
    }
    catch (error) {
        throw error instanceof errors/* ActionError */.lZ ? new Unsettled(error) : error;
    }
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./build/x509/pem.js
/** PEM armour (RFC 7468). */


function pemBlock(label, der) {
    const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
    return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
function certificatePem(certificate) {
    return pemBlock('CERTIFICATE', certificate.raw);
}
const BEGIN = /-----BEGIN (?:X509 )?CERTIFICATE-----/g;
const BLOCK = /-----BEGIN ((?:X509 )?CERTIFICATE)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;
/** Every certificate in a PEM text, in its order; what stands between the blocks is skipped. */
function parsePemCertificates(text) {
    const blocks = [...text.matchAll(BLOCK)];
    if (blocks.length !== [...text.matchAll(BEGIN)].length)
        throw unreadable();
    return blocks.map(([, , base64]) => readBlock(base64 ?? ''));
}
function readBlock(base64) {
    try {
        return new external_node_crypto_.X509Certificate(Buffer.from(base64, 'base64'));
    }
    catch (error) {
        throw unreadable(error);
    }
}
function unreadable(cause) {
    return new errors/* ActionError */.lZ('INPUT_INVALID', {
        what: 'A PEM certificate cannot be read.',
        why: 'A block is cut off, was changed on the way, or does not hold a certificate.',
        fix: 'Give each certificate whole, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.',
    }, cause);
}

;// CONCATENATED MODULE: ./build/x509/certificate.js
/** What a certificate says, in the forms that users and the API compare. */


function describeCertificate(certificate) {
    return {
        serialNumber: normalizeSerial(certificate.serialNumber),
        fingerprintSha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
        // Whoever made the certificate wrote these: they go into logs and summaries.
        subject: printable(nameText(certificate.subject)),
        issuer: printable(nameText(certificate.issuer)),
        notBefore: certificate.validFromDate,
        notAfter: certificate.validToDate,
    };
}
/** A serial number however it was written (0x, colons, spaces, leading zeros) in the one form that is compared. */
function normalizeSerial(text) {
    const digits = text
        .replace(/^\s*0x/i, '')
        .replace(/[\s:]/g, '')
        .toUpperCase();
    return digits.replace(/^0+(?=.)/, '');
}
/** No real path is that long; each step may verify many signatures. */
const LONGEST_PATH = 10;
/**
 * The certificates that came with `leaf`, its issuer first, then the issuer's, and so on. What does not belong to
 * that path stays, after it; the leaf itself and repetitions go.
 */
function orderChain(leaf, pool) {
    const rest = distinct([leaf, ...pool]).slice(1);
    const path = [];
    while (path.length < LONGEST_PATH) {
        const index = rest.findIndex(candidate => isIssuedBy(path.at(-1) ?? leaf, candidate));
        if (index < 0)
            break;
        path.push(...rest.splice(index, 1));
    }
    return [...path, ...rest];
}
function distinct(certificates) {
    return [...new Map(certificates.map(certificate => [certificate.fingerprint256, certificate])).values()];
}
function isIssuedBy(certificate, issuer) {
    try {
        return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
    }
    catch {
        return false; // a key of a kind that OpenSSL does not know
    }
}
/**
 * Node prints one RDN a line in the order of the DER, with the escapes of RFC 2253 (control characters too, so a line
 * break is always a separator); multi-valued RDNs are joined by " + ", whose plus would be escaped inside a value.
 */
function nameText(lines) {
    // A space at the end as a hex pair: a later trim would turn its escape into a lone backslash.
    const rdns = nameLines(lines).map(line => line.replace(/(?<!\\) \+ /g, '+').replace(/\\ $/, '\\20'));
    return rdns.reverse().join(',');
}
function nameLines(lines) {
    return lines ? lines.split('\n') : [];
}

;// CONCATENATED MODULE: ./build/x509/trailing.js
/** `text` without the given characters at its end. A regular expression like /x+$/ takes quadratic time on hostile text. */
function withoutTrailing(text, characters) {
    let end = text.length;
    while (end > 0 && characters.includes(text.charAt(end - 1)))
        end--;
    return text.slice(0, end);
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/findings.js
class Findings {
    #algorithms = new Set();
    #obstacles = new Set();
    #emptyForms = new Set();
    /** A protection that was undone, and the form of the password that did it. */
    undone(what, { label, obstacle }, form) {
        this.#algorithms.add(`${what}: ${label}`);
        if (obstacle !== undefined)
            this.obstacle(obstacle);
        if (!form.usual)
            this.obstacle('the password was encoded in a way that OpenSSL does not use');
        if (form.empty !== undefined)
            this.#emptyForms.add(form.empty);
        // OpenSSL settles on one of the two by the MAC and keeps to it.
        if (this.#emptyForms.size > 1)
            this.obstacle('the empty password was encoded in two ways');
    }
    obstacle(reason) {
        this.#obstacles.add(reason);
    }
    get algorithms() {
        return [...this.#algorithms];
    }
    get portability() {
        return { openssl3: this.#obstacles.size === 0, reasons: [...this.#obstacles] };
    }
}

// EXTERNAL MODULE: ./node_modules/node-forge/lib/asn1.js
var asn1 = __webpack_require__(7357);
// EXTERNAL MODULE: ./node_modules/node-forge/lib/util.js
var util = __webpack_require__(7456);
;// CONCATENATED MODULE: ./build/x509/der.js
/** Reading BER and writing DER: node-forge's ASN.1 with Buffers, and with types that fail loudly. */


const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;
const TYPE = asn1.Type;
/** Deeper than any real file; far from the end of the stack. */
const MAX_DEPTH = 48;
// --- reading ---------------------------------------------------------------------------------------------------
/** Reads the one value that `bytes` starts with and says how many bytes it takes; what follows is not looked at. */
function readPrefix(bytes) {
    const buffer = util.createBuffer(bytes.toString('latin1'));
    const options = { strict: true, parseAllBytes: false, decodeBitStrings: false, maxDepth: MAX_DEPTH };
    const value = asn1.fromDer(buffer, options);
    return { value, length: bytes.length - buffer.length() };
}
function readDer(bytes) {
    return readPrefix(bytes).value;
}
/** The values inside a SEQUENCE, SET or explicit tag. */
function children(node) {
    if (!Array.isArray(node.value))
        throw new Error('ASN.1: a constructed value was expected');
    return node.value;
}
function child(node, index) {
    const found = children(node)[index];
    if (found === undefined)
        throw new Error('ASN.1: a value is missing');
    return found;
}
function isSequence(node) {
    return node?.tagClass === UNIVERSAL && node.type === TYPE.SEQUENCE && node.constructed;
}
function isInteger(node) {
    return node?.tagClass === UNIVERSAL && node.type === TYPE.INTEGER && !node.constructed;
}
function isOctetString(node) {
    return node?.tagClass === UNIVERSAL && node.type === TYPE.OCTETSTRING;
}
function isContext(node, tag) {
    return node?.tagClass === CONTEXT_SPECIFIC && node.type === tag;
}
/** The bytes of an OCTET STRING (or an implicitly tagged one), joined when BER has cut them into pieces (X.690 §8.7.3). */
function octets(node) {
    if (!Array.isArray(node.value))
        return Buffer.from(node.value, 'latin1');
    return Buffer.concat(node.value.map(octets));
}
/** Like {@link octets}, for a place where nothing but an OCTET STRING may stand. */
function octetString(node) {
    if (!isOctetString(node))
        throw new Error('ASN.1: an OCTET STRING was expected');
    return octets(node);
}
function oid(node) {
    if (node.tagClass !== UNIVERSAL ||
        node.type !== TYPE.OID ||
        typeof node.value !== 'string' ||
        node.value === '') {
        throw new Error('ASN.1: an OBJECT IDENTIFIER was expected');
    }
    return asn1.derToOid(node.value);
}
/** A non-negative INTEGER. One beyond 2^53 comes out inexact, which is enough to refuse it. */
function integer(node) {
    if (!isInteger(node) || typeof node.value !== 'string')
        throw new Error('ASN.1: an INTEGER was expected');
    const bytes = Buffer.from(node.value, 'latin1');
    if (bytes.length === 0 || bytes.length > 64 || (bytes[0] ?? 0) >= 0x80) {
        throw new Error('ASN.1: an INTEGER is out of range');
    }
    return Number(BigInt(`0x${bytes.toString('hex')}`));
}
/** A BMPString's text; undefined for another type. */
function bmpText(node) {
    return node.type === TYPE.BMPSTRING && typeof node.value === 'string' ? node.value : undefined;
}
// --- writing ---------------------------------------------------------------------------------------------------
function toDer(node) {
    return Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
}
const primitive = (type, bytes) => asn1.create(UNIVERSAL, type, false, bytes.toString('latin1'));
const sequence = (...values) => asn1.create(UNIVERSAL, TYPE.SEQUENCE, true, values);
/** SET OF in DER order: the encodings ascending (X.690 §11.6). */
function setOf(...values) {
    const sorted = values
        .map(value => ({ value, der: toDer(value) }))
        .sort((a, b) => Buffer.compare(a.der, b.der))
        .map(entry => entry.value);
    return asn1.create(UNIVERSAL, TYPE.SET, true, sorted);
}
/** An explicit context tag: `[tag] value…`. */
const context = (tag, ...values) => asn1.create(CONTEXT_SPECIFIC, tag, true, values);
/** An implicit context tag over an OCTET STRING. */
const implicitOctets = (tag, bytes) => asn1.create(CONTEXT_SPECIFIC, tag, false, bytes.toString('latin1'));
const newOid = (text) => asn1.create(UNIVERSAL, TYPE.OID, false, asn1.oidToDer(text).getBytes());
function newInteger(value) {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
    const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
    return primitive(TYPE.INTEGER, positive);
}
const newNull = () => primitive(TYPE.NULL, Buffer.alloc(0));
const newOctetString = (bytes) => primitive(TYPE.OCTETSTRING, bytes);
const newUtf8 = (text) => primitive(TYPE.UTF8, Buffer.from(text, 'utf8'));
const newPrintable = (text) => primitive(TYPE.PRINTABLESTRING, Buffer.from(text, 'latin1'));
/** forge writes the two bytes of each character of a BMPString itself. */
const newBmp = (text) => asn1.create(UNIVERSAL, TYPE.BMPSTRING, false, text);
/** A BIT STRING of whole bytes. */
const newBitString = (bytes) => primitive(TYPE.BITSTRING, Buffer.concat([Buffer.alloc(1), bytes]));

;// CONCATENATED MODULE: ./build/x509/pkcs12/oids.js
/** Object identifiers of PKCS#12 (RFC 7292) and what it borrows. */
const OID = {
    // RFC 5652 content types
    data: '1.2.840.113549.1.7.1',
    signedData: '1.2.840.113549.1.7.2',
    envelopedData: '1.2.840.113549.1.7.3',
    encryptedData: '1.2.840.113549.1.7.6',
    // RFC 7292 §4.2 bag types
    keyBag: '1.2.840.113549.1.12.10.1.1',
    shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
    certBag: '1.2.840.113549.1.12.10.1.3',
    safeContentsBag: '1.2.840.113549.1.12.10.1.6',
    // RFC 2985 attributes and certificate types
    friendlyName: '1.2.840.113549.1.9.20',
    localKeyId: '1.2.840.113549.1.9.21',
    x509Certificate: '1.2.840.113549.1.9.22.1',
    // RFC 8018
    pbes2: '1.2.840.113549.1.5.13',
    pbkdf2: '1.2.840.113549.1.5.12',
    pbmac1: '1.2.840.113549.1.5.14',
    // RFC 7914
    scrypt: '1.3.6.1.4.1.11591.4.11',
    // what the encoder writes
    sha3Des: '1.2.840.113549.1.12.1.3',
    aes256Cbc: '2.16.840.1.101.3.4.1.42',
    hmacSha256: '1.2.840.113549.2.9',
    sha1: '1.3.14.3.2.26',
    sha256: '2.16.840.1.101.3.4.2.1',
};

;// CONCATENATED MODULE: ./build/x509/pkcs12/problems.js
/** What can be wrong with a P12, in words for the person who has to mend it. None of them quotes the file. */

const EXPORT_AGAIN = 'Export it again, for example: openssl pkcs12 -export -in client.crt -inkey client.key -certfile chain.pem -out client.p12';
function malformed(what, cause) {
    return new errors/* ActionError */.lZ('P12_MALFORMED', {
        what: `The P12 is damaged: ${what}.`,
        why: 'It was cut off or changed when it was copied, or it is not a PKCS#12 file at all.',
        fix: 'Check the file with "openssl pkcs12 -info -noout -in client.p12", then store it again: base64 -w0 client.p12',
    }, cause);
}
function wrongPassword(password, cause) {
    const given = password === '' ? 'no password was given' : 'the password does not fit';
    return new errors/* ActionError */.lZ('P12_PASSWORD', {
        what: `The P12 cannot be opened: ${given}, or the file is damaged.`,
        why: 'The password belongs to another P12, was cut or changed when it was stored (quotes, a shell that replaced $ or !, ' +
            'a space at its end), or its secret is not available here, as on a pull request from a fork. Bytes that were ' +
            'changed in the file look the same.',
        fix: 'Try both where they came from: openssl pkcs12 -info -noout -in client.p12. If that opens it, store the file and the password again together.',
    }, cause);
}
/** The MAC proves the password right, and still something inside does not open. */
function contentPassword(cause) {
    return new errors/* ActionError */.lZ('P12_PASSWORD', {
        what: 'The password fits the P12, but does not open what is encrypted inside.',
        why: 'The private key has a password of its own (Java key stores can do that), or the file is damaged.',
        fix: `Give the key and the file one password. ${EXPORT_AGAIN}`,
    }, cause);
}
function unsupported(algorithm, cause) {
    return new errors/* ActionError */.lZ('P12_UNSUPPORTED', {
        what: `The P12 uses ${algorithm}, which is not supported.`,
        why: 'The program that wrote it uses an uncommon protection or kind of key.',
        fix: `${EXPORT_AGAIN} (AES-256 is what OpenSSL 3 uses by default.)`,
    }, cause);
}
function tooMuch(what, limit) {
    return new errors/* ActionError */.lZ('P12_LIMIT', {
        what: `The P12 was refused: ${what} (the limit is ${limit}).`,
        why: 'No ordinary program writes such a file; it is damaged, or made to keep its reader busy.',
        fix: EXPORT_AGAIN,
    });
}
function noKey() {
    return new errors/* ActionError */.lZ('P12_NO_KEY', {
        what: 'The P12 holds no private key.',
        why: 'Only the certificates were exported (a trust store, or an export without "include the private key").',
        fix: `Export the certificate together with its private key. ${EXPORT_AGAIN}`,
    });
}
function noCertificate() {
    return new errors/* ActionError */.lZ('P12_NO_CERTIFICATE', {
        what: 'The P12 holds a private key but no certificate.',
        why: 'The certificate that DigiCert issued was never put into it.',
        fix: `Put the issued certificate in. ${EXPORT_AGAIN}`,
    });
}
function keyMismatch() {
    return new errors/* ActionError */.lZ('P12_KEY_MISMATCH', {
        what: 'No certificate in the P12 belongs to its private key.',
        why: 'The file was put together from the key of one request and the certificate of another, or holds only the issuing certificates.',
        fix: `Use the key that the certificate was requested with, or request a new certificate. ${EXPORT_AGAIN}`,
    });
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/ciphers.js
/** Block ciphers (and RC4) as P12s name them, decrypting. */



function ciphers_native(name, label, keyBytes, ivBytes = 16) {
    const decrypt = (key, iv, ciphertext) => {
        const decipher = (0,external_node_crypto_.createDecipheriv)(name, key, iv);
        return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    };
    return { label, keyBytes, ivBytes, legacy: false, decrypt };
}
const tripleDes = ciphers_native('des-ede3-cbc', '3DES-CBC', 24, 8);
const TRIPLE_DES = tripleDes;
/** Two keys: K1, K2, K1. */
const TWO_KEY_TRIPLE_DES = {
    ...tripleDes,
    label: '3DES-CBC with two keys',
    keyBytes: 16,
    decrypt: (key, iv, ciphertext) => tripleDes.decrypt(Buffer.concat([key, key.subarray(0, 8)]), iv, ciphertext),
};
/** Node's OpenSSL has no single DES any more, but 3DES with one key three times is the same. */
const DES = {
    label: 'DES-CBC',
    keyBytes: 8,
    ivBytes: 8,
    legacy: true,
    decrypt: (key, iv, ciphertext) => tripleDes.decrypt(Buffer.concat([key, key, key]), iv, ciphertext),
};
/** RFC 2268; node-forge has it, Node not. Loaded when such a file comes. */
function rc2(keyBytes, effectiveBits = keyBytes * 8) {
    return {
        label: `RC2-${effectiveBits}`,
        keyBytes,
        ivBytes: 8,
        legacy: true,
        decrypt: async (key, iv, ciphertext) => {
            const { default: forgeRc2 } = await Promise.resolve(/* import() eager */).then(__webpack_require__.t.bind(__webpack_require__, 6893, 19));
            const cipher = forgeRc2.createDecryptionCipher(key.toString('latin1'), effectiveBits);
            cipher.start(iv.toString('latin1'));
            cipher.update(util.createBuffer(ciphertext.toString('latin1')));
            if (!cipher.finish())
                throw new Error('bad decrypt');
            return Buffer.from(cipher.output.getBytes(), 'latin1');
        },
    };
}
/** A stream cipher: nothing here notices a wrong key. */
function rc4(keyBytes) {
    return {
        label: `RC4-${keyBytes * 8}`,
        keyBytes,
        ivBytes: 0,
        legacy: true,
        decrypt: (key, _iv, data) => runRc4(key, data),
    };
}
function runRc4(key, data) {
    const state = Uint8Array.from({ length: 256 }, (_, index) => index);
    const swap = (a, b) => {
        const [x = 0, y = 0] = [state[a], state[b]];
        state[a] = y;
        state[b] = x;
        return state[(x + y) & 255] ?? 0;
    };
    for (let i = 0, j = 0; i < 256; i++) {
        j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 255;
        swap(i, j);
    }
    let [i, j] = [0, 0];
    return Buffer.from(data).map(byte => {
        i = (i + 1) & 255;
        j = (j + (state[i] ?? 0)) & 255;
        return byte ^ swap(i, j);
    });
}
/** The encryption schemes of PBES2 (RFC 8018 §B.2, RFC 3565, RFC 3657, RFC 5794). */
const SCHEMES = {
    '2.16.840.1.101.3.4.1.2': ciphers_native('aes-128-cbc', 'AES-128-CBC', 16),
    '2.16.840.1.101.3.4.1.22': ciphers_native('aes-192-cbc', 'AES-192-CBC', 24),
    '2.16.840.1.101.3.4.1.42': ciphers_native('aes-256-cbc', 'AES-256-CBC', 32),
    '1.2.840.113549.3.7': tripleDes,
    '1.3.14.3.2.7': DES,
    '1.2.392.200011.61.1.1.1.2': ciphers_native('camellia-128-cbc', 'Camellia-128-CBC', 16),
    '1.2.392.200011.61.1.1.1.3': ciphers_native('camellia-192-cbc', 'Camellia-192-CBC', 24),
    '1.2.392.200011.61.1.1.1.4': ciphers_native('camellia-256-cbc', 'Camellia-256-CBC', 32),
    '1.2.410.200046.1.1.2': ciphers_native('aria-128-cbc', 'ARIA-128-CBC', 16),
    '1.2.410.200046.1.1.7': ciphers_native('aria-192-cbc', 'ARIA-192-CBC', 24),
    '1.2.410.200046.1.1.12': ciphers_native('aria-256-cbc', 'ARIA-256-CBC', 32),
};
function findCipher(oid) {
    const cipher = SCHEMES[oid];
    if (cipher === undefined)
        throw unsupported(`an encryption with the OID ${oid}`);
    return cipher;
}

// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(7975);
;// CONCATENATED MODULE: ./build/x509/pkcs12/digests.js

const sha1 = { name: 'sha1', block: 64 };
const sha224 = { name: 'sha224', block: 64 };
const sha256 = { name: 'sha256', block: 64 };
const sha384 = { name: 'sha384', block: 128 };
const sha512 = { name: 'sha512', block: 128 };
const sha512t224 = { name: 'sha512-224', block: 128 };
const sha512t256 = { name: 'sha512-256', block: 128 };
const DIGESTS = {
    '1.2.840.113549.2.5': { name: 'md5', block: 64 },
    '1.3.14.3.2.26': sha1,
    '2.16.840.1.101.3.4.2.4': sha224,
    '2.16.840.1.101.3.4.2.1': sha256,
    '2.16.840.1.101.3.4.2.2': sha384,
    '2.16.840.1.101.3.4.2.3': sha512,
    '2.16.840.1.101.3.4.2.5': sha512t224,
    '2.16.840.1.101.3.4.2.6': sha512t256,
    '2.16.840.1.101.3.4.2.7': { name: 'sha3-224', block: 144 },
    '2.16.840.1.101.3.4.2.8': { name: 'sha3-256', block: 136 },
    '2.16.840.1.101.3.4.2.9': { name: 'sha3-384', block: 104 },
    '2.16.840.1.101.3.4.2.10': { name: 'sha3-512', block: 72 },
};
/** hmacWithSHA… of RFC 8018 §B.1.2. */
const HMACS = {
    '1.2.840.113549.2.7': sha1,
    '1.2.840.113549.2.8': sha224,
    '1.2.840.113549.2.9': sha256,
    '1.2.840.113549.2.10': sha384,
    '1.2.840.113549.2.11': sha512,
    '1.2.840.113549.2.12': sha512t224,
    '1.2.840.113549.2.13': sha512t256,
};
const DEFAULT_PRF = sha1;
function findDigest(oid) {
    return DIGESTS[oid] ?? refuse('the digest', oid);
}
function findHmac(oid) {
    return HMACS[oid] ?? refuse('the pseudo-random function', oid);
}
function refuse(role, oid) {
    throw unsupported(`${role} with the OID ${oid}`);
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/limits.js
/** What a hostile file may cost. Every bound is far above what any program writes. */

const MAX_FILE_BYTES = 1024 * 1024;
/** NSS and GnuTLS write 600,000, the most that is known. */
const MAX_ITERATIONS = 5_000_000;
/** All derivations of one file together, so that many bags cannot add up to what one may not ask for. */
const MAX_ITERATIONS_TOTAL = 10_000_000;
const MAX_BAGS = 1000;
const MAX_BAG_DEPTH = 8;
const MAX_SALT_BYTES = 4096;
/** RFC 7914: scrypt takes 128 · N · r bytes; `openssl pkcs8 -scrypt` 16 MiB. */
const MAX_SCRYPT_BYTES = 256 * 1024 * 1024;
const MAX_SCRYPT_PASSES = 16;
/** Counts what one file asks for and refuses it before the work is done. */
class Budget {
    #iterations = 0;
    #bags = 0;
    /** `blocks`: how many times over the derivation runs to get the bytes that are needed. */
    iterations(count, blocks = 1) {
        if (count < 1)
            throw malformed('it asks for less than one iteration');
        this.#iterations += count * blocks;
        if (count > MAX_ITERATIONS || this.#iterations > MAX_ITERATIONS_TOTAL) {
            throw tooMuch('its iteration count would take too long', `${MAX_ITERATIONS} iterations`);
        }
        return count;
    }
    bag(depth) {
        this.#bags += 1;
        if (this.#bags > MAX_BAGS)
            throw tooMuch('it holds too many entries', String(MAX_BAGS));
        if (depth > MAX_BAG_DEPTH)
            throw tooMuch('its entries are nested too deeply', String(MAX_BAG_DEPTH));
    }
    scrypt(cost, blockSize, parallelization) {
        const bytes = 128 * cost * blockSize;
        if (!(bytes <= MAX_SCRYPT_BYTES))
            throw tooMuch('scrypt would take too much memory', '256 MiB');
        if (!(parallelization <= MAX_SCRYPT_PASSES))
            throw tooMuch('scrypt would take too long', `${MAX_SCRYPT_PASSES} passes`);
        // 128 MiB and one pass take about as long as 500,000 iterations.
        this.iterations(Math.ceil((bytes * parallelization) / 256));
    }
}
function checkSalt(salt) {
    if (salt.length > MAX_SALT_BYTES)
        throw tooMuch('a salt is too long', `${MAX_SALT_BYTES} bytes`);
    return salt;
}
function checkFileSize(bytes) {
    if (bytes > MAX_FILE_BYTES)
        throw tooMuch('it is too large', '1 MiB');
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/derivation.js
/** The key derivations that PBES2 and PBMAC1 name: PBKDF2 (RFC 8018 §5.2) and scrypt (RFC 7914). */







/** More than any cipher or MAC takes. */
const MAX_KEY_BYTES = 1024;
function readDerivation(algorithm, budget) {
    const name = oid(child(algorithm, 0));
    if (name === OID.pbkdf2)
        return readPbkdf2(children(child(algorithm, 1)), budget);
    if (name === OID.scrypt)
        return readScrypt(children(child(algorithm, 1)), budget);
    throw unsupported(`a key derivation with the OID ${name}`);
}
/** PBKDF2-params: salt, iterationCount, keyLength OPTIONAL, prf DEFAULT hmacWithSHA1. */
function readPbkdf2([salt, count, ...optional], budget) {
    if (salt === undefined || count === undefined)
        throw malformed('PBKDF2 without its parameters');
    if (!isOctetString(salt))
        throw unsupported('PBKDF2 with a salt from elsewhere');
    const saltBytes = checkSalt(octetString(salt));
    const keyLength = readKeyLength(optional);
    const iterations = budget.iterations(integer(count), Math.ceil((keyLength ?? 32) / 20));
    const prf = optional.find(isSequence);
    const digest = prf === undefined ? DEFAULT_PRF : findHmac(oid(child(prf, 0)));
    return {
        label: `PBKDF2 HMAC-${digest.name}, ${iterations} iterations`,
        ...(keyLength === undefined ? {} : { keyLength }),
        derive: (password, length) => (0,external_node_util_.promisify)(external_node_crypto_.pbkdf2)(password, saltBytes, iterations, length, digest.name),
    };
}
/** What OpenSSL allows itself for a scrypt in a file. */
const OPENSSL_SCRYPT_BYTES = 32 * 1024 * 1024;
/** scrypt-params: salt, costParameter, blockSize, parallelizationParameter, keyLength OPTIONAL. */
function readScrypt([salt, ...numbers], budget) {
    if (salt === undefined)
        throw malformed('scrypt without its parameters');
    const saltBytes = checkSalt(octetString(salt));
    const [N = 0, r = 0, p = 0] = numbers.slice(0, 3).map(integer);
    if (!(N > 1 && Number.isInteger(Math.log2(N)) && r > 0 && p > 0))
        throw malformed('impossible scrypt parameters');
    budget.scrypt(N, r, p);
    const keyLength = readKeyLength(numbers.slice(3));
    const bytes = 128 * r * (N + p + 2);
    return {
        label: `scrypt N=${N} r=${r} p=${p}`,
        ...(keyLength === undefined ? {} : { keyLength }),
        ...(bytes > OPENSSL_SCRYPT_BYTES ? { obstacle: 'scrypt with more memory than OpenSSL allows' } : {}),
        derive: (password, length) => runScrypt(password, saltBytes, length, { N, r, p, maxmem: bytes + 1024 }),
    };
}
function runScrypt(password, salt, length, options) {
    return new Promise((resolve, reject) => {
        (0,external_node_crypto_.scrypt)(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
    });
}
function readKeyLength(optional) {
    const node = optional.find(isInteger);
    if (node === undefined)
        return undefined;
    const length = integer(node);
    if (length < 1 || length > MAX_KEY_BYTES)
        throw malformed('an impossible key length');
    return length;
}

// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(8500);
;// CONCATENATED MODULE: ./build/x509/pkcs12/kdf.js
/** PKCS#12's own key derivation (RFC 7292 appendix B.2). Node has no native one. */


/** Appendix B.3: what the derived bytes are for. */
const PURPOSE = { key: 1, iv: 2, mac: 3 };
/** So many rounds take less than 20 ms; then other work gets a turn, because a TLS handshake may be in flight. */
const ROUNDS_PER_TURN = 10_000;
async function pkcs12Kdf(purpose, length, input) {
    const { block } = input.digest;
    const diversifier = Buffer.alloc(block, purpose);
    let seed = Buffer.concat([fillBlocks(input.salt, block), fillBlocks(input.password, block)]);
    const output = [];
    for (let made = 0; made < length;) {
        const part = await repeatHash(input.digest.name, Buffer.concat([diversifier, seed]), input.iterations);
        output.push(part);
        made += part.length;
        seed = addToEachBlock(seed, fillBlocks(part, block).subarray(0, block));
    }
    return Buffer.concat(output).subarray(0, length);
}
async function repeatHash(name, first, rounds) {
    let value = (0,external_node_crypto_.hash)(name, first, 'buffer');
    for (let left = rounds - 1; left > 0; left -= ROUNDS_PER_TURN) {
        const turn = Math.min(left, ROUNDS_PER_TURN);
        value = repeatTurn(name, value, turn);
        if (left > turn)
            await (0,promises_.setImmediate)();
    }
    return value;
}
function repeatTurn(name, value, rounds) {
    let current = value;
    for (let round = 0; round < rounds; round++)
        current = (0,external_node_crypto_.hash)(name, current, 'buffer');
    return current;
}
/** Steps 2, 3 and 6.B: `bytes` repeated up to a whole number of blocks; nothing stays nothing. */
function fillBlocks(bytes, block) {
    if (bytes.length === 0)
        return bytes;
    return Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
}
/** Step 6.C: each block I_j becomes (I_j + B + 1) mod 2^(8v). */
function addToEachBlock(seed, addend) {
    const sum = Buffer.from(seed);
    for (let start = 0; start < sum.length; start += addend.length) {
        let carry = 1;
        for (let index = addend.length - 1; index >= 0; index--) {
            carry += sum.readUInt8(start + index) + addend.readUInt8(index);
            sum.writeUInt8(carry & 0xff, start + index);
            carry >>= 8;
        }
    }
    return sum;
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/password.js
/** A password in the byte forms that PKCS#12 writers give it. */
/** UTF-16, big endian, terminated (RFC 7292 §B.1). */
function bmpPassword(password) {
    return Buffer.from(`${password}\0`, 'utf16le').swap16();
}
/** For PKCS#12's own key derivation: the MAC and the pbeWithSHA… schemes. */
function bmpForms(password) {
    if (password === '')
        return EMPTY_FORMS;
    const forms = [{ ...usual(bmpPassword(password)), text: password }];
    if (isAscii(password))
        return forms;
    // OpenSSL before 1.1 took each byte of the UTF-8 text for a character.
    const widened = Buffer.from(password, 'utf8').toString('latin1');
    return [...forms, { ...unusual(bmpPassword(widened)), text: widened }];
}
/** "No password" is written as two zero bytes or as none at all; OpenSSL too tries both. */
const EMPTY_FORMS = [
    { bytes: Buffer.alloc(2), usual: true, empty: 'terminated' },
    { bytes: Buffer.alloc(0), usual: true, empty: 'none' },
];
/** For PBKDF2, scrypt and PBKDF1, which take plain bytes. */
function byteForms(password) {
    const forms = [usual(Buffer.from(password, 'utf8'))];
    if (!isAscii(password))
        forms.push(unusual(forgeBytes(password)));
    // NSS before 3.31 gave PBES2 the BMPString.
    return [...forms, unusual(bmpPassword(password))];
}
const usual = (bytes) => ({ bytes, usual: true });
const unusual = (bytes) => ({ bytes, usual: false });
function isAscii(text) {
    return /^[\0-\x7f]*$/.test(text);
}
/**
 * node-forge takes a character for a byte, and so do programs in a Windows code page. What exceeds a byte, forge adds to
 * the byte before it in the same 32-bit word.
 */
function forgeBytes(password) {
    const codes = Array.from({ length: password.length }, (_, index) => password.charCodeAt(index));
    return Buffer.from(codes.map((code, index) => code ^ (index % 4 === 3 ? 0 : (codes[index + 1] ?? 0) >> 8)));
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/pbe.js
/** Password-based encryption, decrypting: PKCS#12's own schemes (RFC 7292 appendix C), PBES1 and PBES2 (RFC 8018). */









const SHA1 = { name: 'sha1', block: 64 };
const PKCS12_CIPHERS = {
    '1.2.840.113549.1.12.1.1': rc4(16),
    '1.2.840.113549.1.12.1.2': rc4(5),
    [OID.sha3Des]: TRIPLE_DES,
    '1.2.840.113549.1.12.1.4': TWO_KEY_TRIPLE_DES,
    '1.2.840.113549.1.12.1.5': rc2(16),
    '1.2.840.113549.1.12.1.6': rc2(5),
};
const PBES1_SCHEMES = {
    '1.2.840.113549.1.5.3': { digest: 'md5', cipher: DES },
    '1.2.840.113549.1.5.6': { digest: 'md5', cipher: rc2(8) },
    '1.2.840.113549.1.5.10': { digest: 'sha1', cipher: DES },
    '1.2.840.113549.1.5.11': { digest: 'sha1', cipher: rc2(8) },
};
/** Reads an AlgorithmIdentifier and charges its work to the budget before any of it is done. */
function readScheme(algorithm, budget) {
    const name = oid(child(algorithm, 0));
    if (name === OID.pbes2)
        return readPbes2(child(algorithm, 1), budget);
    const pkcs12Cipher = PKCS12_CIPHERS[name];
    if (pkcs12Cipher !== undefined)
        return readPkcs12Pbe(pkcs12Cipher, child(algorithm, 1), budget);
    const pbes1 = PBES1_SCHEMES[name];
    if (pbes1 !== undefined)
        return readPbes1(pbes1.digest, pbes1.cipher, child(algorithm, 1), budget);
    throw unsupported(`an encryption with the OID ${name}`);
}
/** pkcs-12PbeParams and PBEParameter: salt, iterations. */
function readSaltAndCount(parameters, budget, blocks) {
    const salt = checkSalt(octetString(child(parameters, 0)));
    return { salt, iterations: budget.iterations(integer(child(parameters, 1)), blocks) };
}
function readPkcs12Pbe(cipher, parameters, budget) {
    const blocks = Math.ceil(cipher.keyBytes / 20) + Math.ceil(cipher.ivBytes / 20);
    const { salt, iterations } = readSaltAndCount(parameters, budget, blocks);
    return {
        label: `PKCS#12 SHA-1 ${cipher.label}, ${iterations} iterations`,
        ...legacyObstacle(cipher),
        forms: bmpForms,
        decrypt: async (password, ciphertext) => {
            const input = { digest: SHA1, password, salt, iterations };
            const key = await pkcs12Kdf(PURPOSE.key, cipher.keyBytes, input);
            const iv = await pkcs12Kdf(PURPOSE.iv, cipher.ivBytes, input);
            return cipher.decrypt(key, iv, ciphertext);
        },
    };
}
/** RFC 8018 §6.1: PBKDF1 gives eight bytes of key and eight of IV. */
function readPbes1(digest, cipher, parameters, budget) {
    const { salt, iterations } = readSaltAndCount(parameters, budget, 1);
    return {
        label: `PBES1 ${digest} ${cipher.label}, ${iterations} iterations`,
        ...legacyObstacle(cipher),
        forms: byteForms,
        decrypt: async (password, ciphertext) => {
            let derived = Buffer.concat([password, salt]);
            for (let round = 0; round < iterations; round++)
                derived = (0,external_node_crypto_.hash)(digest, derived, 'buffer');
            return cipher.decrypt(derived.subarray(0, 8), derived.subarray(8, 16), ciphertext);
        },
    };
}
/** PBES2-params: keyDerivationFunc, encryptionScheme. */
function readPbes2(parameters, budget) {
    const derivation = readDerivation(child(parameters, 0), budget);
    const { cipher, iv } = readEncryptionScheme(child(parameters, 1), derivation.keyLength);
    if (derivation.keyLength !== undefined && derivation.keyLength !== cipher.keyBytes) {
        throw malformed('the key length does not fit the cipher');
    }
    const obstacle = derivation.obstacle ?? legacyObstacle(cipher).obstacle;
    return {
        label: `PBES2 ${cipher.label}, ${derivation.label}`,
        ...(obstacle === undefined ? {} : { obstacle }),
        forms: byteForms,
        decrypt: async (password, ciphertext) => cipher.decrypt(await derivation.derive(password, cipher.keyBytes), iv, ciphertext),
    };
}
const RC2_CBC = '1.2.840.113549.3.2';
/** RFC 8018 §B.2.3: the encoding of RC2's effective key bits. */
const RC2_VERSIONS = { 160: 40, 120: 64, 58: 128 };
function readEncryptionScheme(scheme, keyLength) {
    const name = oid(child(scheme, 0));
    const parameters = child(scheme, 1);
    if (name === RC2_CBC && isSequence(parameters)) {
        const bits = RC2_VERSIONS[integer(child(parameters, 0))];
        if (bits === undefined)
            throw unsupported('RC2 with an uncommon key length');
        return withIv(rc2(keyLength ?? bits / 8, bits), octetString(child(parameters, 1)));
    }
    return withIv(findCipher(name), octetString(parameters));
}
function withIv(cipher, iv) {
    if (iv.length !== cipher.ivBytes)
        throw malformed('an initialisation vector of the wrong length');
    return { cipher, iv };
}
function legacyObstacle(cipher) {
    return cipher.legacy
        ? { obstacle: `encrypted with ${cipher.label}, which OpenSSL 3 reads only with -legacy` }
        : {};
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/bags.js
/** The bags of a SafeContents (RFC 7292 §4.2): keys, certificates, and what else there may be. */





function readBags(safeContents, budget) {
    const bags = { keys: [], certificates: [] };
    for (const bag of flatten(safeContents, budget, 1))
        sortIn(bag, bags, budget);
    return bags;
}
/** §4.2.6: a bag may hold a SafeContents in its turn. */
function flatten(safeContents, budget, depth) {
    return children(safeContents).flatMap(node => {
        budget.bag(depth);
        const wrapper = child(node, 1);
        if (!isContext(wrapper, 0))
            throw malformed('an entry is empty');
        const type = oid(child(node, 0));
        const value = child(wrapper, 0);
        if (type === OID.safeContentsBag)
            return flatten(value, budget, depth + 1);
        return [{ type, value, name: readFriendlyName(node) }];
    });
}
function sortIn({ type, value, name }, bags, budget) {
    if (type === OID.keyBag) {
        bags.keys.push({ ...name, pkcs8: toDer(value) });
    }
    else if (type === OID.shroudedKeyBag) {
        const scheme = readScheme(child(value, 0), budget);
        bags.keys.push({ ...name, scheme, ciphertext: octetString(child(value, 1)) });
    }
    else if (type === OID.certBag && oid(child(value, 0)) === OID.x509Certificate) {
        bags.certificates.push({ ...name, der: octetString(child(child(value, 1), 0)) });
    }
    // CRLs, secrets, SDSI certificates and private extensions are of no use here.
}
/** An attribute that is not what it should be is no reason to refuse a file. */
function readFriendlyName(bag) {
    const [, , attributes] = children(bag);
    try {
        const attribute = attributes && children(attributes).find(node => oid(child(node, 0)) === OID.friendlyName);
        const text = attribute && bmpText(child(child(attribute, 1), 0));
        const friendlyName = clean(text); // Windows ends the name with a NUL at times
        return friendlyName === '' ? {} : { friendlyName };
    }
    catch {
        return {};
    }
}

// EXTERNAL MODULE: external "node:tls"
var external_node_tls_ = __webpack_require__(1692);
;// CONCATENATED MODULE: ./build/x509/pkcs12/openssl.js
/** Node's own reader of P12s, which keeps what it finds to itself but checks a MAC at native speed. */

/**
 * Whether the MAC of `der` fits, when OpenSSL says so. It checks the MAC first; undefined when it stops at something
 * else (RC2, a lone key, a pair that does not match), which leaves the MAC unknown.
 */
function askOpenssl(der, form) {
    if (form.text === undefined)
        return undefined;
    try {
        (0,external_node_tls_.createSecureContext)({ pfx: der, passphrase: form.text });
        return true;
    }
    catch (error) {
        return error instanceof Error && error.message === 'mac verify failure' ? false : undefined;
    }
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/pbe-encrypt.js
/** The two encryptions that are written: OpenSSL 3's default and the one from before. */






/**
 * OpenSSL's default. More would slow down every reader at every use and protect little: the MAC beside it is the cheaper
 * target, and the password that the action makes is long and random.
 */
const WRITTEN_ITERATIONS = 2048;
function encrypt(encryption, password, plaintext) {
    return encryption === 'modern' ? encryptPbes2(password, plaintext) : encryptTripleDes(password, plaintext);
}
/** RFC 8018 §6.2 with AES-256-CBC and PBKDF2-HMAC-SHA256; the password in UTF-8 as OpenSSL takes it. */
async function encryptPbes2(password, plaintext) {
    const salt = (0,external_node_crypto_.randomBytes)(16);
    const iv = (0,external_node_crypto_.randomBytes)(16);
    const key = await (0,external_node_util_.promisify)(external_node_crypto_.pbkdf2)(password, salt, WRITTEN_ITERATIONS, 32, 'sha256');
    const derivation = sequence(newOid(OID.pbkdf2), sequence(newOctetString(salt), newInteger(WRITTEN_ITERATIONS), sequence(newOid(OID.hmacSha256), newNull())));
    const cipher = sequence(newOid(OID.aes256Cbc), newOctetString(iv));
    return {
        algorithm: sequence(newOid(OID.pbes2), sequence(derivation, cipher)),
        ciphertext: runCipher('aes-256-cbc', key, iv, plaintext),
    };
}
/** RFC 7292 appendix C: pbeWithSHAAnd3-KeyTripleDES-CBC. */
async function encryptTripleDes(password, plaintext) {
    const input = {
        digest: { name: 'sha1', block: 64 },
        password: bmpPassword(password),
        salt: (0,external_node_crypto_.randomBytes)(8),
        iterations: WRITTEN_ITERATIONS,
    };
    const key = await pkcs12Kdf(PURPOSE.key, 24, input);
    const iv = await pkcs12Kdf(PURPOSE.iv, 8, input);
    return {
        algorithm: sequence(newOid(OID.sha3Des), sequence(newOctetString(input.salt), newInteger(WRITTEN_ITERATIONS))),
        ciphertext: runCipher('des-ede3-cbc', key, iv, plaintext),
    };
}
function runCipher(name, key, iv, plaintext) {
    const cipher = (0,external_node_crypto_.createCipheriv)(name, key, iv);
    return Buffer.concat([cipher.update(plaintext), cipher.final()]);
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/mac.js
/** The MAC that ties a P12 to its password (RFC 7292 §4, RFC 9579). */











/** Above this, deriving in JavaScript takes longer than having OpenSSL open the whole file. */
const NATIVE_FROM = 100_000;
/** MacData: mac (DigestInfo), macSalt, iterations DEFAULT 1. */
function readMac(macData, budget) {
    const [digestInfo, salt, count] = children(macData);
    if (digestInfo === undefined || salt === undefined)
        throw malformed('its MAC is incomplete');
    const algorithm = child(digestInfo, 0);
    const expected = octetString(child(digestInfo, 1));
    const name = oid(child(algorithm, 0));
    if (name === OID.pbmac1)
        return readPbmac1(child(algorithm, 1), expected, budget);
    const iterations = budget.iterations(count === undefined ? 1 : integer(count));
    return readPkcs12Mac(findDigest(name), checkSalt(octetString(salt)), iterations, expected);
}
function readPkcs12Mac(digest, salt, iterations, expected) {
    return {
        label: `MAC ${digest.name}, ${iterations} iterations`,
        forms: bmpForms,
        verify: async (form, content, der) => {
            const answer = iterations < NATIVE_FROM ? undefined : askOpenssl(der, form);
            if (answer !== undefined)
                return answer;
            const input = { digest, password: form.bytes, salt, iterations };
            const key = await pkcs12Kdf(PURPOSE.mac, (0,external_node_crypto_.createHmac)(digest.name, '').digest().length, input);
            return sameBytes((0,external_node_crypto_.createHmac)(digest.name, key).update(content).digest(), expected);
        },
    };
}
/** RFC 9579 §4: PBMAC1-params are a keyDerivationFunc, whose key length must be there, and a messageAuthScheme. */
function readPbmac1(parameters, expected, budget) {
    const derivation = readDerivation(child(parameters, 0), budget);
    const digest = findHmac(oid(child(child(parameters, 1), 0)));
    const { keyLength } = derivation;
    if (keyLength === undefined)
        throw malformed('its PBMAC1 does not say the length of the key');
    return {
        label: `PBMAC1 HMAC-${digest.name}, ${derivation.label}`,
        obstacle: 'protected by PBMAC1, which OpenSSL reads since 3.4',
        forms: byteForms,
        verify: async (form, content) => {
            const key = await derivation.derive(form.bytes, keyLength);
            return sameBytes((0,external_node_crypto_.createHmac)(digest.name, key).update(content).digest(), expected);
        },
    };
}
function sameBytes(actual, expected) {
    return actual.length === expected.length && (0,external_node_crypto_.timingSafeEqual)(actual, expected);
}
/** MacData over the bytes of the AuthenticatedSafe. */
async function createMac(name, password, content) {
    const salt = (0,external_node_crypto_.randomBytes)(16);
    const length = name === 'sha1' ? 20 : 32;
    const key = await pkcs12Kdf(PURPOSE.mac, length, {
        digest: { name, block: 64 },
        password: bmpPassword(password),
        salt,
        iterations: WRITTEN_ITERATIONS,
    });
    const digest = (0,external_node_crypto_.createHmac)(name, key).update(content).digest();
    const algorithm = sequence(newOid(OID[name]), newNull());
    return sequence(sequence(algorithm, newOctetString(digest)), newOctetString(salt), newInteger(WRITTEN_ITERATIONS));
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/pfx.js
/** The outer structure of a P12 (RFC 7292 §4): the PFX with its MAC, and the safes in it, still closed. */





function readPfx(bytes) {
    checkFileSize(bytes.length);
    const { value: pfx, length } = readOuter(bytes);
    const [version, authSafe, macData] = isSequence(pfx) ? children(pfx) : [];
    if (!isInteger(version) || authSafe === undefined || integer(version) !== 3) {
        throw malformed('it does not begin as a PKCS#12 file does');
    }
    const type = oid(child(authSafe, 0));
    if (type === OID.signedData)
        throw unsupported('public-key integrity mode (a signature in place of a password)');
    if (type !== OID.data)
        throw malformed('its content is of an unknown type');
    const authenticatedSafe = octetString(content(authSafe));
    return { der: bytes.subarray(0, length), authenticatedSafe, ...(macData === undefined ? {} : { macData }) };
}
/** AuthenticatedSafe: a SEQUENCE of ContentInfo. */
function readSafes(authenticatedSafe, budget) {
    return children(readDer(authenticatedSafe)).map(info => {
        budget.bag(0);
        return readSafe(info, budget);
    });
}
function readSafe(info, budget) {
    const type = oid(child(info, 0));
    if (type === OID.data)
        return { contents: octetString(content(info)) };
    if (type === OID.envelopedData)
        throw unsupported('public-key privacy mode (encrypted for a certificate)');
    if (type !== OID.encryptedData)
        throw malformed('a part of it is of an unknown type');
    // RFC 5652 §8: EncryptedData { version, { contentType, algorithm, [0] content } }
    const encrypted = children(child(content(info), 1));
    const [, algorithm, ciphertext] = encrypted;
    if (algorithm === undefined || !isContext(ciphertext, 0))
        throw malformed('a part of it is empty');
    return { scheme: readScheme(algorithm, budget), ciphertext: octets(ciphertext) };
}
/** ContentInfo's explicit [0]. */
function content(info) {
    const wrapper = child(info, 1);
    if (!isContext(wrapper, 0))
        throw malformed('a part of it is empty');
    return child(wrapper, 0);
}
function readOuter(bytes) {
    try {
        return readPrefix(bytes);
    }
    catch (error) {
        const announced = announcedLength(bytes);
        if (announced !== undefined && announced > bytes.length) {
            throw malformed(`it is cut off after ${bytes.length} of ${announced} bytes`, error);
        }
        throw malformed('its structure cannot be read', error);
    }
}
/** The length that a definite-length SEQUENCE gives itself. */
function announcedLength(bytes) {
    const [tag, first] = bytes;
    if (tag !== 0x30 || first === undefined)
        return undefined;
    if (first < 0x80)
        return 2 + first;
    const count = first & 0x7f;
    return count > 0 && count <= 4 && bytes.length >= 2 + count
        ? 2 + count + bytes.readUIntBE(2, count)
        : undefined;
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/open.js
/** Undoing the encryption of a P12 with one password. */







/** Undefined when the password is not the one. */
async function openWith(pfx, password, findings) {
    const budget = new Budget();
    const mac = pfx.macData && readMac(pfx.macData, budget);
    const safes = readSafes(pfx.authenticatedSafe, budget);
    const opener = { password, budget, findings };
    if (mac !== undefined && !(await macFits(mac, pfx, opener)))
        return undefined;
    // Side by side: PBKDF2 runs on the thread pool.
    const parts = await Promise.all(safes.map(safe => openSafe(safe, opener)));
    const opened = {
        keys: parts.flatMap(part => part?.keys ?? []),
        certificates: parts.flatMap(part => part?.certificates ?? []),
    };
    const closed = parts.includes(undefined) || (opened.keys.length > 0 && opened.keys.every(key => key.pkcs8 === undefined));
    if (!closed)
        return opened;
    if (mac === undefined)
        return undefined;
    throw contentPassword();
}
async function macFits(mac, pfx, { password, findings }) {
    for (const form of mac.forms(password)) {
        if (await mac.verify(form, pfx.authenticatedSafe, pfx.der)) {
            findings.undone('integrity', mac, form);
            return true;
        }
    }
    return false;
}
async function openSafe(safe, opener) {
    const contents = 'contents' in safe
        ? readDer(safe.contents)
        : await decrypt('contents', safe.scheme, safe.ciphertext, opener, readSafeContents);
    if (contents === undefined)
        return undefined;
    const bags = readBags(contents, opener.budget);
    return {
        keys: await Promise.all(bags.keys.map(key => openKey(key, opener))),
        certificates: bags.certificates,
    };
}
async function openKey(key, opener) {
    const pkcs8 = 'pkcs8' in key ? key.pkcs8 : await decrypt('private key', key.scheme, key.ciphertext, opener, checkPkcs8);
    return { pkcs8, ...(key.friendlyName === undefined ? {} : { friendlyName: key.friendlyName }) };
}
/** Tries the forms of the password; `read` throws on nonsense, because padding alone fits one time in 256. */
async function decrypt(what, scheme, ciphertext, { password, findings }, read) {
    for (const form of scheme.forms(password)) {
        try {
            const value = read(await scheme.decrypt(form.bytes, ciphertext));
            findings.undone(what, scheme, form);
            return value;
        }
        catch (error) {
            if (error instanceof errors/* ActionError */.lZ)
                throw error;
        }
    }
    return undefined;
}
function readSafeContents(plaintext) {
    const contents = readDer(plaintext);
    if (isSequence(contents) && children(contents).every(isSequence))
        return contents;
    throw new Error('not a SafeContents');
}
/** PrivateKeyInfo: version, algorithm, key (RFC 5958 §2). */
function checkPkcs8(plaintext) {
    const [version, algorithm, key] = children(readDer(plaintext));
    if (isInteger(version) &&
        integer(version) <= 1 &&
        isSequence(algorithm) &&
        child(algorithm, 0) &&
        isOctetString(key))
        return plaintext;
    throw new Error('not a private key');
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/pair.js
/** Which key and which certificate of a P12 are meant. */



function readCertificates(opened) {
    return opened.certificates.map(({ der, ...name }) => ({ ...name, certificate: parseCertificate(der) }));
}
/**
 * The pair whose public keys are the same; localKeyIDs are not trusted, since some writers leave them out or repeat them.
 * Of several pairs a leaf goes before a CA, and the one that lasts longer before the other.
 */
function choosePair(opened, certificates, findings) {
    const keys = opened.keys.map(({ pkcs8, ...name }) => ({ ...name, privateKey: pkcs8 && parseKey(pkcs8) }));
    if (keys.length === 0)
        throw noKey();
    if (certificates.length === 0)
        throw noCertificate();
    const pairs = keys.flatMap(key => certificates.filter(entry => belongs(entry.certificate, key)).map(entry => ({ key, entry })));
    const [first] = pairs;
    const best = pairs.toSorted((a, b) => rank(b.entry.certificate) - rank(a.entry.certificate))[0];
    if (best?.key.privateKey === undefined)
        throw noPair(opened, keys);
    if (best.key !== keys[0] || best !== first)
        findings.obstacle('OpenSSL would take the first key in it, which is another one');
    const friendlyName = best.entry.friendlyName ?? best.key.friendlyName;
    return {
        privateKey: best.key.privateKey,
        certificate: best.entry.certificate,
        ...(friendlyName === undefined ? {} : { friendlyName }),
    };
}
function noPair(opened, keys) {
    if (opened.keys.some(key => key.pkcs8 === undefined))
        return contentPassword();
    if (keys.every(key => key.privateKey === undefined))
        return unsupported('a private key of a kind that OpenSSL cannot read');
    return keyMismatch();
}
function belongs(certificate, { privateKey }) {
    try {
        return privateKey !== undefined && certificate.checkPrivateKey(privateKey);
    }
    catch {
        return false; // a public key of a kind that OpenSSL does not know
    }
}
const CA_PENALTY = 1e16;
/** Higher is better. */
function rank(certificate) {
    return certificate.validToDate.getTime() - (certificate.ca ? CA_PENALTY : 0);
}
/** Undefined when OpenSSL cannot read it: another key in the file may still be the one. */
function parseKey(pkcs8) {
    for (const encode of [() => pkcs8, () => plainPkcs8(pkcs8)]) {
        try {
            return (0,external_node_crypto_.createPrivateKey)({ key: encode(), format: 'der', type: 'pkcs8' });
        }
        catch {
            // the next form, if there is one
        }
    }
    return undefined;
}
/** Without attributes and the public key of RFC 5958, and in DER: what every version of OpenSSL reads. */
function plainPkcs8(pkcs8) {
    const info = readDer(pkcs8);
    return toDer(sequence(newInteger(0), child(info, 1), child(info, 2)));
}
function parseCertificate(der) {
    try {
        return new external_node_crypto_.X509Certificate(der);
    }
    catch (error) {
        throw malformed('a certificate in it cannot be read', error);
    }
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/decode.js








/**
 * Opens a P12 with `password`, or with it less its trailing line breaks: a secret that was made by `echo` has one.
 * Throws the P12_ codes of src/errors.ts and nothing else.
 */
async function decodePkcs12(bytes, password) {
    try {
        const pfx = readPfx(bytes);
        for (const candidate of new Set([password, withoutTrailing(password, '\r\n')])) {
            const findings = new Findings();
            const opened = await openWith(pfx, candidate, findings);
            if (opened !== undefined)
                return assemble(pfx, candidate, opened, findings);
        }
    }
    catch (error) {
        throw error instanceof errors/* ActionError */.lZ ? error : malformed('its structure cannot be read', error);
    }
    throw wrongPassword(password);
}
function assemble(pfx, password, opened, findings) {
    const certificates = readCertificates(opened);
    const pair = choosePair(opened, certificates, findings);
    if (pfx.macData === undefined)
        findings.obstacle('it has no MAC, and curl and OpenSSL before 3.2 refuse it for that');
    const others = certificates.map(({ certificate }) => certificate);
    return {
        ...pair,
        chain: orderChain(pair.certificate, others),
        der: pfx.der,
        password,
        portability: findings.portability,
        algorithms: findings.algorithms,
    };
}

;// CONCATENATED MODULE: ./build/x509/pkcs12/encode.js
/** Writing a PKCS#12 file (RFC 7292), bag by bag as OpenSSL lays it out, so that everyone's reader has met the like. */





/**
 * `modern` is what OpenSSL 3 writes by default, `legacy` what every reader of the last twenty years takes.
 * The certificates are encrypted too: OpenSSL, Java and Windows do the same, and readers rely on it to ask for a password once.
 */
async function encodePkcs12(contents) {
    const { privateKey, certificate, password, encryption } = contents;
    const attributes = leafAttributes(certificate, contents.friendlyName ?? 'DigiCert Client Auth Certificate');
    const certificates = sequence(certificateBag(certificate, attributes), ...contents.chain.map(issuer => certificateBag(issuer, [])));
    const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
    const [encryptedCertificates, shroudedKey] = await Promise.all([
        encrypt(encryption, password, toDer(certificates)),
        encrypt(encryption, password, pkcs8),
    ]);
    const keyBag = bag(OID.shroudedKeyBag, sequence(shroudedKey.algorithm, newOctetString(shroudedKey.ciphertext)), attributes);
    const authenticatedSafe = toDer(sequence(encryptedContent(encryptedCertificates), dataContent(toDer(sequence(keyBag)))));
    const mac = await createMac(encryption === 'modern' ? 'sha256' : 'sha1', password, authenticatedSafe);
    // RFC 7292 §4: version 3.
    return toDer(sequence(newInteger(3), dataContent(authenticatedSafe), mac));
}
/** A shared localKeyID is what ties key and certificate together for most readers; OpenSSL uses the certificate's SHA-1. */
function leafAttributes(certificate, friendlyName) {
    const localKeyId = (0,external_node_crypto_.createHash)('sha1').update(certificate.raw).digest();
    return [
        sequence(newOid(OID.localKeyId), setOf(newOctetString(localKeyId))),
        sequence(newOid(OID.friendlyName), setOf(newBmp(friendlyName))),
    ];
}
/** RFC 7292 §4.2.3. */
function certificateBag(certificate, attributes) {
    const value = sequence(newOid(OID.x509Certificate), context(0, newOctetString(certificate.raw)));
    return bag(OID.certBag, value, attributes);
}
/** RFC 7292 §4.2: the attributes are left out where there are none. */
function bag(type, value, attributes) {
    const optional = attributes.length === 0 ? [] : [setOf(...attributes)];
    return sequence(newOid(type), context(0, value), ...optional);
}
/** RFC 5652 §4. */
function dataContent(content) {
    return sequence(newOid(OID.data), context(0, newOctetString(content)));
}
/** RFC 5652 §8. */
function encryptedContent({ algorithm, ciphertext }) {
    const info = sequence(newOid(OID.data), algorithm, implicitOctets(0, ciphertext));
    return sequence(newOid(OID.encryptedData), context(0, sequence(newInteger(0), info)));
}

;// CONCATENATED MODULE: ./build/x509/pkcs12.js
/** PKCS#12 files: the stored ones that users bring, and the ones the action writes. */



;// CONCATENATED MODULE: ./build/x509/validity.js
/** How long a certificate still lasts. Pure functions; the time comes in. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Whole days left, rounded down: 23 hours are 0 days, and one minute past the end is -1. */
function daysRemaining(notAfter, now) {
    return Math.floor((notAfter.getTime() - now.getTime()) / DAY);
}
/** The time left as people say it: "89 days", "23 h 59 min", "4 min", "expired 3 days ago". */
function describeRemaining(notAfter, now) {
    const left = notAfter.getTime() - now.getTime();
    return left < 0 ? `expired ${describeSpan(-left)} ago` : describeSpan(left);
}
function describeSpan(span) {
    const days = Math.floor(span / DAY);
    const hours = Math.floor((span % DAY) / HOUR);
    const minutes = Math.floor((span % HOUR) / MINUTE);
    if (days >= 3 || (days > 0 && hours === 0))
        return days === 1 ? '1 day' : `${days} days`;
    if (days > 0)
        return `${days === 1 ? '1 day' : `${days} days`} ${hours} h`;
    if (hours > 0)
        return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
    return minutes > 0 ? `${minutes} min` : 'less than a minute';
}
/** Ends within `failWithin` → failing, within `warnWithin` → warning. `failWithin: 0` fails only an expired certificate. */
function validityState(notAfter, now, { failWithin, warnWithin }) {
    const seconds = (notAfter.getTime() - now.getTime()) / 1000;
    if (seconds < 0)
        return 'expired';
    if (seconds < failWithin)
        return 'failing';
    return seconds < warnWithin ? 'warning' : 'fine';
}

;// CONCATENATED MODULE: ./build/operations/deliver.js

/** Writes what the signing steps need into the private directory. */
function writeMaterial(directory, material) {
    const { p12, certificate, chain, privateKey } = material;
    directory.create();
    return {
        p12: directory.write('client.p12', p12),
        certificate: directory.write('client.crt', certificatePem(certificate)),
        chain: chain.length === 0 ? '' : directory.write('ca.crt', chain.map(certificatePem).join('')),
        key: privateKey === undefined ? '' : directory.write('client.key', privateKeyPem(privateKey)),
    };
}
/** PKCS#8, unencrypted. */
function privateKeyPem(key) {
    return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
/** What the proof over mTLS shows: the certificate with its chain, and its key. */
function pemIdentity(keyPem, certificate, chain) {
    return { key: keyPem, cert: [certificate, ...chain].map(certificatePem).join('') };
}

;// CONCATENATED MODULE: ./build/operations/issued.js



/**
 * The certificate and its chain, once it is certain that they belong to our key.
 * @throws ActionError RESPONSE_INVALID, CERT_KEY_MISMATCH
 */
function readIssued(record, privateKey) {
    const [certificate, ...rest] = readPem(record.certificate);
    if (certificate === undefined)
        throw invalidResponse('no certificate in x509_cert');
    if (!certificate.checkPrivateKey(privateKey)) {
        throw new errors/* ActionError */.lZ('CERT_KEY_MISMATCH', {
            what: 'The server issued a certificate for another key than the one that this step made.',
            why: 'A proxy or a cache answered with an older response.',
            fix: 'Run the job again; make sure that no cache sits between the runner and DigiCert ONE.',
        });
    }
    return { certificate, chain: orderChain(certificate, [...rest, ...readPem(record.caCertificates)]) };
}
function readPem(pem) {
    try {
        return parsePemCertificates(pem);
    }
    catch (cause) {
        throw invalidResponse('a certificate that cannot be read', cause);
    }
}

;// CONCATENATED MODULE: ./build/operations/nickname.js
/** Fits a common name (X.520: 64 characters), which by default is the nickname. */
const LONGEST = 64;
const SUFFIX_LENGTH = 10;
const LONGEST_PREFIX = LONGEST - SUFFIX_LENGTH - 1;
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
/** Says which run made the certificate, also where the repository's name has to be cut for it. */
function runPrefix(repository, run) {
    const tail = run === '' ? '' : `-${run}`;
    return nicknamePrefix(repository.slice(0, LONGEST_PREFIX - tail.length) + tail);
}
/** DigiCert takes letters, numbers, spaces, dashes and underscores; anything else becomes a dash. */
function nicknamePrefix(text) {
    return text
        .replace(/[^A-Za-z0-9 _-]+/g, '-')
        .slice(0, LONGEST_PREFIX)
        .replace(/^[ -]+|[ -]+$/g, '');
}
/** A nickname nobody else has: 32^10 suffixes, so finding it on the server means that it is ours. */
function newNickname(prefix, random) {
    return joined(prefix, newSuffix(SUFFIX_LENGTH, random));
}
/** Together with the serial number it is as good as a longer one. */
const ROTATION_SUFFIX_LENGTH = 6;
const ROTATION = /(?:^|-)replaces-([0-9A-F]{1,48})-[a-z2-9]{6}$/;
/**
 * The nickname of a certificate that takes the place of another. Rotation keeps no other record of what it did, so
 * the serial number of the other is in it whole, and the prefix gets what is left of the 64 characters.
 */
function rotationNickname(prefix, serialNumber, random) {
    const tail = `replaces-${serialNumber}-${newSuffix(ROTATION_SUFFIX_LENGTH, random)}`;
    return joined(nicknamePrefix(prefix.slice(0, Math.max(0, LONGEST - tail.length - 1))), tail);
}
/** The serial number that a nickname of rotation says is replaced; undefined for every other nickname. */
function replacedSerial(nickname) {
    return ROTATION.exec(nickname)?.[1];
}
function newSuffix(length, random) {
    return [...random.bytes(length)].map(byte => ALPHABET[byte % ALPHABET.length]).join('');
}
function joined(prefix, tail) {
    return prefix === '' ? tail : `${prefix}-${tail}`;
}

;// CONCATENATED MODULE: ./build/x509/csr.js
/** The certificate signing request (PKCS#10, RFC 2986). */



const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';
const ATTRIBUTE_OIDS = {
    CN: '2.5.4.3',
    C: '2.5.4.6',
    L: '2.5.4.7',
    ST: '2.5.4.8',
    O: '2.5.4.10',
    OU: '2.5.4.11',
};
/** A PEM request for an RSA key, signed with SHA-256. */
function createCsr(privateKey, subject) {
    const publicKey = (0,external_node_crypto_.createPublicKey)(privateKey).export({ format: 'der', type: 'spki' });
    const info = sequence(newInteger(0), sequence(...subject.map(relativeName)), readDer(publicKey), 
    // RFC 2986 §4.1: the attributes are present even when there are none.
    context(0));
    const signature = (0,external_node_crypto_.sign)('sha256', toDer(info), privateKey);
    const request = sequence(info, sequence(newOid(SHA256_WITH_RSA), newNull()), newBitString(signature));
    return pemBlock('CERTIFICATE REQUEST', toDer(request));
}
/** RFC 5280 §4.1.2.4: UTF8String, but a country is a PrintableString (X.520). */
function relativeName({ type, value }) {
    const text = type === 'C' ? newPrintable(value) : newUtf8(value);
    return setOf(sequence(newOid(ATTRIBUTE_OIDS[type]), text));
}

;// CONCATENATED MODULE: ./build/operations/obtain.js





/** A suffix is random, so a nickname that is taken five times in a row is not about the suffix. */
const MOST_NICKNAMES = 5;
/**
 * Gets one certificate out of an API that may lose answers. Every request has a nickname of its own, remembered
 * before it goes out. When an answer is lost, the list of certificates says whether the request was carried out:
 * what it left is disabled (only the lost answer held the certificate), and only then is another one requested.
 * @throws ActionError
 */
async function obtain(wanted, key, ports) {
    return await withRetries(ports.digicert.retryPolicy, ports, () => askByFreeNickname(wanted, key, ports));
}
async function askByFreeNickname(wanted, key, ports) {
    for (let count = 1;; count++) {
        try {
            return await ask(wanted.nickname(), wanted, key, ports);
        }
        catch (error) {
            if (!(error instanceof NicknameTaken))
                throw error;
            if (count === MOST_NICKNAMES)
                throw error.reason;
            ports.log.info('That nickname is taken; trying another.');
        }
    }
}
async function ask(nickname, wanted, key, ports) {
    const { digicert, clock, ledger, log } = ports;
    const requestedEnd = wholeSeconds(clock.now().getTime() + wanted.validitySeconds * 1000);
    const csr = createCsr(key, wanted.subject ?? [{ type: 'CN', value: nickname }]);
    ledger.asking(nickname);
    log.info(`Requesting "${nickname}" (RSA ${wanted.keySize}, until ${requestedEnd.toISOString()}) from ${(0,digicert_hosts/* hostOf */.w4)(digicert.hosts.api)}.`);
    const answer = digicert.requestCertificate({ csr, nickname, end: requestedEnd });
    digicert.reachClientauth();
    const record = await answer.catch(error => giveUp(nickname, error, ports));
    ledger.issued(record.id, nickname);
    return { record: { ...record, name: record.name || nickname }, requestedEnd };
}
/** Remembers, or makes sure, that nothing by this nickname is left enabled. */
async function giveUp(nickname, error, ports) {
    // The suffix is random: a nickname that is taken means that a gateway has sent our request twice.
    if (error instanceof NicknameTaken || error instanceof Unsettled)
        await settle(nickname, error, ports);
    if (error instanceof Unsettled)
        throw new Again(error.reason, error.waitMs);
    ports.ledger.settled(nickname);
    throw error;
}
/**
 * Finds out whether the request was carried out, and if so takes its certificate out of service. When nothing is
 * found the nickname stays remembered: the server may still be at it, and the post step looks again.
 */
async function settle(nickname, lost, { digicert, ledger, log }) {
    log.info(`${lost.reason.message} The request may have been carried out all the same: looking for "${nickname}".`);
    try {
        const found = (await digicert.listCertificates()).filter(({ name }) => name === nickname);
        for (const { id } of found) {
            await digicert.setEnabled(id, false);
            log.info(`It was. Disabled that certificate (id ${id}), because only the lost answer held it.`);
        }
        if (found.length > 0)
            ledger.settled(nickname);
    }
    catch (cause) {
        throw cause instanceof errors/* ActionError */.lZ ? unsettled(nickname, lost.reason, cause) : cause;
    }
}
function unsettled(nickname, reason, cause) {
    return new errors/* ActionError */.lZ(reason.code, {
        what: `${reason.message} Asking whether a certificate was issued all the same failed too: ${cause.message}`,
        why: reason.why,
        fix: `${reason.fix} At the end of this job the post step looks for "${nickname}" and disables it.`,
    }, cause);
}
/** X.509 and the API count in seconds. */
function wholeSeconds(ms) {
    return new Date(Math.floor(ms / 1000) * 1000);
}

;// CONCATENATED MODULE: ./build/operations/password.js
const password_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 40;
/**
 * A random password of 40 letters and digits (238 bits). No other characters: jsign splits on `|`, and cmd, YAML and
 * shells each have special ones of their own.
 */
function newPassword(random) {
    let password = '';
    while (password.length < LENGTH) {
        // Bytes from 248 on would make the first letters likelier than the last.
        for (const byte of random.bytes(LENGTH))
            if (byte < 248)
                password += password_ALPHABET[byte % password_ALPHABET.length];
    }
    return password.slice(0, LENGTH);
}

;// CONCATENATED MODULE: ./build/operations/diagnose.js




/**
 * Finds out why the clientauth host refused a certificate. The host says the same in every case (and 401 as well as
 * 403 for an expired one), so the dates are looked at first and then, with an API key, the API is asked.
 * @returns the error to throw
 */
async function diagnose(refused, facts, { digicert, clock, log }) {
    const now = clock.now();
    if (facts.notAfter <= now)
        return expired(facts, now, refused);
    if (facts.notBefore > now)
        return notYetValid(facts, refused);
    const clientauth = (0,digicert_hosts/* hostOf */.w4)(digicert.hosts.clientauth);
    if (!digicert.hasApiKey)
        return refusedWithoutApiKey(clientauth, refused);
    log.info(`${clientauth} refused the certificate; asking ${(0,digicert_hosts/* hostOf */.w4)(digicert.hosts.api)} why.`);
    const [records, user] = await Promise.all([
        outcome(digicert.listCertificates()),
        outcome(digicert.currentUser()),
    ]);
    const subject = { facts, refused, clientauth, api: (0,digicert_hosts/* hostOf */.w4)(digicert.hosts.api), now };
    if (records instanceof errors/* ActionError */.lZ)
        return apiRefused(records, user, subject);
    return judge(records, user, subject);
}
/** The words for a certificate whose end has passed, with or without a server's refusal. */
function expired(facts, now, cause) {
    return failure('CERT_EXPIRED', `The certificate ${facts.serialNumber} ${describeRemaining(facts.notAfter, now)}, on ${facts.notAfter.toISOString()}.`, 'Client certificates last at most 397 days and cannot be renewed.', "Issue a new one and replace the stored P12, or use 'mode: issue', which needs no stored P12.", cause);
}
function judge(records, user, subject) {
    const { facts, now, refused } = subject;
    const record = records.find(({ serialNumber }) => normalizeSerial(serialNumber) === facts.serialNumber);
    if (record?.enabled === false)
        return disabled(record, subject);
    if (record?.endDate !== undefined && record.endDate <= now)
        return expired({ ...facts, notAfter: record.endDate }, now, refused);
    if (isInactive(user))
        return inactive(user, subject);
    return record === undefined ? unknown(records.length, subject) : puzzling(subject);
}
function isInactive(user) {
    if (user instanceof errors/* ActionError */.lZ)
        return user.code === 'ACCESS_DENIED';
    return user.status !== '' && user.status.toUpperCase() !== 'ACTIVE';
}
function disabled({ id, name }, { facts, refused, api }) {
    return failure('CERT_DISABLED', `The certificate ${facts.serialNumber} ("${name}", id ${id}) is disabled.`, 'Somebody, or the rotation of this secret, has taken it out of service.', `Use its successor. If it was disabled by mistake, enable it again on ${api} (Account, Access, Service User).`, refused);
}
function inactive(user, { api, refused }) {
    const who = user instanceof errors/* ActionError */.lZ ? 'The service user' : `The service user "${user.name}"`;
    const state = user instanceof errors/* ActionError */.lZ ? 'is not allowed to use the API' : `has the status ${user.status}`;
    return failure('USER_INACTIVE', `${who} ${state} on ${api}, so its certificates are refused.`, 'It was deactivated or locked, or its end date has passed.', 'Activate the service user in DigiCert ONE, or use the certificate and API key of another one.', refused);
}
function unknown(count, { facts, api, clientauth, refused }) {
    return failure('CERT_UNKNOWN', `${clientauth} refused the certificate ${facts.serialNumber}, and it is not among the ${count} of this API key's service user on ${api}.`, 'It belongs to another service user, account or environment (a certificate from demo on the production host).', "Check that 'host' is where the certificate was issued, and that certificate and API key are of the same service user.", refused);
}
function puzzling({ refused, clientauth, api }) {
    return failure('CERT_REFUSED', `${refused.message} Yet ${api} lists the certificate as enabled and within its dates.`, `${clientauth} belongs to another environment, a device in between ends TLS and drops the client certificate, or the clock of this runner (or of the server) is wrong.`, "Check 'clientauth-host', the runner's clock, and that no proxy inspects the traffic to that host.", refused);
}
function refusedWithoutApiKey(clientauth, refused) {
    return failure('CERT_REFUSED', refused.message, `The certificate is disabled, ${clientauth} is not the environment it was issued in, or its service user is inactive.`, "Give 'api-key' as well: then this step asks the API and says which of these it is.", refused);
}
function apiRefused(why, user, subject) {
    if ((0,errors/* hasCode */.up)(why, 'ACCESS_DENIED') || (isInactive(user) && !(user instanceof errors/* ActionError */.lZ)))
        return inactive(user, subject);
    if ((0,errors/* hasCode */.up)(why, 'API_KEY_INVALID')) {
        return failure('API_KEY_INVALID', `${subject.clientauth} refused the certificate, and ${subject.api} refused the API key as well.`, 'Both belong to another environment (demo credentials on the production host), or the service user was deleted or deactivated.', "Check 'host' first; then whether the service user still exists and is active.", why);
    }
    return failure('CERT_REFUSED', `${subject.refused.message} Asking why failed: ${why.message}`, why.why, why.fix, why);
}
function notYetValid(facts, cause) {
    return failure('CERT_NOT_YET_VALID', `The certificate ${facts.serialNumber} is valid only from ${facts.notBefore.toISOString()}.`, "It was made for a later date, or this runner's clock is slow.", "Check the runner's clock, or wait until then.", cause);
}
function failure(code, what, why, fix, cause) {
    return new errors/* ActionError */.lZ(code, { what, why, fix }, cause);
}
/** A diagnosis goes on with what it can learn. */
async function outcome(pending) {
    try {
        return await pending;
    }
    catch (error) {
        if (error instanceof errors/* ActionError */.lZ)
            return error;
        throw error;
    }
}

;// CONCATENATED MODULE: ./build/operations/prove.js




/**
 * Shows that DigiCert ONE accepts the certificate and that its user may do what the later steps need.
 * @throws ActionError CERT_*, USER_INACTIVE, PERMISSION_MISSING
 */
async function prove(identity, facts, wanted, ports) {
    const user = wanted.verify
        ? await verifyOverMtls(identity, facts, ports)
        : await askApi(wanted.requirePermissions, ports);
    if (user !== undefined)
        requireAll(wanted.requirePermissions, user);
    return { user, verified: wanted.verify };
}
async function verifyOverMtls(identity, facts, ports) {
    try {
        const user = await ports.digicert.verify(identity);
        ports.log.info(`Proven over mTLS at ${(0,digicert_hosts/* hostOf */.w4)(ports.digicert.hosts.clientauth)}: it authenticates "${user.name || user.id}".`);
        return user;
    }
    catch (error) {
        throw isRefusal(error) ? await diagnose(error, facts, ports) : error;
    }
}
/** True for every way in which the clientauth host does not accept a certificate. */
function isRefusal(error) {
    return error instanceof CertificateRefused || (0,errors/* hasCode */.up)(error, 'CERT_REFUSED');
}
/** Without mTLS the API key's own user is the one to look at. */
async function askApi(permissions, { digicert }) {
    return permissions.length > 0 ? await digicert.currentUser() : undefined;
}
function requireAll(permissions, user) {
    const missing = permissions.filter(permission => !user.permissions.includes(permission));
    if (missing.length === 0)
        return;
    throw new errors/* ActionError */.lZ('PERMISSION_MISSING', {
        what: `The user "${user.name}" lacks ${missing.join(', ')}.`,
        why: 'The role of the service user does not include it, or the name of the permission is misspelled.',
        fix: "In DigiCert ONE, add it to the service user's role, or correct 'require-permissions'.",
    });
}

;// CONCATENATED MODULE: ./build/operations/issue.js









/**
 * Issues a certificate for this job, proves it and writes it where the signing steps find it.
 * @param key the private key, whose generation has already begun
 * @throws ActionError
 */
async function issue(request, key, ports) {
    const { digicert, log, mask } = ports;
    const password = request.password ?? newPassword(ports.random);
    mask.text(password);
    const privateKey = await key;
    const pem = privateKeyPem(privateKey);
    mask.privateKey(pem);
    const nickname = () => newNickname(request.namePrefix, ports.random);
    const { record, requestedEnd } = await obtain({ ...request, nickname }, privateKey, ports);
    const { certificate, chain } = readIssued(record, privateKey);
    const facts = describeCertificate(certificate);
    const remaining = describeRemaining(facts.notAfter, ports.clock.now());
    log.info(`Issued "${record.name}" (id ${record.id}, serial number ${facts.serialNumber}), valid for ${remaining}.`);
    if (facts.notAfter.getTime() !== requestedEnd.getTime()) {
        log.notice(`DigiCert ONE set the end to ${facts.notAfter.toISOString()} instead of ${requestedEnd.toISOString()}.`);
    }
    const encryption = request.encryption === 'auto' ? 'modern' : request.encryption;
    // The P12 is made while the handshake is under way; both hold the same key and certificate.
    const [{ user, verified }, p12] = await Promise.all([
        prove(pemIdentity(pem, certificate, chain), facts, request, ports),
        encodePkcs12({ privateKey, certificate, chain, password, encryption }),
    ]);
    mask.bytes(p12);
    const files = writeMaterial(ports.directory, {
        p12,
        certificate,
        chain,
        privateKey: request.writeKey ? privateKey : undefined,
    });
    return {
        mode: 'issue',
        facts,
        name: record.name,
        certificateId: record.id,
        user: user ?? (record.userId === '' ? undefined : { id: record.userId, name: '' }),
        verified,
        permissions: request.requirePermissions,
        password,
        files,
        clientauthUrl: digicert.hosts.clientauth,
        daysRemaining: daysRemaining(facts.notAfter, ports.clock.now()),
        expiring: false,
    };
}

;// CONCATENATED MODULE: ./build/operations/stored.js







/**
 * Decodes a stored P12, checks how long it lasts, proves it and writes it where the signing steps find it.
 * @throws ActionError
 */
async function useStored(request, ports) {
    const { digicert, log, mask } = ports;
    digicert.reachClientauth();
    const opened = await decodePkcs12(request.p12, request.password);
    if (opened.password !== request.password)
        warnOfLineBreak(ports);
    const { privateKey, certificate, chain } = opened;
    const key = privateKeyPem(privateKey);
    mask.privateKey(key);
    const facts = describeCertificate(certificate);
    const remaining = describeRemaining(facts.notAfter, ports.clock.now());
    log.info(`Opened the stored P12: ${facts.subject}, serial number ${facts.serialNumber}, valid until ${facts.notAfter.toISOString()} (${remaining}).`);
    const expiring = checkValidity(facts, request, ports);
    const p12 = await convert(opened, request, ports);
    mask.bytes(p12);
    const { user, verified } = await prove(pemIdentity(key, certificate, chain), facts, request, ports);
    const files = writeMaterial(ports.directory, {
        p12,
        certificate,
        chain,
        privateKey: request.writeKey ? privateKey : undefined,
    });
    return {
        mode: 'stored',
        facts,
        name: opened.friendlyName ?? '',
        certificateId: '',
        user,
        verified,
        permissions: request.requirePermissions,
        password: opened.password,
        files,
        clientauthUrl: digicert.hosts.clientauth,
        daysRemaining: daysRemaining(facts.notAfter, ports.clock.now()),
        expiring,
    };
}
/** @returns true when the certificate ends within `warn-within` */
function checkValidity(facts, request, { clock, log }) {
    const now = clock.now();
    const limits = { failWithin: request.failWithinSeconds, warnWithin: request.warnWithinSeconds };
    const state = validityState(facts.notAfter, now, limits);
    if (state === 'expired')
        throw expired(facts, now);
    const ends = `The certificate ${facts.serialNumber} ends in ${describeRemaining(facts.notAfter, now)}, on ${facts.notAfter.toISOString()}.`;
    if (state === 'failing') {
        throw new errors/* ActionError */.lZ('CERT_EXPIRING', {
            what: ends,
            why: "Less is left than 'fail-within' allows.",
            fix: "Replace the stored P12 by a new one, or lower 'fail-within' until then.",
        });
    }
    if (state === 'warning')
        log.warning(`${ends} Replace the stored P12 before that; signing stops on that day.`);
    return state === 'warning';
}
/** The P12 to hand on: as it is where that works everywhere, otherwise written anew. */
async function convert(opened, request, { log }) {
    const { privateKey, certificate, chain, password, portability } = opened;
    if (request.encryption === 'auto' && portability.openssl3)
        return opened.der;
    if (request.encryption === 'auto') {
        log.notice(`The exported P12 is encrypted anew (AES-256), because OpenSSL 3 could not read it as it is: ${portability.reasons.join('; ')}.`);
    }
    const encryption = request.encryption === 'legacy' ? 'legacy' : 'modern';
    return await encodePkcs12({ privateKey, certificate, chain, password, encryption });
}
function warnOfLineBreak({ log }) {
    log.warning("The secret behind 'p12-password' ends in a line break that is not part of the password. It works here without it; store the secret again without the line break, because other tools will refuse it.");
}

;// CONCATENATED MODULE: ./build/x509/subject.js
/** The subject name that a user asks for, in either of the two usual notations. */


const TYPES = ['CN', 'O', 'OU', 'C', 'ST', 'L'];
/** X.520 upper bounds, in characters. */
const subject_LONGEST = { CN: 64, O: 64, OU: 64, C: 2, ST: 128, L: 128 };
const EXAMPLE = 'Write it as CN=Signing Service,O=Example Inc,C=US or /CN=Signing Service/O=Example Inc/C=US.';
/**
 * Reads a subject and gives its parts in the order the certificate holds them. RFC 4514 text ("CN=…,O=…,C=US") lists
 * them from the most specific one, so it is reversed (§2.1); OpenSSL's "/CN=…/O=…/C=US" is taken as it is written.
 */
function parseSubject(text) {
    const trimmed = trimUnescaped(text);
    if (trimmed === '')
        throw invalid('The subject is empty.', 'No name was given.', EXAMPLE);
    if (/[\p{Cc}\u2028\u2029]/u.test(trimmed) || !trimmed.isWellFormed()) {
        throw invalid('The subject holds a control character.', 'A line break or tab was pasted with it.', EXAMPLE);
    }
    const notation = trimmed.startsWith('/') ? 'openssl' : 'rfc4514';
    const parts = notation === 'openssl' ? splitUnescaped(trimmed.slice(1), '/') : splitUnescaped(trimmed, ',');
    const rdns = parts.map(part => readRdn(part, notation));
    if (!rdns.some(rdn => rdn.type === 'CN')) {
        throw invalid('The subject has no CN (common name).', 'A client certificate is known by its common name.', EXAMPLE);
    }
    return notation === 'openssl' ? rdns : rdns.reverse();
}
/** RFC 4514 text of a name that is in certificate order. */
function formatSubject(rdns) {
    return rdns
        .map(({ type, value }) => `${type}=${escapeValue(value)}`)
        .reverse()
        .join(',');
}
/** RFC 4514 §2.4. */
function escapeValue(value) {
    return value
        .replace(/[\\",+;<>]/g, '\\$&')
        .replace(/[\p{Cc}]/gu, char => `\\${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`)
        .replace(/^[# ]/, '\\$&')
        .replace(/ $/, '\\ ');
}
/** Undoes the escapes of RFC 4514 §3: `\2C` is a byte of UTF-8, `\,` the character itself. */
function unescapeValue(text) {
    const bytes = [];
    for (const [piece, hex, char] of text.matchAll(/\\([0-9a-f]{2})|\\(.)|[^\\]+|\\/gisu)) {
        bytes.push(hex === undefined ? Buffer.from(char ?? piece) : Buffer.from(hex, 'hex'));
    }
    return Buffer.concat(bytes).toString('utf8');
}
/** Splits at a separator that is neither escaped nor inside double quotes. */
function splitUnescaped(text, separator) {
    const parts = [];
    let part = '';
    let quoted = false;
    for (const [token] of text.matchAll(/\\.|./gsu)) {
        if (token === '"' && separator === ',')
            quoted = !quoted;
        if (token === separator && !quoted) {
            parts.push(part);
            part = '';
        }
        else {
            part += token;
        }
    }
    if (quoted)
        throw invalid('The subject has an opening " without a closing one.', 'A quote is missing or was meant as part of a value.', 'Close it, or write \\" for a quote inside a value.');
    return [...parts, part];
}
function readRdn(part, notation) {
    const match = /^\s*([^=\s]*)\s*=(.*)$/su.exec(part);
    if (match === null)
        throw notAnAttribute(notation);
    const type = readType(match[1] ?? '');
    const value = readValue(type, match[2] ?? '', notation);
    return { type, value: checkValue(type, value) };
}
function readType(text) {
    const type = TYPES.find(name => name === text.toUpperCase());
    if (type !== undefined)
        return type;
    throw invalid(`The subject uses ${/^[\w.]{1,30}$/.test(text) ? text : 'an attribute'}, which is not supported.`, 'Only CN, O, OU, C, ST and L can be requested; names are separated by a comma, or each preceded by a slash.', `Remove or rename the attribute. ${EXAMPLE}`);
}
function readValue(type, text, notation) {
    const quoted = notation === 'openssl' ? null : /^\s*"((?:\\.|[^"\\])*)"\s*$/su.exec(text);
    if (quoted !== null)
        return unescapeValue(quoted[1] ?? '');
    const bare = trimUnescaped(text);
    refuseUnescaped(type, bare, notation);
    // OpenSSL knows no hex pairs: a backslash takes the next character as it is.
    return notation === 'openssl' ? bare.replace(/\\(.)/gsu, '$1') : unescapeValue(bare);
}
/** Spaces and line breaks around a value do not count, unless the last space is escaped. */
function trimUnescaped(text) {
    const start = text.replace(/^[ \t\r\n]+/, '');
    const end = withoutTrailing(start, ' \t\r\n');
    return end.length < start.length && endsInEscape(end) ? `${end} ` : end;
}
/** Whether a backslash at the end escapes what would follow. */
function endsInEscape(text) {
    return (text.length - withoutTrailing(text, '\\').length) % 2 === 1;
}
function refuseUnescaped(type, text, notation) {
    const plain = text.replace(/\\./gsu, '');
    const special = (notation === 'openssl' ? /\+/ : /[+;"]/).exec(plain)?.[0];
    if (special === '+') {
        throw invalid(`The subject's ${type} holds an unescaped +.`, 'A + joins several attributes into one, which is not supported; or it is part of the name.', 'Separate the attributes by a comma, or write \\+ for a plus sign in a name.');
    }
    if (special !== undefined) {
        throw invalid(`The subject's ${type} holds an unescaped ${special}.`, `RFC 4514 gives ${special} a meaning of its own.`, `Write \\${special} for the character itself.`);
    }
    if (notation === 'rfc4514' && text.startsWith('#')) {
        throw invalid(`The subject's ${type} starts with #.`, 'RFC 4514 keeps # for encoded values, which are not supported.', 'Write \\# for the character itself.');
    }
    if (endsInEscape(text)) {
        throw invalid(`The subject's ${type} ends in a lone backslash.`, 'A backslash escapes the character after it.', 'Write \\\\ for a backslash.');
    }
}
function checkValue(type, value) {
    if (value.trim() === '')
        throw invalid(`The subject's ${type} is empty.`, 'There is nothing after the equals sign.', EXAMPLE);
    if (/[\p{Cc}\ufffd]/u.test(value)) {
        throw invalid(`The subject's ${type} holds a control character or broken UTF-8.`, 'A hex escape stands for it.', EXAMPLE);
    }
    if (type === 'C')
        return checkCountry(value);
    const length = [...value].length;
    if (length > subject_LONGEST[type]) {
        throw invalid(`The subject's ${type} is ${length} characters long; X.520 allows ${subject_LONGEST[type]}.`, 'The name is longer than certificates can hold.', `Shorten it to ${subject_LONGEST[type]} characters.`);
    }
    return value;
}
function checkCountry(value) {
    if (/^[a-z]{2}$/i.test(value))
        return value.toUpperCase();
    throw invalid("The subject's C is not two letters.", 'A country is written as its ISO 3166 code.', 'Write for example C=US or C=DE.');
}
function notAnAttribute(notation) {
    return invalid('A part of the subject is not of the form NAME=value.', notation === 'openssl'
        ? 'A slash inside a value starts the next attribute, or a name is missing.'
        : 'A comma inside a value starts the next attribute, or a name is missing.', `Write ${notation === 'openssl' ? '\\/ for a slash' : '\\, for a comma'} inside a value. ${EXAMPLE}`);
}
function invalid(what, why, fix) {
    return new errors/* ActionError */.lZ('INPUT_INVALID', { what, why, fix });
}

;// CONCATENATED MODULE: ./build/action/fields.js



/** Readers for one input each. All throw ActionError INPUT_* and never repeat a value, which may be a secret. */
/** Trimmed text; empty when not given. */
function fields_text(input) {
    return (0,core/* getInput */.V4)(input);
}
/** Text exactly as the secret holds it, stray line breaks included. */
function exactText(input) {
    return (0,core/* getInput */.V4)(input, { trimWhitespace: false });
}
/** Booleans as `core.getBooleanInput` reads them; `fallback` when the input is empty. */
function flag(input, fallback) {
    if (fields_text(input) === '')
        return fallback;
    try {
        return (0,core/* getBooleanInput */.Vt)(input);
    }
    catch (cause) {
        throw fields_invalid(input, 'is not a boolean', 'Write true or false.', cause);
    }
}
/** Seconds from `90d`, `12h`, `30m`, `45s` or `1d12h`. */
function duration(input, fallback) {
    const seconds = parseDuration(fields_text(input) || fallback);
    if (seconds === undefined) {
        throw fields_invalid(input, 'is not a duration', 'Write it like 90d, 12h, 30m, 45s, or combined like 1d12h.');
    }
    return seconds;
}
/** A whole number from `least` to `most`. */
function fields_integer(input, fallback, least, most) {
    const given = fields_text(input) || String(fallback);
    const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
    if (!(value >= least && value <= most)) {
        throw fields_invalid(input, `is not a whole number from ${least} to ${most}`, `Write a number from ${least} to ${most}.`);
    }
    return value;
}
/** One of `choices`, of which the first is the default. */
function choice(input, choices) {
    const given = fields_text(input).toLowerCase();
    if (given === '')
        return choices[0];
    const found = choices.find(known => known === given);
    if (found === undefined)
        throw fields_invalid(input, `is none of ${choices.join(', ')}`, `Write ${choices.join(' or ')}.`);
    return found;
}
/** Entries separated by commas or line breaks. */
function list(input) {
    return fields_text(input)
        .split(/[,\r\n]+/)
        .map(entry => entry.trim())
        .filter(entry => entry !== '');
}
/** The error for a required input that is empty, with the reason why secrets are in pull requests from forks. */
function missing(input) {
    return new errors/* ActionError */.lZ('INPUT_MISSING', {
        what: `The input '${input}' is empty.`,
        why: 'It is not set, the secret behind it does not exist (secret names are per repository, environment or organization), or this is a pull request from a fork or Dependabot, which gets no secrets.',
        fix: `Set it with \`${input}: \${{ secrets.… }}\`; skip this step where there are no secrets, for example with \`if: github.event.pull_request.head.repo.fork != true\`.`,
    });
}
function fields_invalid(input, problem, fix, cause) {
    const why = 'A misspelled value, or a value meant for another input.';
    return new errors/* ActionError */.lZ('INPUT_INVALID', { what: `The input '${input}' ${problem}.`, why, fix }, cause);
}

;// CONCATENATED MODULE: ./build/action/certificate-input.js


const LONGEST_VALIDITY = 397 * 86_400;
/**
 * What a new certificate shall be: `subject`, `validity`, `key-size`.
 * @throws ActionError INPUT_INVALID
 */
function readCertificate(defaultValidity) {
    return {
        subject: fields_text('subject') === '' ? undefined : parseSubject(fields_text('subject')),
        validitySeconds: readValidity(defaultValidity),
        keySize: Number(choice('key-size', ['2048', '3072', '4096'])),
    };
}
function readValidity(fallback) {
    const seconds = duration('validity', fallback);
    if (seconds === 0 || seconds > LONGEST_VALIDITY) {
        throw fields_invalid('validity', seconds === 0 ? 'is zero' : 'is longer than 397 days', 'DigiCert ONE issues client certificates for at most 397d; for one job 1d is plenty.');
    }
    return seconds;
}

// EXTERNAL MODULE: ./build/digicert/proxy.js + 1 modules
var digicert_proxy = __webpack_require__(5469);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
;// CONCATENATED MODULE: ./build/files.js



const PREFIX = 'digicert-client-certificate-';
/** Larger than any P12, certificate bundle or key by far. */
const MAX_BYTES = 8 * 1024 * 1024;
/**
 * One use of the action has one private directory, so that two uses in a job never touch each other's files. Its
 * path is decided before it is made: the caller saves it first, and then whatever happens it can be found and removed.
 */
class files_PrivateDirectory {
    path;
    constructor(path) {
        this.path = path;
    }
    /** A directory under `parent` (the runner's `RUNNER_TEMP`) that does not exist yet. */
    static plan(parent, suffix) {
        return new files_PrivateDirectory((0,external_node_path_.join)(parent, PREFIX + suffix));
    }
    /** A directory made by an earlier process; anything that is not one of ours is refused. */
    static find(path) {
        return (0,external_node_path_.basename)(path).startsWith(PREFIX) ? new files_PrivateDirectory(path) : undefined;
    }
    get exists() {
        return (0,external_node_fs_.existsSync)(this.path);
    }
    /**
     * Makes the directory, for its owner alone.
     * @throws ActionError FILE_WRITE
     */
    create() {
        attempt('create the private directory', this.path, () => (0,external_node_fs_.mkdirSync)(this.path, { mode: 0o700 }));
    }
    /**
     * Writes a new file for its owner alone.
     * @returns its absolute path
     * @throws ActionError FILE_WRITE
     */
    write(name, content) {
        return writePrivateFile(this.path, name, content);
    }
    /**
     * Deletes the directory with everything in it; none there is fine.
     * @throws ActionError FILE_WRITE
     */
    remove() {
        attempt('delete', this.path, () => (0,external_node_fs_.rmSync)(this.path, { recursive: true, force: true, maxRetries: 3 }));
    }
}
/**
 * Reads a file that an input names.
 * @throws ActionError FILE_READ
 */
function readInputFile(input, path) {
    try {
        if ((0,external_node_fs_.statSync)(path).size > MAX_BYTES)
            throw new RangeError('too large');
        return (0,external_node_fs_.readFileSync)(path);
    }
    catch (cause) {
        const reason = cause.code ?? 'too large';
        throw new errors/* ActionError */.lZ('FILE_READ', {
            what: `The file that '${input}' names cannot be read (${reason}).`,
            why: READ_REASONS[reason] ?? 'The path leads to something that is not a readable file.',
            fix: `Check the path in '${input}'. A relative path starts at the workspace; a file from the repository needs actions/checkout first.`,
        }, cause);
    }
}
/**
 * Writes a new file for its owner alone.
 * @returns its absolute path
 * @throws ActionError FILE_WRITE
 */
function writePrivateFile(directory, name, content) {
    const path = (0,external_node_path_.join)(directory, name);
    attempt('write', path, () => (0,external_node_fs_.writeFileSync)(path, content, { mode: 0o600, flag: 'wx' }));
    return path;
}
/** True for an existing directory. */
function isDirectory(path) {
    return (0,external_node_fs_.statSync)(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
const READ_REASONS = {
    ENOENT: 'There is no such file: the path is misspelled, or the step that writes the file did not run.',
    EACCES: 'The user that runs this job may not read it.',
    EISDIR: 'It is a directory.',
    'too large': 'It is larger than 8 MiB, so it is not what this input takes.',
};
function attempt(verb, path, act) {
    try {
        act();
    }
    catch (cause) {
        const reason = cause.code ?? 'unknown';
        throw new errors/* ActionError */.lZ('FILE_WRITE', {
            what: `Could not ${verb} ${path} (${reason}).`,
            why: reason === 'ENOSPC'
                ? 'The disk is full.'
                : "The runner's temporary directory is missing or not writable.",
            fix: 'Check the free space and the permissions of RUNNER_TEMP on this runner.',
        }, cause);
    }
}

;// CONCATENATED MODULE: ./build/version.js
/** The same as in package.json; a test compares them. */
const VERSION = '1.0.0';

;// CONCATENATED MODULE: ./build/action/masks.js

/** What operations mask with. */
const mask = { text: maskText, bytes: maskBytes, privateKey: maskPrivateKey };
/** A mask this short would blank out ordinary words all over the log. */
const SHORTEST_SECRET = 4;
/** A line or an encoding of a secret; the last line of a PEM block may be two characters long. */
const SHORTEST_PART = 8;
const PEM_ARMOUR = /-----[^-]+-----/g;
/** @returns false when the secret is too short to be masked without making the log unreadable */
function maskText(secret) {
    const whole = secret.trim();
    if (whole.length < SHORTEST_SECRET)
        return whole === '';
    maskAll([whole, secret], SHORTEST_SECRET);
    maskAll(secret.split(/[\r\n]+/), SHORTEST_PART);
    const bytes = Buffer.from(whole);
    maskAll([bytes.toString('base64'), Buffer.from(secret).toString('base64'), bytes.toString('base64url')], SHORTEST_PART);
    maskAll([bytes.toString('hex'), encodeURIComponent(whole), JSON.stringify(whole).slice(1, -1)], SHORTEST_PART);
    return true;
}
/** Masks a long secret as it is and line by line; for base64, whose other forms `maskBytes` covers. */
function maskLines(secret) {
    const bare = secret.replace(PEM_ARMOUR, '');
    maskAll([secret, ...bare.split(/\s+/)], SHORTEST_PART);
}
/** Masks bytes as tools print them: base64 in one piece and in lines, and hex. */
function maskBytes(secret) {
    const base64 = secret.toString('base64');
    maskAll([base64, secret.toString('base64url'), secret.toString('hex'), secret.toString('hex').toUpperCase()], SHORTEST_PART);
    for (const width of [64, 76])
        maskAll(base64.match(new RegExp(`.{1,${width}}`, 'g')) ?? [], SHORTEST_PART);
}
/** Masks a private key: every line of its PEM, and what is inside. */
function maskPrivateKey(pem) {
    const body = pem.replace(PEM_ARMOUR, '').trim();
    maskAll(body.split(/[\r\n]+/), SHORTEST_PART);
    maskBytes(Buffer.from(body, 'base64'));
    maskAll([Buffer.from(pem).toString('base64'), JSON.stringify(pem).slice(1, -1)], SHORTEST_PART);
}
/** Trimmed, because the runner compares exactly and a stray space or line break would unmask the rest. */
function maskAll(values, shortest) {
    for (const value of new Set(values.map(part => part.trim())))
        if (value.length >= shortest)
            (0,core/* setSecret */.Pq)(value);
}

;// CONCATENATED MODULE: ./build/action/connection.js







/** Reads and masks the API key; an empty one is undefined. Called before any other input is read. */
function readApiKey() {
    const apiKey = fields_text('api-key');
    if (apiKey === '')
        return undefined;
    maskText(apiKey);
    if (!/^[\x21-\x7e]+$/.test(apiKey)) {
        throw fields_invalid('api-key', 'holds a space, a line break or a character outside ASCII', 'Store the key alone in the secret, copied as DigiCert ONE shows it.');
    }
    return apiKey;
}
/**
 * The inputs that every action shares: where DigiCert ONE is and how to talk to it.
 * @param savedCaCertificates PEM that `ca-certificates` named earlier in the job, in case its file is gone by now
 */
function readConnection(apiKey, savedCaCertificates = '') {
    const hosts = (0,digicert_hosts/* parseHosts */.tB)(fields_text('host') || digicert_hosts/* DEFAULT_HOST */.HX, fields_text('clientauth-host'));
    for (const url of [hosts.api, hosts.clientauth])
        maskProxy(url);
    return {
        hosts,
        apiKey,
        caCertificates: readCaCertificates(savedCaCertificates),
        timeoutMs: readTimeout(),
        retries: fields_integer('retries', 4, 0, 20),
        userAgent: `digicert-client-certificate/${VERSION} (GitHub Actions)`,
    };
}
function readTimeout() {
    const seconds = duration('timeout', '30s');
    if (seconds < 1 || seconds > 600)
        throw fields_invalid('timeout', 'is not between 1s and 10m', 'Write a time like 30s or 2m.');
    return seconds * 1000;
}
function readCaCertificates(saved) {
    const given = fields_text('ca-certificates');
    if (given === '')
        return [];
    const pem = given.includes('-----BEGIN')
        ? given
        : saved || readInputFile('ca-certificates', given).toString('utf8');
    const certificates = connection_readPem(pem);
    if (certificates.length > 0)
        return certificates;
    throw fields_invalid('ca-certificates', 'holds no PEM certificate', 'Give PEM text (-----BEGIN CERTIFICATE----- …) or a path to such a file.');
}
function connection_readPem(pem) {
    try {
        return parsePemCertificates(pem).map(certificate => certificate.toString());
    }
    catch (cause) {
        throw fields_invalid('ca-certificates', 'holds a certificate that cannot be read', 'Export the CA certificate again as PEM (base64 X.509).', cause);
    }
}
/**
 * The proxy for an origin; the user name and password inside its URL are masked.
 * @throws ActionError INPUT_INVALID
 */
function maskProxy(url) {
    const proxy = (0,digicert_proxy/* proxyFor */.i)(new URL(url).origin);
    if (proxy === undefined || proxy.password === '')
        return proxy;
    const { username, password } = proxy;
    for (const secret of [password, (0,digicert_proxy/* decoded */.D)(password), `${username}:${password}`])
        maskText(secret);
    return proxy;
}

;// CONCATENATED MODULE: ./build/x509/p12-mistakes.js
/** The things that people store where a P12 should be, each with the words that help. None of them quotes the content. */


const STORE = 'Store the output of: base64 -w0 client.p12';
const EXPORT = 'Make a P12 of certificate and key: openssl pkcs12 -export -in client.crt -inkey client.key -out client.p12';
/** The usual mistake that a text is, if it is one. */
function recognizeText(text) {
    return TEXT_MISTAKES.find(({ matches }) => matches(text))?.error();
}
/** The usual mistake that PEM armour other than a P12's is. */
function recognizePem(label) {
    if (label.includes('PRIVATE KEY'))
        return keyAlone();
    if (label.includes('REQUEST')) {
        return mistake('is a certificate signing request', 'The .csr file was stored in place of the P12.', EXPORT);
    }
    if (label === 'PKCS7' || label === 'CMS')
        return pkcs7();
    return label.includes('CERTIFICATE') ? certificateAlone() : unknownPem();
}
/** The usual mistake that some bytes are, if they are one. */
function recognizeBytes(bytes) {
    return BYTE_MISTAKES.find(({ matches }) => matches(bytes))?.error();
}
function notBase64() {
    return mistake('is not base64 text', 'It holds characters that base64 does not have: another file was stored, or the text was changed on the way.', `${STORE} — or use p12-file for a path.`);
}
function cutBase64() {
    return mistake('is base64 text that is cut off', 'Its last characters are missing.', STORE);
}
function notAP12() {
    return mistake('is not a PKCS#12 file', 'Its bytes are something else: another secret (the password?) or another file was stored, or the text was encoded or encrypted once more.', STORE);
}
/** `what` continues "What was given as the P12 …". */
function mistake(what, why, fix) {
    return new errors/* ActionError */.lZ('P12_ENCODING', { what: `What was given as the P12 ${what}.`, why, fix });
}
const keyAlone = () => mistake('is a private key, without its certificate', 'The key file was stored in place of the P12.', EXPORT);
const certificateAlone = () => mistake('is a certificate, without its private key', 'The .crt or .pem file was stored in place of the P12.', EXPORT);
const unknownPem = () => mistake('is PEM text, but not of a P12', 'Another file was stored in place of the P12.', STORE);
const pkcs7 = () => mistake('is a PKCS#7 file (.p7b), which has no private key', 'The certificates were exported without the key.', EXPORT);
const TEXT_MISTAKES = [
    {
        matches: text => text === '',
        error: () => mistake('is empty', 'The secret does not exist under that name, or is not available here, as on a pull request from a fork or from Dependabot.', `Check the name of the secret. ${STORE}`),
    },
    {
        matches: text => /^[*•]+$/.test(text),
        error: () => mistake('is a row of asterisks', 'A masked value was copied from a log or a web page.', STORE),
    },
    {
        matches: text => text.includes('${{'),
        error: () => mistake('is a workflow expression that nobody evaluated', `The \${{ … }} stands in the secret itself, or in a place where GitHub does not evaluate it.`, `Write p12: \${{ secrets.NAME }} in the workflow, and the base64 text in the secret.`),
    },
    {
        matches: text => /^(\$\w+|\$[{(].*|%\w+%)$/s.test(text),
        error: () => mistake('is a variable that nobody replaced', 'Inputs are not run through a shell.', `Write \${{ env.NAME }} or \${{ secrets.NAME }} in the workflow.`),
    },
    {
        matches: text => /^[[{]/.test(text),
        error: () => mistake('is JSON', 'A whole answer or key file was stored, not the P12 inside it.', `Store the P12 alone. ${STORE}`),
    },
    {
        matches: text => /^[a-z][a-z0-9+.-]+:\/\//i.test(text),
        error: () => mistake('is a link', 'The place of the file was given, not its content.', STORE),
    },
    {
        matches: isPath,
        error: () => mistake('is a path', 'The input takes the content of the file.', 'Use p12-file for a path, in place of p12.'),
    },
    {
        matches: text => text.includes('-----BEGIN'),
        error: () => mistake('is PEM text that is cut off', 'Its END line is missing.', STORE),
    },
];
/** The base64 text of a P12 starts with a letter, so no slash or dot starts one; that of a JKS store starts with /u3+7Q. */
function isPath(text) {
    if (text.length > 4096 || /[\r\n]/.test(text))
        return false;
    return (/^(\/(?!u3\+7Q)|\.{1,2}[\\/]|~|[a-z]:[\\/]|\\)/i.test(text) ||
        /\.(p12|pfx|pem|crt|cer|der|key|jks|keystore|txt|b64|base64)$/i.test(text));
}
const BYTE_MISTAKES = [
    {
        matches: bytes => ['feedfeed', 'cececece'].includes(bytes.toString('hex', 0, 4)),
        error: () => mistake('is a Java key store in the old JKS format', 'keytool wrote that format before Java 9.', 'Convert it: keytool -importkeystore -srckeystore client.jks -destkeystore client.p12 -deststoretype PKCS12'),
    },
    {
        matches: bytes => bytes.toString('latin1', 0, 4) === 'PK\x03\x04',
        error: () => mistake('is a ZIP file', 'The archive around the P12 was stored.', `Unpack it first. ${STORE}`),
    },
    { matches: isCertificate, error: certificateAlone },
    {
        // SEQUENCE { INTEGER 0 or 1, …: PKCS#8, PKCS#1 or SEC 1
        matches: bytes => /^30(8[1-4](..){1,4}?|..)02010[01](30|02|04)/.test(bytes.toString('hex', 0, 16)),
        error: keyAlone,
    },
    {
        // SEQUENCE { OID 1.2.840.113549.1.7.…
        matches: bytes => /^30(8[0-4]|..).{0,8}06092a864886f70d0107/.test(bytes.toString('hex', 0, 20)),
        error: pkcs7,
    },
];
function isCertificate(bytes) {
    if (bytes[0] !== 0x30)
        return false;
    try {
        new external_node_crypto_.X509Certificate(bytes);
        return true;
    }
    catch {
        return false;
    }
}

;// CONCATENATED MODULE: ./build/x509/p12-text.js
/** The P12 as users keep it: base64 in one of its many shapes, or a file of bytes or of such text. */



/** Base64 of base64 of base64: further is no accident. */
const MAX_LAYERS = 3;
/** The armour of `certutil -encode` (which calls a P12 a certificate) and of GnuTLS ("PKCS12"). */
const p12_text_BEGIN = /-----BEGIN ([A-Z0-9 ]+)-----/;
/** The bytes of a P12 that is given as text. Throws P12_ENCODING, which names the usual mistake when it sees one. */
function readP12Text(text) {
    return fromText(text, 1);
}
/** The same for the content of a file, which holds the P12 itself or a text that stands for it. */
function readP12Bytes(bytes) {
    checkTextSize(bytes.length);
    return fromBytes(bytes, 0);
}
function fromText(text, layer) {
    checkTextSize(text.length);
    const content = unwrap(text);
    const armour = findArmour(content);
    if (armour !== undefined)
        return fromArmour(armour);
    const mistake = recognizeText(content);
    if (mistake !== undefined)
        throw mistake;
    return fromBytes(decodeBase64(content), layer);
}
function findArmour(text) {
    const begin = p12_text_BEGIN.exec(text);
    if (begin === null)
        return undefined;
    const [line, label = ''] = begin;
    const start = begin.index + line.length;
    const end = text.indexOf(`-----END ${label}-----`, start);
    return end < 0 ? undefined : { label, body: text.slice(start, end) };
}
function fromArmour({ label, body }) {
    // Other PEM has headers, which are no base64: what it is, its label says.
    if (!body.includes(':')) {
        const bytes = decodeBase64(body);
        if (looksLikePfx(bytes))
            return bytes;
    }
    throw recognizePem(label);
}
function fromBytes(bytes, layer) {
    if (looksLikePfx(bytes))
        return bytes;
    const text = asText(bytes);
    if (text !== undefined && layer < MAX_LAYERS)
        return fromText(text, layer + 1);
    const mistake = recognizeBytes(bytes);
    if (mistake !== undefined)
        throw mistake;
    // Something in DER all the same: the decoder can say what is wrong with it.
    if (bytes[0] === 0x30)
        return bytes;
    throw notAP12();
}
/** Several layers of base64 take up to four times the bytes that they stand for. */
function checkTextSize(length) {
    checkFileSize(length / 4);
}
/** What editors, shells, JSON and web pages put around or into the text. */
function unwrap(text) {
    return text
        .replace(/[\u200b-\u200d\u2060\ufeff]/g, '')
        .trim()
        .replace(/^(["'`])(.*)\1$/s, '$2')
        .trim()
        .replace(/^data:[^,]*,/i, '')
        .trim();
}
/** Both alphabets of RFC 4648, with or without padding and line breaks, also those that JSON wrote as "\n". */
function decodeBase64(text) {
    const digits = withoutTrailing(text.replace(/\s|\\[rn]/g, ''), '=');
    if (!/^[A-Za-z0-9+/_-]*$/.test(digits))
        throw notBase64();
    if (digits.length % 4 === 1)
        throw cutBase64();
    return Buffer.from(digits, 'base64');
}
/** SEQUENCE { INTEGER 3, …: RFC 7292 §4. */
function looksLikePfx(bytes) {
    return /^30(8[1-4](..){1,4}?|..)020103/.test(bytes.toString('hex', 0, 16));
}
/** The text that bytes are: UTF-8, or ASCII in UTF-16 as PowerShell's ">" writes it. */
function asText(bytes) {
    const text = bytes.includes(0) ? bytes.toString('utf16le') : bytes.toString('utf8');
    const foreign = bytes.includes(0) ? /[^\ufeff\t\r\n\x20-\x7e]/ : /[^\P{Cc}\t\r\n]|\ufffd/u;
    return foreign.test(text) ? undefined : text;
}

;// CONCATENATED MODULE: ./build/action/p12-input.js





const TOO_SHORT = "'p12-password' is too short to be masked in the log. Use one of at least 4 characters, better 20.";
/**
 * Masks `p12` and `p12-password`. Called before any other input is read, so that no error can show them.
 * @returns the password exactly as the secret holds it, and what to warn about
 */
function maskP12Inputs() {
    const password = exactText('p12-password');
    const masked = maskText(password);
    maskLines(exactText('p12'));
    return { password, warnings: masked ? [] : [TOO_SHORT] };
}
/**
 * The stored P12, from `p12` or `p12-file`; undefined when neither is set.
 * @throws ActionError INPUT_CONFLICT, FILE_READ, P12_ENCODING
 */
function readP12() {
    const inline = exactText('p12');
    const path = fields_text('p12-file');
    if (inline.trim() !== '' && path !== '') {
        throw new errors/* ActionError */.lZ('INPUT_CONFLICT', {
            what: "Both 'p12' and 'p12-file' are set.",
            why: 'Only one of them can be the stored P12.',
            fix: 'Remove one of them.',
        });
    }
    if (path === '')
        return readInlineP12();
    return masked(readP12Bytes(readInputFile('p12-file', path)));
}
/**
 * The stored P12 from `p12` alone.
 * @throws ActionError P12_ENCODING
 */
function readInlineP12() {
    const inline = exactText('p12');
    return inline.trim() === '' ? undefined : masked(readP12Text(inline));
}
function masked(bytes) {
    maskBytes(bytes);
    return bytes;
}

;// CONCATENATED MODULE: ./build/action/inputs.js







/**
 * Reads the root action's inputs. Secrets are masked before anything is looked at, so that no error can show one.
 * @throws ActionError INPUT_*, FILE_READ, P12_ENCODING
 */
function readRootInputs(env) {
    const { password, warnings } = maskP12Inputs();
    const apiKey = readApiKey();
    const request = choice('mode', ['issue', 'stored']) === 'issue'
        ? readIssue(password, apiKey, env, warnings)
        : readStored(password, apiKey);
    flag('summary', true); // only to report a misspelled one; `wantsSummary` reads it
    return {
        request,
        connection: readConnection(apiKey),
        exportEnv: flag('export-env', true),
        atJobEnd: readCleanup(),
        warnings,
    };
}
/** What the post step reads again: its own two switches. The connection is read only when it is needed. */
function readCleanup() {
    return { cleanup: flag('cleanup', true), disableAfterJob: flag('disable-after-job', true) };
}
function readIssue(password, apiKey, env, warnings) {
    for (const input of ['p12', 'p12-file']) {
        if (fields_text(input) !== '') {
            throw conflict(`The input '${input}' is set, but 'mode' is issue, which makes a new certificate.`, 'The line `mode: stored` is missing.', `Add \`mode: stored\` to use that P12, or remove '${input}' to issue a new certificate.`);
        }
    }
    if (apiKey === undefined)
        throw missing('api-key');
    const trimmed = withoutTrailing(password, '\r\n');
    if (trimmed !== password) {
        warnings.push("The secret behind 'p12-password' ends in a line break, which is left out. Store it again without, so that every tool sees the same password.");
    }
    return {
        mode: 'issue',
        ...readCommon(),
        namePrefix: readNamePrefix(env),
        ...readCertificate('1d'),
        password: trimmed === '' ? undefined : trimmed,
    };
}
function readStored(password, apiKey) {
    const common = readCommon();
    if (common.requirePermissions.length > 0 && !common.verify && apiKey === undefined) {
        throw conflict("'require-permissions' is set, but 'verify' is false and there is no 'api-key'.", 'Only the mTLS proof or the API can tell what the user may do.', "Leave 'verify' on, or give 'api-key'.");
    }
    const p12 = readP12();
    if (p12 === undefined)
        throw missing('p12');
    return {
        mode: 'stored',
        ...common,
        p12,
        password,
        warnWithinSeconds: duration('warn-within', '90d'),
        failWithinSeconds: duration('fail-within', '0d'),
    };
}
function readCommon() {
    return {
        encryption: choice('p12-encryption', ['auto', 'modern', 'legacy']),
        writeKey: flag('write-key', false),
        verify: flag('verify', true),
        requirePermissions: list('require-permissions'),
    };
}
function readNamePrefix(env) {
    const { GITHUB_REPOSITORY = 'github-actions', GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT } = env;
    const run = [GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT].filter(part => part).join('-');
    return fields_text('name') === '' ? runPrefix(GITHUB_REPOSITORY, run) : nicknamePrefix(fields_text('name'));
}
function conflict(what, why, fix) {
    return new errors/* ActionError */.lZ('INPUT_CONFLICT', { what, why, fix });
}

;// CONCATENATED MODULE: ./build/action/log.js

const TITLE = 'DigiCert ONE client certificate';
/** The job log. Annotations carry the action's name, because the pull request view shows them without context. */
const jobLog = {
    debug: line => {
        if ((0,core/* isDebug */._o)())
            (0,core/* debug */.Yz)(line);
    },
    info: line => (0,core/* info */.pq)(line),
    notice: line => (0,core/* notice */.lm)(line, { title: TITLE }),
    warning: line => (0,core/* warning */.$e)(line, { title: TITLE }),
};

;// CONCATENATED MODULE: ./build/action/outputs.js

/** Hands the certificate to later steps. */
function setOutputs(delivered) {
    for (const [name, value] of Object.entries(outputs(delivered)))
        (0,core/* setOutput */.uH)(name, value);
}
/**
 * The variables that DigiCert's signing tools read.
 * @returns their names
 */
function exportEnvironment({ clientauthUrl, files, password }, apiKey) {
    const variables = {
        SM_HOST: clientauthUrl,
        SM_CLIENT_CERT_FILE: files.p12,
        SM_CLIENT_CERT_PASSWORD: password,
        ...(apiKey === undefined ? {} : { SM_API_KEY: apiKey }),
    };
    for (const [name, value] of Object.entries(variables))
        (0,core/* exportVariable */.dN)(name, value);
    return Object.keys(variables);
}
function outputs({ facts, files, user, ...delivered }) {
    return {
        'p12-file': files.p12,
        'p12-password': delivered.password,
        'cert-file': files.certificate,
        'chain-file': files.chain,
        'key-file': files.key,
        'certificate-id': delivered.certificateId,
        name: delivered.name,
        'serial-number': facts.serialNumber,
        subject: facts.subject,
        issuer: facts.issuer,
        'fingerprint-sha256': facts.fingerprintSha256,
        'not-before': isoTime(facts.notBefore),
        'not-after': isoTime(facts.notAfter),
        'days-remaining': String(delivered.daysRemaining),
        expiring: String(delivered.expiring),
        'user-id': user?.id ?? '',
        'user-name': user?.name ?? '',
        'clientauth-url': delivered.clientauthUrl,
    };
}
/** ISO 8601 in UTC; X.509 knows no fractions of a second. */
function isoTime(time) {
    return time.toISOString().replace('.000Z', 'Z');
}

;// CONCATENATED MODULE: ./build/action/runner.js





const systemClock = { now: () => new Date(), sleep: async (ms) => void (await (0,promises_.setTimeout)(ms)) };
const systemRandom = { bytes: count => (0,external_node_crypto_.randomBytes)(count) };
/**
 * The files that the runner reads our results from. Without them @actions/core would print results, among them the
 * password, into the log.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
function requireCommandFiles(env, names) {
    for (const name of names) {
        const path = env[name] ?? '';
        if (path !== '' && isWritable(path))
            continue;
        throw environment(`${name} does not name a writable file.`);
    }
}
/**
 * A private directory for this use, not made yet.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
function planDirectory(env, random) {
    return files_PrivateDirectory.plan(requireTemp(env), random.bytes(8).toString('hex'));
}
/**
 * The runner's directory for files that end with the job.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
function requireTemp(env) {
    const parent = env.RUNNER_TEMP ?? '';
    if (parent === '')
        throw environment('RUNNER_TEMP is not set.');
    if (!isDirectory(parent))
        throw environment(`RUNNER_TEMP names ${parent}, which is no directory.`);
    if (!isWritable(parent))
        throw environment(`RUNNER_TEMP names ${parent}, which is not writable.`);
    return parent;
}
function isWritable(path) {
    try {
        (0,external_node_fs_.accessSync)(path, external_node_fs_.constants.W_OK);
        return true;
    }
    catch {
        return false;
    }
}
function environment(what) {
    return new errors/* ActionError */.lZ('RUNNER_ENVIRONMENT', {
        what,
        why: 'This is not running as a step of a GitHub Actions job, or the self-hosted runner is broken or very old.',
        fix: 'Run it with `uses:` in a workflow, on a current runner.',
    });
}

;// CONCATENATED MODULE: ./build/action/state.js


/**
 * What the main step tells the post step. Each value is written the moment it is known, before the act that makes
 * it true, so that the post step finds what a killed main step left. None of it is secret.
 */
const KEYS = {
    directory: 'directory',
    caCertificates: 'ca-certificates',
    unsettled: 'unsettled-nicknames',
    askedAt: 'asked-at',
    certificateId: 'certificate-id',
    nickname: 'certificate-nickname',
    handedOver: 'handed-over',
};
function saveDirectory(directory) {
    (0,core/* saveState */.LZ)(KEYS.directory, directory.path);
}
/** A variable of a process is at most 32 kB long on Windows, and a larger bundle is the system's own, which stays. */
const LONGEST_PEM = 24_000;
/** For the post step, because the file that `ca-certificates` names may be gone by then. */
function saveCaCertificates(certificates) {
    const pem = certificates.join('');
    if (pem !== '' && pem.length <= LONGEST_PEM)
        (0,core/* saveState */.LZ)(KEYS.caCertificates, pem);
}
function savedCaCertificates() {
    return getState(KEYS.caCertificates);
}
function saveHandedOver() {
    (0,core/* saveState */.LZ)(KEYS.handedOver, 'true');
}
/** Saves what was requested and issued. */
function stateLedger(clock) {
    const unsettled = new Set();
    const save = () => (0,core/* saveState */.LZ)(KEYS.unsettled, [...unsettled].join('\n'));
    const settled = (nickname) => {
        unsettled.delete(nickname);
        save();
    };
    return {
        asking: nickname => {
            (0,core/* saveState */.LZ)(KEYS.askedAt, clock.now().toISOString());
            unsettled.add(nickname);
            save();
        },
        settled,
        issued: (id, nickname) => {
            (0,core/* saveState */.LZ)(KEYS.nickname, nickname);
            (0,core/* saveState */.LZ)(KEYS.certificateId, id);
            settled(nickname);
        },
    };
}
/** What the main step left, as far as it got; undefined when it did not get far enough to leave anything. */
function readLeftovers() {
    const id = getState(KEYS.certificateId);
    const path = getState(KEYS.directory);
    const askedAt = new Date(getState(KEYS.askedAt));
    if (path === '')
        return undefined;
    return {
        directory: PrivateDirectory.find(path),
        certificate: id === '' ? undefined : { id, nickname: getState(KEYS.nickname) },
        nicknames: readNicknames(getState(KEYS.unsettled)),
        askedAt: Number.isNaN(askedAt.getTime()) ? undefined : askedAt,
        handedOver: getState(KEYS.handedOver) === 'true',
    };
}
function readNicknames(saved) {
    return saved.split('\n').filter(nickname => nickname !== '');
}

;// CONCATENATED MODULE: ./build/action/markdown.js
/**
 * Server text in Markdown: whatever Markdown or HTML could read as markup becomes an entity, and so do the dots,
 * colons and underscores that would make a link (`www.`, `https:`) or emphasis; inside words they are harmless.
 */
function escapeMarkdown(text) {
    return text.replace(MARKUP, character => `&#${character.codePointAt(0)};`);
}
const MARKUP = /[^\p{L}\p{N} ,;=/+.:_-]|(?<=www)\.|:(?=\/)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/giu;
/** The same, in a fixed-width font. Entities work inside `<code>`, unlike between backticks. */
function code(text) {
    return `<code>${escapeMarkdown(text)}</code>`;
}
/** `2026-11-24 09:41 UTC` */
function utcMinute(time) {
    return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
/** `2026-11-24` */
function utcDay(time) {
    return time.toISOString().slice(0, 10);
}
/** A table of names and values, without a heading; the cells are Markdown already. */
function table(rows) {
    return ['| | |', '|---|---|', ...rows.map(cells => `| ${cells.join(' | ')} |`)].join('\n');
}

;// CONCATENATED MODULE: ./build/action/summary.js






/** The job summary of the root action, as GitHub Markdown. */
function renderSummary(delivered, atJobEnd, now) {
    const { facts, mode } = delivered;
    const left = describeRemaining(facts.notAfter, now);
    const title = mode === 'issue' ? 'Client certificate issued' : 'Stored client certificate ready';
    const rows = [
        [
            'Certificate',
            [delivered.name, facts.subject]
                .filter(part => part !== '')
                .map(code)
                .join('<br>'),
        ],
        ['For', forWhom(delivered)],
        [
            'Valid until',
            `**${utcMinute(facts.notAfter)}** (${escapeMarkdown(left)} left)${delivered.expiring ? ' ⚠️ ends soon' : ''}`,
        ],
        ['mTLS', proof(delivered)],
        ['Serial number', code(facts.serialNumber)],
        ['Issuer', code(facts.issuer)],
        ['At the end of the job', ending(delivered, atJobEnd)],
    ];
    if (delivered.certificateId !== '')
        rows.splice(5, 0, ['DigiCert id', code(delivered.certificateId)]);
    return `### 🔐 ${title}\n\n${table(rows)}\n\n`;
}
/** What a failed step leaves in the summary: the same words as its annotation. */
function renderFailure(error) {
    return [
        `### ❌ Client certificate: ${error.code}`,
        '',
        escapeMarkdown(error.message),
        '',
        `- **Likely cause:** ${escapeMarkdown(error.why)}`,
        `- **Fix:** ${escapeMarkdown(error.fix)}`,
        '',
        '',
    ].join('\n');
}
/** Whether to write one; asked also when another input turned out to be invalid. */
function wantsSummary() {
    return fields_text('summary').toLowerCase() !== 'false';
}
/** Runs the body of a step; what it throws also stands in the summary. */
async function summarizeFailure(env, body) {
    try {
        return await body();
    }
    catch (error) {
        if (wantsSummary())
            await writeSummary(renderFailure(toActionError(error)), env);
        throw error;
    }
}
/** Appends to the step's summary. One that cannot be written is a pity, and no reason to fail. */
async function writeSummary(markdown, env) {
    if (!env.GITHUB_STEP_SUMMARY)
        return;
    try {
        await core/* summary */.z.addRaw(markdown).write();
    }
    catch {
        (0,core/* warning */.$e)('The job summary could not be written.');
    }
}
function forWhom({ user, clientauthUrl }) {
    const host = code((0,digicert_hosts/* hostOf */.w4)(clientauthUrl));
    if (user === undefined)
        return `unknown user at ${host}`;
    return `${escapeMarkdown(user.name || user.id)} at ${host}`;
}
function proof({ verified, permissions }) {
    const allowed = permissions.length === 0 ? '' : `, may ${permissions.map(code).join(', ')}`;
    return verified ? `✅ proven${allowed}` : `⚪ not checked (\`verify: false\`)${allowed}`;
}
function ending({ mode }, { cleanup, disableAfterJob }) {
    const files = cleanup ? 'the files are deleted' : '⚠️ the files stay';
    if (mode === 'stored')
        return files;
    return `${disableAfterJob ? 'the certificate is disabled' : '⚠️ the certificate stays enabled'}, ${files}`;
}

;// CONCATENATED MODULE: ./build/action/root.js












/**
 * The main step: from inputs to a proven certificate that later steps can use.
 * @param env the runner's environment
 * @param begun what was begun before the inputs were read: a private key for issue mode, a connection
 */
async function runRoot(env, begun) {
    await summarizeFailure(env, async () => {
        const inputs = readRootInputs(env);
        const ports = prepare(inputs, env);
        const armed = onCancel(() => tidy(ports.directory));
        if (begun.early !== undefined)
            ports.digicert.adopt(begun.early);
        await handOver(await deliver(inputs, begun.key, ports), inputs, env);
        armed.disarm();
    });
}
function prepare({ connection, exportEnv, warnings }, env) {
    requireCommandFiles(env, ['GITHUB_STATE', 'GITHUB_OUTPUT', ...(exportEnv ? ['GITHUB_ENV'] : [])]);
    const directory = planDirectory(env, systemRandom);
    const ports = { clock: systemClock, random: systemRandom, log: jobLog };
    const digicert = new DigicertOne(connection, ports);
    for (const warning of warnings)
        jobLog.warning(warning);
    saveDirectory(directory);
    saveCaCertificates(connection.caCertificates);
    return { ...ports, digicert, directory, mask: mask, ledger: stateLedger(systemClock) };
}
async function deliver({ request }, key, ports) {
    try {
        if (request.mode === 'stored')
            return await useStored(request, ports);
        if (key === undefined)
            throw new Error('issue mode without a key');
        ports.digicert.openApi();
        return await issue(request, key, ports);
    }
    catch (error) {
        tidy(ports.directory);
        throw error;
    }
    finally {
        await ports.digicert.close();
    }
}
/** What cannot be deleted now is the post step's to delete, or to report; the first error is the one to show. */
function tidy(directory) {
    try {
        directory.remove();
    }
    catch {
        jobLog.debug(`${directory.path} could not be deleted yet.`);
    }
}
async function handOver(delivered, inputs, env) {
    setOutputs(delivered);
    const variables = inputs.exportEnv ? exportEnvironment(delivered, inputs.connection.apiKey) : [];
    (0,core/* info */.pq)(`For later steps: the outputs of this step${variables.length > 0 ? `, and ${variables.join(', ')}` : ''}.`);
    if (wantsSummary())
        await writeSummary(renderSummary(delivered, inputs.atJobEnd, new Date()), env);
    saveHandedOver();
}

;// CONCATENATED MODULE: ./build/action/run.js
// What an entry loads after it has begun what takes time: one import, so one chunk of the bundle.




/***/ })

};
