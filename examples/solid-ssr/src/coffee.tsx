import type { JSX } from 'solid-js'
import { useServerState } from 'streamwell/solid'
import { COFFEE_KEY } from '../../door/keys.ts'

export function Coffee(): JSX.Element {
  const [cups, setCups, meta] = useServerState(0, COFFEE_KEY)
  return (
    <section class="card coffee" aria-labelledby="coffee">
      <h2 id="coffee">Cups of coffee</h2>
      <output aria-label="Cups of coffee">{cups()}</output>
      <button type="button" class="button primary" onClick={() => setCups((n) => n + 1)}>
        Pour one
      </button>
      <button type="button" class="link-button" onClick={() => meta.reset()}>
        Start a new day
      </button>
    </section>
  )
}
