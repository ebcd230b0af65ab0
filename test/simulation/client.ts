import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type * as Core from '../../src/core/index.ts'
import type * as Create from '../../src/core/live/create-live-fetch.ts'
import type { Environment } from '../../src/core/live/environment.ts'
import type { LiveFetch } from '../../src/core/live/live-fetch.ts'
import type * as Tabs from '../../src/core/live/tabs/create-tabs.ts'
import type * as Turns from '../../src/core/live/turns.ts'
import type * as Live from '../../src/core/live.ts'

/** The client as it is shipped. */
export const CLIENT_FOLDER: string = fileURLToPath(new URL('../../src/core', import.meta.url))

export interface ClientModule {
  core: typeof Core
  /** What each tab has one of. */
  createLiveFetch: (environment: Omit<Environment, 'load'>) => LiveFetch
  /** From now on live reads are asked for here. */
  routeLive: (live: LiveFetch) => void
}

/**
 * All of it is loaded when this resolves: where time is virtual, nothing could be.
 *
 * @param folder a changed copy of the client, instead of the shipped one
 */
export async function loadClient(folder: string = CLIENT_FOLDER): Promise<ClientModule> {
  const load = <Loaded>(file: string): Promise<Loaded> =>
    import(pathToFileURL(join(folder, file)).href) as Promise<Loaded>
  const core = await load<typeof Core>('index.ts')
  const { setLiveFetch, loadLive } = await load<typeof Live>('live.ts')
  const { createLiveFetch } = await load<typeof Create>('live/create-live-fetch.ts')
  const tabs = load<typeof Tabs>('live/tabs/create-tabs.ts')
  const turns = load<typeof Turns>('live/turns.ts')
  let live: LiveFetch
  setLiveFetch((request) => live(request))
  await Promise.all([loadLive(), tabs, turns])
  return {
    core,
    createLiveFetch: (environment) =>
      createLiveFetch({ ...environment, load: { tabs: () => tabs, turns: () => turns } }),
    routeLive: (next) => void (live = next),
  }
}
