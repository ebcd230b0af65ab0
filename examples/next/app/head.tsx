'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactElement } from 'react'
import { PAGES } from '../../door/pages.ts'
import { Signs } from '../../door/react/signs.tsx'

export function Head(): ReactElement {
  const current = usePathname()
  return (
    <header className="head">
      <strong>Fridge door</strong>
      <nav aria-label="Pages">
        {PAGES.map(({ path, name }) => (
          <Link key={path} href={path} aria-current={path === current ? 'page' : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <Signs />
    </header>
  )
}
