import type { CSSProperties, ReactNode } from 'react'
import { initials } from './person.ts'

interface AvatarProps {
  name: string
  /** Angle on the colour wheel. */
  hue: number
}

export function Avatar({ name, hue }: AvatarProps): ReactNode {
  return (
    <span className="avatar" style={{ '--hue': hue } as CSSProperties} aria-hidden="true">
      {initials(name)}
    </span>
  )
}
