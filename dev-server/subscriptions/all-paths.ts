import { isSystemPath } from '../operations/registry.ts'
import type { SubscriptionOptions } from './context.ts'

const PAGE = 256

/** The paths of all streams of users, in pages between which the event loop turns. */
export async function* allPaths({
  storage,
  pause,
}: Pick<SubscriptionOptions, 'storage' | 'pause'>): AsyncGenerator<string[], void, void> {
  for (let after = ''; ; await pause()) {
    const page = await storage.list(after, PAGE)
    yield page.map(({ path }) => path).filter((path) => !isSystemPath(path))
    if (page.length < PAGE) return
    after = page.at(-1)!.path
  }
}
