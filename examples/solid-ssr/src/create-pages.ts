import { type Accessor, createSignal, onCleanup, onMount } from 'solid-js'
import type { HydrationData } from 'streamwell/ssr'
import type { PageData } from '../../door/answer-page.ts'
import { findPage, type PagePath, titleOf } from '../../door/pages.ts'

interface Page {
  path: PagePath
  data: HydrationData
}

/** A router for two pages: the next one is shown once its data is there. */
export function createPages(first: Page): {
  current: Accessor<Page>
  go: (path: PagePath) => void
} {
  const [current, show] = createSignal(first)

  async function turnTo(path: PagePath): Promise<void> {
    const answer = await fetch(`/page-data${path}`)
    const { page } = (await answer.json()) as PageData
    document.title = titleOf(path)
    show({ path, data: page })
  }

  onMount(() => {
    const turnBack = (): void => void turnTo(findPage(location.pathname) ?? '/')
    addEventListener('popstate', turnBack)
    onCleanup(() => removeEventListener('popstate', turnBack))
  })

  return {
    current,
    go: (path) => {
      if (path === current().path) return
      history.pushState(null, '', path)
      void turnTo(path)
    },
  }
}
