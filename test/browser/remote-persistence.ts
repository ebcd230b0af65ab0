import type { Page } from 'playwright-core'
import type * as driver from '../../src/state/persistence/index.ts'
import type { Journal, Persistence } from '../../src/state/persistence/index.ts'

declare global {
  interface Window {
    driver: typeof driver
    /** What a page has opened, by numbers that its test knows. */
    kept: {
      persistence: Persistence
      journals: Journal[]
      releases: (() => void)[]
      waits: Record<string, AbortController>
      told: string[]
    }
  }
}

/** Opens the IndexedDB of a page, so that a test in Node can use it as its own. */
export async function remotePersistence(page: Page, databaseName?: string): Promise<Persistence> {
  // As text, since Vite would make `import()` its own.
  await page.evaluate(`import('/persistence.js').then((module) => { window.driver = module })`)
  await page.evaluate((databaseName) => {
    const told: string[] = []
    const persistence = window.driver.indexedDBPersistence({
      ...(databaseName && { databaseName }),
      onDegrade: (error) => void told.push(error.message),
    })
    window.kept = { persistence, journals: [], releases: [], waits: {}, told }
  }, databaseName)
  let waits = 0

  return {
    open: async (name) => {
      const journal = await page.evaluate(async (name) => {
        const { kept } = window
        return kept.journals.push(await kept.persistence.open(JSON.parse(name) as string)) - 1
      }, toAscii(name))
      return remoteJournal(page, journal)
    },
    list: async (prefix) =>
      JSON.parse(
        await page.evaluate(
          async (prefix) =>
            JSON.stringify(await window.kept.persistence.list(JSON.parse(prefix) as string)),
          toAscii(prefix),
        ),
      ) as string[],
    lock: async (name, { wait, signal }) => {
      signal?.throwIfAborted()
      const id = String(waits++)
      const abort = (): void => void page.evaluate((id) => window.kept.waits[id]?.abort(), id)
      signal?.addEventListener('abort', abort)
      const release = await page.evaluate(
        async ([name, wait, id]) => {
          const { kept } = window
          const controller = (kept.waits[id] = new AbortController())
          try {
            const release = await kept.persistence.lock(JSON.parse(name) as string, {
              wait,
              signal: controller.signal,
            })
            return release && kept.releases.push(release) - 1
          } catch (error) {
            if (controller.signal.aborted) return 'aborted'
            throw error
          }
        },
        [toAscii(name), wait, id] as const,
      )
      if (release === 'aborted') throw signal!.reason as Error
      if (release === undefined) return undefined
      return () => {
        // A page that is gone has let go of it.
        page.evaluate((release) => window.kept.releases[release]!(), release).catch(() => {})
      }
    },
  }
}

function remoteJournal(page: Page, journal: number): Journal {
  const write =
    (method: 'append' | 'replace') =>
    (records: readonly string[]): Promise<void> =>
      page.evaluate(
        ([journal, method, records]) =>
          window.kept.journals[journal]![method](JSON.parse(records) as string[]),
        [journal, method, toAscii(records)] as const,
      )
  return {
    read: async () =>
      JSON.parse(
        await page.evaluate(
          async (journal) => JSON.stringify(await window.kept.journals[journal]!.read()),
          journal,
        ),
      ) as string[],
    append: write('append'),
    replace: write('replace'),
    close: () => page.evaluate((journal) => window.kept.journals[journal]!.close(), journal),
  }
}

/** Text that comes through any wire as it is, lone surrogates and all. */
function toAscii(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
