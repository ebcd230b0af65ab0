import type { Value } from '../harness/row.ts'
import { ratio, show } from '../harness/values.ts'

/** One measure of all that are compared. */
export interface ComparedRow {
  what: string
  /** By name of subject. */
  values: Readonly<Partial<Record<string, Value>>>
}

/** Names of subjects, in order of their columns, and how they are headed: the first is ours. */
export type Columns = Readonly<Record<string, string>>

/** A Markdown table in which the ratio of the first column to each other stands beside that one. */
export function comparisonTable(columns: Columns, rows: readonly ComparedRow[]): string {
  const [first, ...others] = Object.keys(columns)
  const head = ['', columns[first!]!, ...others.flatMap((name) => [columns[name]!, 'to it'])]
  const lines = [head, head.map(() => '---')]
  for (const { what, values } of rows) {
    const ours = values[first!]
    const compared = others.flatMap((name) => [
      showValue(values[name]),
      showRatio(ours?.value, values[name]?.value),
    ])
    lines.push([what, showValue(ours), ...compared])
  }
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

function showRatio(ours: number | undefined, other: number | undefined): string {
  const value = ratio(ours, other)
  if (value === undefined || !Number.isFinite(value) || value <= 0) return '–'
  if (value < 0.005) return '< 0.01'
  return value >= 10 ? value.toFixed(0) : value.toFixed(2)
}

function showValue(shown: Value | undefined): string {
  if (!shown) return '–'
  if (shown.value === Infinity) return 'not all in time'
  const isCount = shown.unit === ''
  const text = isCount ? shown.value.toLocaleString('en') : `${show(shown.value)} ${shown.unit}`
  return shown.also === undefined ? text : `${text} (${shown.also})`
}
