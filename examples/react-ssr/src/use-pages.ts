import { useEffect, useState, useTransition } from 'react'
import type { HydrationData } from 'streamwell/ssr'
import type { PageData } from '../../door/answer-page.ts'
import { findPage, type PagePath, titleOf } from '../../door/pages.ts'

interface Page {
  path: PagePath
  data: HydrationData
}

/** A router for two pages: the next one is shown once its data is there. */
export function usePages(first: Page): { current: Page; go: (path: PagePath) => void } {
  const [current, show] = useState(first)
  const [, startTransition] = useTransition()

  function turnTo(path: PagePath): void {
    startTransition(async () => {
      const answer = await fetch(`/page-data${path}`)
      const { page } = (await answer.json()) as PageData
      document.title = titleOf(path)
      startTransition(() => show({ path, data: page }))
    })
  }

  useEffect(() => {
    const turnBack = (): void => turnTo(findPage(location.pathname) ?? '/')
    addEventListener('popstate', turnBack)
    return () => removeEventListener('popstate', turnBack)
  })

  return {
    current,
    go: (path) => {
      if (path === current.path) return
      history.pushState(null, '', path)
      turnTo(path)
    },
  }
}
