import type { ReactNode } from 'react'

/** A drop in still water. Each new `drop` sends one wave out. */
export function Rings({ drop }: { drop: number }): ReactNode {
  return (
    <svg className="rings" viewBox="0 0 400 400" aria-hidden="true">
      <circle className="still" cx="200" cy="200" r="88" />
      <circle className="still" cx="200" cy="200" r="134" />
      <circle className="still" cx="200" cy="200" r="184" />
      <circle key={drop} className="wave" cx="200" cy="200" r="184" />
    </svg>
  )
}
