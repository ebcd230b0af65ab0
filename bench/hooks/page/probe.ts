import type { PageBench, PageFigures } from './page-bench.ts'

let figures: PageFigures = empty()

function empty(): PageFigures {
  return {
    typingMs: [],
    clickingMs: [],
    longestEventMs: 0,
    delaysMs: [],
    renders: 0,
  }
}

/** A component with a hook has rendered. */
export function noteRender(): void {
  figures.renders++
}

/** A component shows a value, which is the time at which it was written. */
export function noteShown(writtenAt: number): void {
  figures.delaysMs.push(Date.now() - writtenAt)
}

/** Watches over the inputs of this page. */
export function watchInputs(): void {
  addEventListener('keydown', (event) => untilShown(event, figures.typingMs), true)
  addEventListener('click', (event) => untilShown(event, figures.clickingMs), true)
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) {
      if (name === 'keydown' || name === 'click') {
        figures.longestEventMs = Math.max(figures.longestEventMs, duration)
      }
    }
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
}

/** From the event, as the browser got it, until the next frame has been made. */
function untilShown({ timeStamp }: Event, into: number[]): void {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => void into.push(performance.now() - timeStamp)
    port2.postMessage(undefined)
  })
}

export const bench: PageBench = {
  shown: () => [...document.querySelectorAll('td')].map((cell) => Number(cell.textContent)),
  begin() {
    figures = empty()
  },
  end: () => figures,
}
