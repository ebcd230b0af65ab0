/** Things that come in, each taken once and in order. */
export interface Inbox<Item> {
  put(item: Item): void
  /** The next one, as soon as there is one. */
  next(): Promise<Item>
  /** How many wait to be taken. */
  readonly size: number
}

export function createInbox<Item>(): Inbox<Item> {
  const items: Item[] = []
  const takers: ((item: Item) => void)[] = []

  return {
    put(item) {
      const taker = takers.shift()
      if (taker) taker(item)
      else items.push(item)
    },
    next() {
      if (items.length > 0) return Promise.resolve(items.shift()!)
      return new Promise((resolve) => takers.push(resolve))
    },
    get size() {
      return items.length
    },
  }
}
