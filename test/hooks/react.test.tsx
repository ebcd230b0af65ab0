import { version } from 'react'
import { version as domVersion } from 'react-dom'
import { expect, it } from 'vitest'
import { hookContract } from './contract.ts'
import { reactHooks } from './react.tsx'

const { REACT = '19' } = process.env

it(`runs on React ${REACT}`, () => {
  expect([version, domVersion].map((text) => text.split('.')[0])).toEqual([REACT, REACT])
})

hookContract(reactHooks)
