import type * as Tabs from './tabs/create-tabs.ts'
import type { TabsEnvironment } from './tabs/environment.ts'
import type * as Turns from './turns.ts'

/** What live reads need of the host; simulations bring their own. */
export interface Environment {
  /** Nothing where there are no tabs, or where they cannot speak to each other. */
  tabs: TabsEnvironment | undefined
  /** Whether the host of `target` allows few connections: a browser asks it over HTTP/1.1. */
  isLimited: (target: URL) => boolean
  /** What not everybody needs. Where it cannot be loaded, streams have a connection each. */
  load: {
    tabs: () => Promise<typeof Tabs>
    turns: () => Promise<typeof Turns>
  }
}
