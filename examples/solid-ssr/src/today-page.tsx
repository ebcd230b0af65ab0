import type { JSX } from 'solid-js'
import { Coffee } from './coffee.tsx'
import { Shopping } from './shopping.tsx'

export function TodayPage(): JSX.Element {
  return (
    <>
      <h1 class="visually-hidden">Today</h1>
      <div class="today">
        <Coffee />
        <Shopping />
      </div>
    </>
  )
}
