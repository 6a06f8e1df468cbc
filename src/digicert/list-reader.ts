import { isAscii } from 'node:buffer'
import {
  type ParsedTokenInfo,
  Tokenizer,
  TokenizerError,
  TokenParser,
  TokenParserError,
} from '@streamparser/json'
import TokenType from '@streamparser/json/utils/types/tokenType.js'
import { invalidResponse } from './errors.ts'
import { count, type PageEnd } from './json.ts'

/** An entry with its certificate and all issuers takes some 10 kB, and has fewer than a hundred values. */
const LARGEST_ENTRY = 1024 * 1024
const MOST_TOKENS = 20_000
const DEEPEST = 50

/** Of an envelope, what stands outside of its entries. */
const ENVELOPE = ['$.items.*', '$.total', '$.offset']

/**
 * A page of a list, a plain array or an `items` envelope with `offset` and `total`, read from its pieces with no more in
 * memory than one entry.
 */
export class ListReader {
  readonly #expected: string
  readonly #take: (entry: unknown) => boolean
  readonly #tokenizer = new Tokenizer()
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #parser: TokenParser | undefined
  /** A character may be cut in two. */
  #isCut = false
  #isList = false
  #isWanted = true
  #depth = 0
  #lastText: unknown
  #tokens = 0
  #bytes = 0
  #entries = 0
  #envelope: Record<string, unknown> = {}

  /**
   * @param expected as in `a list of certificates`
   * @param take returns false once no further entry is wanted
   */
  constructor(expected: string, take: (entry: unknown) => boolean) {
    this.#expected = expected
    this.#take = take
    this.#tokenizer.onToken = token => this.#receive(token)
  }

  /**
   * @returns false once no further entry is wanted
   * @throws SyntaxError for what is not JSON, ActionError RESPONSE_INVALID for what is not a list, or larger than any
   */
  write(piece: Buffer): boolean {
    const before = this.#entries
    asSyntaxError(() => this.#tokenizer.write(this.#characters(piece)))
    this.#bytes = this.#entries > before ? piece.length : this.#bytes + piece.length
    if (this.#bytes > LARGEST_ENTRY + piece.length) {
      throw invalidResponse('a list with more than 1 MiB in one entry')
    }
    return this.#isWanted
  }

  /**
   * Nothing follows.
   * @throws as `write`
   */
  end(): PageEnd {
    if (this.#isWanted) {
      asSyntaxError(() => {
        if (this.#isCut) this.#tokenizer.write(this.#decoder.decode())
        if (!this.#tokenizer.isEnded) this.#tokenizer.end()
      })
      if (this.#parser?.isEnded !== true) throw new SyntaxError('the JSON is not complete')
      if (!this.#isList) throw this.#noList()
    }
    const { total, offset } = this.#envelope
    return { entries: this.#entries, total: count({ total }, 'total'), offset: count({ offset }, 'offset') }
  }

  /** Bytes that are not UTF-8 become replacement characters, as everywhere; most pieces are ASCII and need no look. */
  #characters(piece: Buffer): Buffer | string {
    if (!this.#isCut && isAscii(piece)) return piece
    this.#isCut = (piece.at(-1) ?? 0) > 0x7f
    return this.#decoder.decode(piece, { stream: true })
  }

  #receive(token: ParsedTokenInfo): void {
    if (!this.#isWanted) return
    this.#tokens += 1
    if (this.#tokens > MOST_TOKENS) throw invalidResponse('more values than any valid response contains')
    this.#parser ??= this.#newParser(token)
    this.#follow(token)
    this.#parser.write(token)
  }

  #newParser({ token }: ParsedTokenInfo): TokenParser {
    this.#isList = token === TokenType.LEFT_BRACKET
    const isBare = this.#isList
    const parser = new TokenParser({ paths: isBare ? ['$.*'] : ENVELOPE, keepStack: false })
    parser.onValue = ({ value, key, stack }) => {
      if (!isBare && stack.length === 1) this.#envelope[String(key)] = value
      else if (typeof key === 'number') this.#enter(value)
      else throw this.#noList()
    }
    parser.onEnd = () => {
      if (!this.#tokenizer.isEnded) this.#tokenizer.end()
    }
    return parser
  }

  #enter(entry: unknown): void {
    this.#entries += 1
    this.#tokens = 0
    this.#isWanted = this.#take(entry)
  }

  #follow({ token, value }: ParsedTokenInfo): void {
    if (token === TokenType.LEFT_BRACKET || token === TokenType.LEFT_BRACE) {
      if (token === TokenType.LEFT_BRACKET && this.#depth === 1 && this.#lastText === 'items')
        this.#isList = true
      this.#depth += 1
      if (this.#depth > DEEPEST)
        throw invalidResponse('values that are nested more deeply than in any valid response')
    } else if (token === TokenType.RIGHT_BRACKET || token === TokenType.RIGHT_BRACE) {
      this.#depth -= 1
    } else if (token === TokenType.STRING && this.#depth === 1) {
      this.#lastText = value
    }
  }

  #noList(): Error {
    return invalidResponse(`something that is not ${this.#expected}`)
  }
}

function asSyntaxError(act: () => void): void {
  try {
    act()
  } catch (error) {
    const isOfParser = error instanceof TokenizerError || error instanceof TokenParserError
    throw isOfParser ? new SyntaxError(error.message, { cause: error }) : error
  }
}
