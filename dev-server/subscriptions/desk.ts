import type { SubscriptionOptions } from './context.ts'
import type { Keys } from './keys.ts'
import type { Manager } from './manager.ts'
import type { SubscriptionStore } from './store.ts'

/** What every request to the reserved API is answered with. */
export interface Desk extends SubscriptionOptions {
  store: SubscriptionStore
  manager: Manager
  keys: () => Promise<Keys>
}
