import type { TabsEnvironment } from './tabs/environment.ts'

/** What live reads need of the host; simulations bring their own. */
export interface Environment {
  /** Nothing where there are no tabs, or where they cannot speak to each other. */
  tabs: TabsEnvironment | undefined
  /** Whether the host of `target` allows few connections: a browser asks it over HTTP/1.1. */
  isLimited: (target: URL) => boolean
}
