import type { ReactElement } from 'react'
import { useServerState } from 'streamwell/react'
import { COFFEE_KEY } from '../keys.ts'

export function Coffee(): ReactElement {
  const [cups, setCups, { reset }] = useServerState(0, COFFEE_KEY)
  return (
    <section className="card coffee" aria-labelledby="coffee">
      <h2 id="coffee">Cups of coffee</h2>
      <output aria-label="Cups of coffee">{cups}</output>
      <button type="button" className="button primary" onClick={() => setCups((n) => n + 1)}>
        Pour one
      </button>
      <button type="button" className="link-button" onClick={reset}>
        Start a new day
      </button>
    </section>
  )
}
