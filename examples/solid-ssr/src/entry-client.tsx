import { hydrate } from 'solid-js/web'
import type { PageData } from '../../door/answer-page.ts'
import { findPage } from '../../door/pages.ts'
import { App } from './app.tsx'

const data = JSON.parse(document.getElementById('page-data')!.textContent) as PageData
const path = findPage(location.pathname) ?? '/'

hydrate(() => <App {...data} path={path} />, document.getElementById('root')!)
