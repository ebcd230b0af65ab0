import type { ReactElement } from 'react'
import { Coffee } from './coffee.tsx'
import { Shopping } from './shopping.tsx'

export function TodayPage(): ReactElement {
  return (
    <>
      <h1 className="visually-hidden">Today</h1>
      <div className="today">
        <Coffee />
        <Shopping />
      </div>
    </>
  )
}
