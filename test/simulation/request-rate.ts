import type { Exchange } from './exchange.ts'
import type { Fail } from './witness.ts'

const WINDOW_MS = 1000

/** Requests of one reader in any second, those aside that brought news and nothing went wrong with. */
const MOST_READS = 10

/** Of one writer, which may be at several things at once. */
const MOST_WRITES = 40

/** Counts the requests of each client in every window of a second. */
export class RequestRate {
  readonly #recent = new Map<string, Exchange[]>()
  readonly #counts = new Map<string, number>()
  readonly #counted = new Map<string, number>()
  readonly #fail: Fail
  total = 0
  /** The most in one window. */
  highest = 0

  constructor(fail: Fail) {
    this.#fail = fail
  }

  /** Someone asks for so many: each may ask as often as if it were alone. */
  allow(user: string, count: number): void {
    this.#counted.set(user, count)
  }

  countOf(user: string): number {
    return this.#counts.get(user) ?? 0
  }

  count(exchange: Exchange): void {
    const { user, startedAt, request, kind } = exchange
    const isRead = request.method === 'GET' || kind === 'hub'
    const most = (isRead ? MOST_READS : MOST_WRITES) * (this.#counted.get(user) ?? 1)
    this.total++
    this.#counts.set(user, this.countOf(user) + 1)
    const recent = (this.#recent.get(user) ?? []).filter(
      (earlier) => earlier.startedAt > startedAt - WINDOW_MS && !earlier.wasProductive,
    )
    recent.push(exchange)
    this.#recent.set(user, recent)
    this.highest = Math.max(this.highest, recent.length)
    if (recent.length === most + 1)
      this.#fail(`${user} made more than ${most} requests in a second`)
  }
}
