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
  confused(query: URLSearchParams, mayGoBack: boolean): Answer[] {
    const at = parseOffset(query.get('offset') ?? '-1')
    if (at === undefined) return []
    const fits = (next: number): boolean => (mayGoBack ? next <= at : next === at)
    return this.#kept.filter(({ next }) => fits(next)).map(({ answer }) => answer)
  }
}
