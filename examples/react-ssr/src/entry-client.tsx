import { StrictMode } from 'react'
import { hydrateRoot } from 'react-dom/client'
import type { PageData } from '../../door/answer-page.ts'
import { findPage } from '../../door/pages.ts'
import { App } from './app.tsx'

const data = JSON.parse(document.getElementById('page-data')!.textContent) as PageData

hydrateRoot(
  document.getElementById('root')!,
  <StrictMode>
    <App {...data} path={findPage(location.pathname) ?? '/'} />
  </StrictMode>,
)
