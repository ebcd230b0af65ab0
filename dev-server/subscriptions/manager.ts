import { allPaths } from './all-paths.ts'
import { compileGlob, type Glob } from './glob.ts'
import { Runner, type RunnerContext } from './runner.ts'
import { isSystemPath } from '../operations/registry.ts'
import type { LifecycleEvent } from '../operations/streams.ts'
import type { StoredSubscription } from './subscription.ts'

interface Entry {
  runner: Runner
  glob: Glob | undefined
}

export type ManagerContext = Omit<RunnerContext, 'onGone'>

/** Keeps every subscription of a storage going. */
export class Manager {
  readonly #context: RunnerContext
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Set<(path: string) => void>()
  readonly #closing = new Set<Promise<void>>()
  #loading: Promise<void> | undefined
  #closed = false

  constructor(context: ManagerContext) {
    this.#context = { ...context, onGone: (runner) => this.#onGone(runner) }
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size
  }

  /** Takes up what is stored; once, however often it is called. */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined
      throw error
    })
    return this.#loading
  }

  /** Links what matching streams were made while nobody was looking. */
  async reconcile(): Promise<void> {
    const globs = [...this.#entries.values()].filter(({ glob }) => glob)
    if (globs.length === 0) return
    for await (const page of allPaths(this.#context)) {
      if (this.#closed) return
      for (const entry of globs) linkUnlinked(entry, page)
    }
  }

  /**
   * The one that keeps `stored` going; it learns of `stored`.
   *
   * @param made streams that were made while the subscription was
   */
  adopt(name: string, stored: StoredSubscription, made: readonly string[] = []): Runner {
    const known = this.#entries.get(name)?.runner
    if (known?.recordId === stored.recordId) {
      known.adopt(stored)
      return known
    }
    this.#drop(name)
    const runner = new Runner(this.#context, name, stored)
    const { pattern } = stored.subscription.configuration
    const entry = { runner, glob: pattern === null ? undefined : compileGlob(pattern) }
    this.#entries.set(name, entry)
    for (const path of made) linkIfMatched(entry, path)
    return runner
  }

  async remove(name: string): Promise<void> {
    await this.#context.store.remove(name)
    this.#drop(name)
  }

  /** Is told of each stream that is created or deleted. */
  onEvent({ kind, path }: LifecycleEvent): void {
    if (isSystemPath(path)) return
    for (const entry of this.#entries.values()) {
      if (kind === 'created') tellOf(entry, path)
      else if (kind === 'deleted') entry.runner.streamGone(path)
    }
    if (kind === 'created') for (const listener of this.#listeners) listener(path)
  }

  /** Calls `listener` for each stream that is made until the function returned is called. */
  overhear(listener: (path: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Lets all go; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#loading?.catch(() => undefined)
    for (const name of this.#entries.keys()) this.#drop(name)
    await Promise.all(this.#closing)
  }

  async #load(): Promise<void> {
    for await (const page of this.#context.store.all()) {
      if (this.#closed) return
      for (const { name, stored } of page) this.adopt(name, stored)
      await this.#context.pause()
    }
  }

  #drop(name: string): void {
    const entry = this.#entries.get(name)
    if (!entry) return
    this.#entries.delete(name)
    const ended = entry.runner.close().finally(() => this.#closing.delete(ended))
    this.#closing.add(ended)
  }

  #onGone(runner: Runner): void {
    if (this.#entries.get(runner.name)?.runner === runner) this.#drop(runner.name)
  }
}

function tellOf(entry: Entry, path: string): void {
  if (entry.runner.subscription.configuration.wakeStream === path) entry.runner.wakeStreamMade()
  linkIfMatched(entry, path)
}

function linkUnlinked(entry: Entry, paths: readonly string[]): void {
  for (const path of paths) if (!entry.runner.isLinked(path)) linkIfMatched(entry, path)
}

function linkIfMatched({ runner, glob }: Entry, path: string): void {
  const { wakeStream } = runner.subscription.configuration
  if (glob && path !== wakeStream && glob.matches(path)) runner.streamMade(path)
}
