import type { Streams } from '../../dev-server/operations/streams.ts'

/** What somebody does to a stream; data is text, and positions count its characters. */
export type Operation =
  | { do: 'create'; path: string; data?: string; ttlSeconds?: number; closed?: boolean }
  | {
      do: 'fork'
      path: string
      source: string
      offset?: number
      data?: string
      ttlSeconds?: number
    }
  | { do: 'append'; path: string; data: string }
  | { do: 'close'; path: string; data?: string }
  | { do: 'delete'; path: string }
  /** What expired by then is removed. */
  | { do: 'sweep' }

interface Life {
  content: string
  closed: boolean
  ttlSeconds?: number
  usedAt: number
  fork?: { source: string; offset?: number; at: number }
  softDeleted: boolean
}

/** What a user sees of a path. */
export type View = 'none' | 'soft-deleted' | { content: string; closed: boolean }

/**
 * Streams as simple as can be: every fork has its own copy of all bytes, and what expires is gone at
 * once. The real ones must be told from it by nothing.
 */
export class StreamsModel {
  readonly #lives = new Map<string, Life>()

  /** @returns the kind of outcome that the real streams must have. */
  apply(operation: Operation, now: number): string {
    this.#expire(now)
    switch (operation.do) {
      case 'create':
        return this.#create(operation, now)
      case 'fork':
        return this.#fork(operation, now)
      case 'append':
        return this.#append(operation.path, operation.data, false, now)
      case 'close':
        return this.#append(operation.path, operation.data ?? '', true, now)
      case 'delete':
        return this.#delete(operation.path)
      case 'sweep':
        return 'swept'
      default:
        return operation satisfies never
    }
  }

  view(path: string, now: number): View {
    this.#expire(now)
    const life = this.#lives.get(path)
    if (!life) return 'none'
    return life.softDeleted ? 'soft-deleted' : { content: life.content, closed: life.closed }
  }

  get paths(): string[] {
    return [...this.#lives.keys()]
  }

  #create({ path, data = '', ttlSeconds, closed = false }: Created, now: number): string {
    const found = this.#lives.get(path)
    if (found?.softDeleted) return 'soft-deleted'
    if (found) {
      const same = !found.fork && found.ttlSeconds === ttlSeconds && found.closed === closed
      if (same) found.usedAt = now
      return same ? 'exists' : 'conflict'
    }
    this.#lives.set(path, {
      content: data,
      closed,
      ...(ttlSeconds !== undefined && { ttlSeconds }),
      usedAt: now,
      softDeleted: false,
    })
    return 'created'
  }

  #fork({ path, source, offset, data = '', ...own }: Forked, now: number): string {
    const found = this.#lives.get(path)
    const from = this.#lives.get(source)
    const ttlSeconds = own.ttlSeconds ?? from?.ttlSeconds
    if (found?.softDeleted) return 'soft-deleted'
    if (found) {
      const { fork } = found
      const sameOffset = fork && (offset === fork.offset || offset === fork.at)
      const sameFork = sameOffset && fork.source === source
      const same = sameFork && !found.closed && found.ttlSeconds === ttlSeconds
      if (same) found.usedAt = now
      return same ? 'exists' : 'conflict'
    }
    if (!from) return 'no-source'
    if (from.softDeleted) return 'source-deleted'
    const at = offset ?? from.content.length
    if (at > from.content.length) return 'past-tail'
    this.#lives.set(path, {
      content: from.content.slice(0, at) + data,
      closed: false,
      ...(ttlSeconds !== undefined && { ttlSeconds }),
      usedAt: now,
      fork: { source, at, ...(offset !== undefined && { offset }) },
      softDeleted: false,
    })
    return 'created'
  }

  #append(path: string, data: string, close: boolean, now: number): string {
    const life = this.#lives.get(path)
    if (!life) return 'not-found'
    if (life.softDeleted) return 'soft-deleted'
    if (life.closed && data !== '') return 'closed'
    life.usedAt = now
    if (life.closed) return 'already-closed'
    life.content += data
    life.closed = close
    return 'appended'
  }

  #delete(path: string): string {
    const life = this.#lives.get(path)
    if (!life) return 'not-found'
    if (life.softDeleted) return 'soft-deleted'
    this.#end(path)
    return 'deleted'
  }

  #expire(now: number): void {
    for (const [path, { ttlSeconds, usedAt, softDeleted }] of [...this.#lives]) {
      const over = ttlSeconds !== undefined && now >= usedAt + ttlSeconds * 1000
      if (over && !softDeleted && this.#lives.has(path)) this.#end(path)
    }
  }

  /** Goes, or stays for its forks; sources that stayed for its sake alone go with it. */
  #end(path: string): void {
    const life = this.#lives.get(path)!
    if ([...this.#lives.values()].some(({ fork }) => fork?.source === path)) {
      life.softDeleted = true
      return
    }
    this.#lives.delete(path)
    const source = life.fork?.source
    if (source !== undefined && this.#lives.get(source)?.softDeleted) this.#end(source)
  }
}

type Created = Extract<Operation, { do: 'create' }>
type Forked = Extract<Operation, { do: 'fork' }>

/** Does the same to real streams, all of type `text/plain`. @returns the kind of outcome. */
export async function perform(
  streams: Streams,
  operation: Operation,
  now: number,
): Promise<string> {
  switch (operation.do) {
    case 'create': {
      const { path, data = '', closed = false } = operation
      const common = { id: newId(), data: encode(data), contentType: 'text/plain', closed }
      return (await streams.create(path, { ...common, ...sliding(operation, now) })).kind
    }
    case 'fork': {
      const { path, source, offset, data = '' } = operation
      const fork = { path: source, ...(offset !== undefined && { offset }) }
      const command = { id: newId(), closed: false, data: encode(data), fork }
      const outcome = await streams.create(path, { ...command, ...sliding(operation, now) })
      return outcome.kind === 'refused' ? outcome.reason.kind : outcome.kind
    }
    case 'append':
    case 'close': {
      const { path, data = '' } = operation
      const typed = data !== '' && { contentType: 'text/plain' }
      const command = { data: encode(data), close: operation.do === 'close', ...typed }
      const outcome = await streams.append(path, command)
      return outcome.kind === 'refused' ? outcome.reason.kind : outcome.kind
    }
    case 'delete':
      return (await streams.remove(operation.path)).kind
    case 'sweep':
      await streams.sweep()
      return 'swept'
    default:
      return operation satisfies never
  }
}

/** Reads the whole stream, in pages of so many bytes. */
export async function view(streams: Streams, path: string, pageBytes = 1000): Promise<View> {
  const parts: Uint8Array[] = []
  for (let start = 0; ; ) {
    const outcome = await streams.page(path, start, pageBytes)
    if (outcome.kind === 'soft-deleted') return outcome.kind
    if (outcome.kind !== 'page') return 'none'
    const { page } = outcome
    parts.push(...page.bytes)
    start = page.next
    if (page.upToDate) return { content: Buffer.concat(parts).toString(), closed: page.closed }
  }
}

function sliding({ ttlSeconds }: { ttlSeconds?: number }, usedAt: number) {
  return ttlSeconds === undefined
    ? {}
    : { expiry: { kind: 'sliding', ttlSeconds, usedAt } as const }
}

let ids = 0

function newId(): string {
  ids += 1
  return `id-${ids}`
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
