import { ratio, show } from './values.ts'
import type { Row, Value } from './row.ts'

const HEAD = ['workload', 'to limit', 'to peer', 'ours', 'limit', 'peer', 'target', 'met']

/** The rows as a Markdown table, ratios first. */
export function resultTable(rows: readonly Row[]): string {
  const lines = [HEAD, HEAD.map(() => '---'), ...rows.map(cells)]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

function cells({ workload, ours, limit, limitIs, peer, target, met }: Row): string[] {
  return [
    workload,
    showRatio(ours, limit),
    showRatio(ours, peer),
    showValue(ours),
    limit ? `${showValue(limit)}${limitIs === undefined ? '' : `, ${limitIs}`}` : '–',
    showValue(peer),
    target,
    met === undefined ? '–' : met ? 'yes' : '**no**',
  ]
}

function showRatio(ours: Value | undefined, other: Value | undefined): string {
  const value = ratio(ours?.value, other?.value)
  if (value === undefined || !Number.isFinite(value)) return '–'
  if (value === 0) return '< 0.01'
  return value >= 10 ? value.toFixed(0) : value.toFixed(2)
}

function showValue(shown: Value | undefined): string {
  if (!shown) return '–'
  const { value, unit, also } = shown
  if (value === Infinity) return `did not deliver all in time`
  const text = unit === '/s' ? `${show(value)}${unit}` : `${show(value)} ${unit}`
  return also === undefined ? text : `${text} (${also})`
}
