import type { HydrationData } from '../../../../src/state/hydration.ts'

/** A component on the page, which uses one hook. */
export interface Probe {
  /** `counter` is a value, `words` a reducer's state; `waiting` is a value that suspends until it is read. */
  kind: 'counter' | 'words' | 'waiting'
  key: string
}

/** What a page shows. It is in its address, so that it is there again after a reload. */
export interface Scene {
  probes: readonly Probe[]
  /** React's StrictMode; Solid has none. */
  isStrict?: boolean
}

/** Where a test changes what the page shows. */
export interface Stage {
  getSnapshot: () => Scene
  subscribe: (onChange: () => void) => () => void
  show: (scene: Scene) => void
}

declare global {
  interface Window {
    stage: Stage
    /** All that any probe ever showed, in order: `key=value`. */
    shown: string[]
    /** What a server put into the page. */
    dehydrated?: HydrationData
  }
}

/** Sets the stage of this page, and watches what is shown on it, in each state of the document. */
export function setStage(): Stage {
  const listeners = new Set<() => void>()
  const text = new URLSearchParams(location.search).get('scene')
  let scene = JSON.parse(text ?? '{"probes":[]}') as Scene
  const stage: Stage = {
    getSnapshot: () => scene,
    subscribe(onChange) {
      listeners.add(onChange)
      return () => void listeners.delete(onChange)
    },
    show(next) {
      scene = next
      for (const listener of listeners) listener()
    },
  }
  window.stage = stage
  watchOutputs()
  return stage
}

const me = crypto.randomUUID().slice(0, 8)
let wordCount = 0

/** A word that no page has ever said: `4f1c07ab-1`, `4f1c07ab-2`. */
export function nextWord(): string {
  return `${me}-${++wordCount}`
}

/** Who looks at the page could see each of these. */
function watchOutputs(): void {
  window.shown = []
  const last = new WeakMap<Element, string>()
  new MutationObserver(() => {
    for (const output of document.querySelectorAll<HTMLElement>('output[data-key]')) {
      const seen = `${output.dataset['key']}=${output.textContent}`
      if (last.get(output) !== seen) window.shown.push(seen)
      last.set(output, seen)
    }
  }).observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  })
}
