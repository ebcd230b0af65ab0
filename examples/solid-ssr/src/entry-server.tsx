import { generateHydrationScript, renderToString } from 'solid-js/web'
import type { Arrival } from '../../door/answer-page.ts'
import { App } from './app.tsx'

export { loadPage as load } from '../../door/load-page.ts'

/** The page's markup. All it shows is loaded by now, so there is nothing to wait for. */
export function render(arrival: Arrival): Promise<{ head: string; html: string }> {
  const html = renderToString(() => <App {...arrival} />)
  return Promise.resolve({ head: generateHydrationScript(), html })
}
