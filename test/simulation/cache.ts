import type { Answer } from './model-server.ts'
import { parseOffset } from './stream-log.ts'

interface Kept {
  url: string
  answer: Answer
  /** Position after what the answer brings. */
  next: number
}

/** All the whole answers that went by: what a cache could give again. */
export class Cache {
  #kept: Kept[] = []

  keep(url: string, answer: Answer): void {
    const next = parseOffset(answer.headers['stream-next-offset'] ?? '')
    if (answer.body && answer.status === 200 && next !== undefined) {
      this.#kept.push({ url, answer, next })
    }
  }

  /** Older answers to the same question. */
  stale(url: string): Answer[] {
    return this.#kept.filter((kept) => kept.url === url).map(({ answer }) => answer)
  }

  /**
   * Answers to other questions, no further than where the asker stands already. One that went
   * further could not be told from the right one: nothing in it says where it began. And one that
   * goes back, though no cache was to answer, says that the server lost data.
   */
  confused(url: URL, mayGoBack: boolean): Answer[] {
    const { searchParams, pathname } = url
    const at = parseOffset(searchParams.get('offset') ?? '-1')
    if (at === undefined) return []
    const fits = (next: number): boolean => (mayGoBack ? next <= at : next === at)
    const isOfStream = (kept: Kept): boolean => new URL(kept.url).pathname === pathname
    const others = this.#kept.filter((kept) => fits(kept.next) && isOfStream(kept))
    return others.map(({ answer }) => answer)
  }
}
