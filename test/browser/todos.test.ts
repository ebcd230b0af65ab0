import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { test } from './visit.ts'

const live = (page: Page): Promise<void> =>
  page.getByLabel('Connection').getByText('Live').waitFor()

const list = (page: Page): Promise<string[]> =>
  page
    .getByRole('list', { name: 'Todos' })
    .getByRole('checkbox')
    .evaluateAll((boxes) =>
      boxes.map(
        (box) =>
          `${(box as HTMLInputElement).checked ? '☑' : '☐'} ${box.parentElement!.textContent}`,
      ),
    )

async function shows(page: Page, expected: string[]): Promise<void> {
  await expect.poll(() => list(page)).toEqual(expected)
}

async function addTodo(page: Page, text: string): Promise<void> {
  await page.getByLabel('New todo').fill(text)
  await page.getByLabel('New todo').press('Enter')
}

test('what one adds, the other checks off, edits and removes', async ({ visit }) => {
  const [anna, ben] = await Promise.all([visit('todos'), visit('todos')])
  await Promise.all([anna, ben].map(live))

  await addTodo(anna, 'Buy milk')
  await shows(ben, ['☐ Buy milk'])
  await ben.getByRole('checkbox', { name: 'Buy milk' }).check()
  await shows(anna, ['☑ Buy milk'])

  await anna.getByRole('button', { name: 'Edit Buy milk' }).click()
  await anna.getByLabel('New text for Buy milk').fill('Buy oat milk')
  await anna.getByLabel('New text for Buy milk').press('Enter')
  await shows(ben, ['☑ Buy oat milk'])

  await ben.getByRole('button', { name: 'Remove Buy oat milk' }).click()
  await shows(anna, [])
})

test('when all add at once, all end with one list in one order, and a reload keeps it', async ({
  visit,
}) => {
  const anna = await visit('todos')
  const pages = [anna, await visit('todos', anna), await visit('todos')]
  await Promise.all(pages.map(live))

  await Promise.all(
    pages.map(async (page, person) => {
      for (let i = 0; i < 5; i++) await addTodo(page, `Thing ${i} of ${person}`)
    }),
  )
  for (const page of pages) await expect.poll(async () => (await list(page)).length).toBe(15)
  const order = await list(anna)
  expect(new Set(order).size).toBe(15)
  for (const page of pages) await shows(page, order)

  await anna.reload()
  await shows(anna, order)
})
