import { BEFORE_ALL, documentRecord, nameOf, pathOf, storedIn } from './subscription.ts'
import type { StoredSubscription, Subscription } from './subscription.ts'
import type { Storage } from '../storage/storage.ts'

const PAGE = 100

/** What a rule makes of a subscription: an answer, and the subscription afterwards. */
export interface Step<Outcome> {
  outcome: Outcome
  /** The very same object if nothing changes. */
  subscription: Subscription
}

/** The same, once it is durable. */
export interface Stepped<Outcome> extends StoredSubscription {
  outcome: Outcome
}

/** Subscriptions in a storage. Each method is one indivisible step. */
export interface SubscriptionStore {
  find(name: string): Promise<StoredSubscription | undefined>
  /** Stores `made` unless there is one by this name; gives the one there is. */
  create(name: string, made: StoredSubscription): Promise<StoredSubscription>
  /**
   * Lets a pure rule see a subscription, and stores what it makes of it; nothing for none.
   *
   * @throws whatever `rule` throws; nothing is changed then.
   */
  change<Outcome>(
    name: string,
    rule: (stored: StoredSubscription) => Step<Outcome>,
  ): Promise<Stepped<Outcome> | undefined>
  remove(name: string): Promise<void>
  /** All of them, in pages. */
  all(): AsyncGenerator<{ name: string; stored: StoredSubscription }[], void, void>
}

export function createStore(storage: Storage): SubscriptionStore {
  return {
    async find(name) {
      return storedIn((await storage.read(pathOf(name), 0, 0))?.record)
    },

    create: (name, made) =>
      storage.update(pathOf(name), (record) => {
        const found = storedIn(record)
        if (found) return { outcome: found }
        const { recordId, subscription } = made
        const change = { kind: 'create', record: documentRecord(recordId, subscription) } as const
        return { outcome: made, change }
      }),

    change: (name, rule) =>
      storage.update(pathOf(name), (record) => {
        const stored = storedIn(record)
        if (!record || !stored) return { outcome: undefined }
        const { outcome, subscription } = rule(stored)
        if (subscription === stored.subscription) return { outcome: { ...stored, outcome } }
        const document: Subscription = {
          ...subscription,
          revision: stored.subscription.revision + 1,
        }
        return {
          outcome: { recordId: stored.recordId, subscription: document, outcome },
          change: { kind: 'update', record: { ...record, document } },
        }
      }),

    remove: (name) =>
      storage.update(pathOf(name), (record) => ({
        outcome: undefined,
        ...(record && { change: { kind: 'delete' } as const }),
      })),

    async *all() {
      for (let after = BEFORE_ALL; ; ) {
        const page = await storage.list(after, PAGE)
        const found = page.flatMap(({ path, record }) => {
          const name = nameOf(path)
          const stored = storedIn(record)
          return name !== undefined && stored ? [{ name, stored }] : []
        })
        yield found
        if (page.length < PAGE || found.length === 0) return
        after = page.at(-1)!.path
      }
    },
  }
}
