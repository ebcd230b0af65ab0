import { markUsed, readPage } from '../operations/read.ts'
import { pageAnswer, revalidated, tailAnswer } from './page-answer.ts'
import { failedReadAnswer } from './respond.ts'
import type { Answer } from './answer.ts'
import type { House } from './house.ts'
import type { Read } from './parse-read.ts'
import type { RequestHeaders } from './parse-headers.ts'

export const PAGE_MAX_BYTES: number = 1024 * 1024

/** Answers with what is stored, page by page. Protocol section 5, catch-up. */
export async function catchUp(
  house: House,
  path: string,
  { start }: Read,
  headers: RequestHeaders,
): Promise<Answer> {
  const now = house.now()
  const outcome = await readPage(house.storage, path, start, PAGE_MAX_BYTES, now)
  if (outcome.kind !== 'page') return failedReadAnswer(outcome, path)
  const { page } = outcome
  await markUsed(house.storage, path, page.record, now)
  if (start === 'now') return tailAnswer(page)
  return revalidated(pageAnswer(page, house.cacheControl), headers['if-none-match'])
}
