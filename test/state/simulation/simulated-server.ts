/** What a read brings: the events from where it was asked to a page further. */
export interface Page {
  items: unknown[]
  offset: string
  upToDate: boolean
}

/** One event as it is stored, and who stored it. */
export interface Stored {
  text: string
  /** The request that brought it: a repetition of that is told from a new one. */
  request: string
}

export type AppendAnswer = 'stored' | 'not-found' | 'forgotten'

/** Who writes, and which of its writes this is. Protocol section 4. */
export interface Claim {
  id: string
  epoch: number
  seq: number
}

/** A server of one stream, in memory, that can lose it. Each life of the stream has its own offsets. */
export class SimulatedServer {
  /** Grows each time the stream is made. */
  life = 0
  /** How often the stream was lost. */
  losses = 0
  /** Every life's log, the present one last. */
  readonly lives: Stored[][] = []
  #exists = false
  #requests = new Set<string>()
  #producers = new Map<string, number>()
  #watchers = new Set<() => void>()

  get log(): readonly Stored[] {
    return this.#exists ? this.lives.at(-1)! : []
  }

  get exists(): boolean {
    return this.#exists
  }

  create(): void {
    if (this.#exists) return
    this.#exists = true
    this.life++
    this.lives.push([])
    this.#requests.clear()
    this.#producers.clear()
  }

  /** The stream is gone with all that was in it, and with what is known of who wrote. */
  lose(): void {
    this.#exists = false
    this.losses++
    this.#changed()
  }

  /** @param isForgotten an earlier life may have stored it: this one cannot tell a repetition. */
  append(request: string, texts: readonly string[], isForgotten: boolean): AppendAnswer {
    if (!this.#exists) return 'not-found'
    if (this.#requests.has(request)) return 'stored'
    if (isForgotten) return 'forgotten'
    this.#requests.add(request)
    this.lives.at(-1)!.push(...texts.map((text) => ({ text, request })))
    this.#changed()
    return 'stored'
  }

  /** The same for a writer who numbers its requests itself; `forgotten` when those before it are missing. */
  appendAs({ id, epoch, seq }: Claim, texts: readonly string[]): AppendAnswer {
    const key = `${id} ${epoch}`
    const last = this.#producers.get(key) ?? -1
    if (!this.#exists) return 'not-found'
    if (seq <= last) return 'stored'
    if (seq > last + 1) return 'forgotten'
    this.#producers.set(key, seq)
    return this.append(`${key} ${seq}`, texts, false)
  }

  /** @returns nothing when there is no such stream, or none that knows the offset. */
  read(offset: string, most: number): Page | undefined {
    const from = this.#positionOf(offset)
    if (from === undefined) return undefined
    const log = this.lives.at(-1)!
    const to = Math.min(log.length, from + most)
    const items = log.slice(from, to).map(({ text }) => JSON.parse(text) as unknown)
    return { items, offset: formatOffset(this.life, to), upToDate: to === log.length }
  }

  /** Whether a read from there would have to wait. */
  hasNews(offset: string): boolean {
    const from = this.#positionOf(offset)
    return from === undefined || from < this.lives.at(-1)!.length
  }

  get tail(): string {
    return formatOffset(this.life, this.log.length)
  }

  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange)
    return () => void this.#watchers.delete(onChange)
  }

  #positionOf(offset: string): number | undefined {
    if (!this.#exists) return undefined
    if (offset === '-1') return 0
    const place = parseOffset(offset)
    return place?.life === this.life ? place.position : undefined
  }

  #changed(): void {
    for (const onChange of [...this.#watchers]) onChange()
  }
}

function formatOffset(life: number, position: number): string {
  return `${String(life).padStart(4, '0')}_${String(position).padStart(8, '0')}`
}

/** @returns nothing for the beginning. */
export function parseOffset(offset: string): { life: number; position: number } | undefined {
  const [life, position] = offset.split('_')
  return position === undefined ? undefined : { life: Number(life), position: Number(position) }
}
