import {
  createRootRoute,
  HeadContent,
  Link,
  Outlet,
  Scripts,
  useRouterState,
} from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { HydrationBoundary, PartyProvider } from 'streamwell/react'
import { DESCRIPTION, findPage, PAGES, titleOf } from '../../../door/pages.ts'
import { Signs } from '../../../door/react/signs.tsx'
import style from '../../../door/door.css?url'
import { shell } from '../loaders.ts'

export const Route = createRootRoute({
  loader: () => shell(),
  // The head is on every page: it is loaded once, and live from then on.
  staleTime: Infinity,
  head: () => ({
    meta: [
      { charSet: 'utf-8' },
      { name: 'viewport', content: 'width=device-width, initial-scale=1' },
      { name: 'description', content: DESCRIPTION },
      { name: 'color-scheme', content: 'light dark' },
    ],
    links: [{ rel: 'stylesheet', href: style }],
  }),
  component: Door,
})

function Door(): ReactElement {
  const path = useRouterState({ select: ({ location }) => findPage(location.pathname) })
  return (
    <html lang="en">
      <head>
        <title>{titleOf(path)}</title>
        <HeadContent />
      </head>
      <body>
        <PartyProvider>
          <HydrationBoundary data={Route.useLoaderData()}>
            <div className="door">
              <header className="head">
                <strong>Fridge door</strong>
                <nav aria-label="Pages">
                  {PAGES.map(({ path, name }) => (
                    <Link key={path} to={path} activeOptions={{ exact: true }}>
                      {name}
                    </Link>
                  ))}
                </nav>
                <Signs />
              </header>
              <main>
                <Outlet />
              </main>
            </div>
          </HydrationBoundary>
        </PartyProvider>
        <Scripts />
      </body>
    </html>
  )
}
