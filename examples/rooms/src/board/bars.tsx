import type { CSSProperties, ReactNode } from 'react'

export interface Bar {
  key: string
  /** The name, as text, link or button. */
  label: ReactNode
  value: number
  caption: string
}

/** A list whose lines are as long as their values, next to the largest. */
export function Bars({ bars }: { bars: readonly Bar[] }): ReactNode {
  const largest = Math.max(1, ...bars.map(({ value }) => value))
  return (
    <ol className="bars">
      {bars.map(({ key, label, value, caption }) => (
        <li key={key} style={{ '--share': value / largest } as CSSProperties}>
          {label}
          <span>{caption}</span>
        </li>
      ))}
    </ol>
  )
}
