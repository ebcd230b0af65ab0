import { StreamError } from '../../src/core/errors.ts'
import { advance, type Moment } from './advance.ts'
import { createLoop, type Loop } from './loop.ts'
import { createOutbox, type Outbox, type OutboxContext } from './outbox.ts'
import { createTailWatch, type TailWatch } from './tails.ts'
import { expireLease } from './wake.ts'
import type { SubscriptionOptions } from './context.ts'
import type { Tails } from './links.ts'
import type { StoredSubscription, Subscription } from './subscription.ts'

const NOTHING: Tails = new Map()

export type RunnerContext = OutboxContext &
  Pick<SubscriptionOptions, 'storage' | 'limits' | 'newId' | 'pause'> & {
    /** The subscription is not there any more. */
    onGone: (runner: Runner) => void
  }

/** Keeps one subscription going: follows its streams, wakes workers, ends leases. */
export class Runner {
  readonly name: string
  readonly recordId: string
  #known: Subscription
  readonly #context: RunnerContext
  readonly #watch: TailWatch
  readonly #outbox: Outbox
  readonly #loop: Loop
  #made = new Set<string>()
  #wakeStreamMade = false
  #mustLook = false
  #isFull = false
  #closed = false

  constructor(
    context: RunnerContext,
    name: string,
    { recordId, subscription }: StoredSubscription,
  ) {
    this.name = name
    this.recordId = recordId
    this.#known = subscription
    this.#context = context
    this.#loop = createLoop(context, () => this.#tend())
    this.#watch = createTailWatch({ ...context, onChange: this.#loop.ring })
    this.#outbox = createOutbox(context, {
      name,
      recordId,
      tails: this.#watch.fresh,
      onSent: (stored) => this.adopt(stored),
    })
    this.#follow()
    this.#loop.ring()
  }

  /** The subscription as far as it is known here. */
  get subscription(): Subscription {
    return this.#known
  }

  /** Where its streams end now. */
  tails(): Promise<Tails> {
    return this.#watch.fresh()
  }

  /** Takes note of a change that somebody else made durable; without one, only that time goes by. */
  adopt(stored?: StoredSubscription): void {
    if (stored) this.#learn(stored)
    this.#loop.ring()
  }

  /** Whether a stream is linked, as far as it is known here. */
  isLinked(path: string): boolean {
    return this.#watch.has(path)
  }

  /** A stream that matches was made after the subscription. */
  streamMade(path: string): void {
    this.#made.add(path)
    this.#loop.ring()
  }

  /** A stream is gone: it may be linked. */
  streamGone(path: string): void {
    if (!this.#watch.has(path)) return
    this.#mustLook = true
    this.#loop.ring()
  }

  /** The wake stream was made. */
  wakeStreamMade(): void {
    this.#wakeStreamMade = true
    this.#loop.ring()
  }

  /** Lets go; resolves when nothing is under way any more. Nothing of what is stored changes. */
  async close(): Promise<void> {
    this.#closed = true
    this.#watch.close()
    await Promise.all([this.#outbox.close(), this.#loop.close()])
  }

  async #tend(): Promise<number | undefined> {
    // Each link more is a subscription written anew: what is made in one turn is linked at once.
    if (this.#made.size > 0) await this.#context.pause()
    const made = this.#made
    this.#made = new Set()
    try {
      await this.#advance(made)
    } catch (error) {
      for (const path of made) this.#made.add(path)
      throw error
    }
    this.#watch.forget(made)
    if (made.size > 0) this.#warnIfFull()
    const sendAt = this.#closed ? undefined : this.#outbox.tend(this.#known)
    return this.#known.wake?.lease?.until ?? sendAt
  }

  async #advance(made: ReadonlySet<string>): Promise<void> {
    const { store, now, newId, limits } = this.#context
    const at = now()
    // While a worker is at it, nothing depends on how fast the streams grow.
    const isBusy = expireLease(this.#known, at).wake !== null && made.size === 0 && !this.#mustLook
    this.#mustLook = false
    const wakeStreamMade = this.#wakeStreamMade
    this.#wakeStreamMade = false
    if (isBusy && !wakeStreamMade) return
    const tails = isBusy ? NOTHING : await this.#look(made)
    const { maxLinks } = limits
    const moment: Moment = { now: at, tails, made, wakeStreamMade, wakeId: newId(), maxLinks }
    if (advance(this.#known, moment) === this.#known) return

    const stepped = await store.change(this.name, ({ recordId, subscription }) => {
      const isSame = recordId === this.recordId
      return {
        outcome: isSame,
        subscription: isSame ? advance(subscription, moment) : subscription,
      }
    })
    if (!stepped?.outcome) return this.#context.onGone(this)
    this.#learn(stepped)
    if (isBusy && !this.#known.wake) this.#loop.ring()
  }

  #look(made: ReadonlySet<string>): Promise<Tails> {
    for (const path of made) this.#watch.look(path)
    return this.#watch.fresh()
  }

  #learn({ recordId, subscription }: StoredSubscription): void {
    const isOld = subscription.revision < this.#known.revision
    if (this.#closed || recordId !== this.recordId || isOld) return
    this.#known = subscription
    this.#follow()
  }

  #follow(): void {
    this.#watch.follow(this.#known.links)
    if (this.#watch.stale) this.#loop.ring()
  }

  #warnIfFull(): void {
    const { limits, onError } = this.#context
    if (this.#isFull || this.#known.links.length < limits.maxLinks) return
    this.#isFull = true
    const message = `Subscription "${this.name}" has ${limits.maxLinks} streams and gets no more`
    onError(new StreamError('too-large', `${message}: raise the limit, or narrow its pattern`))
  }
}
