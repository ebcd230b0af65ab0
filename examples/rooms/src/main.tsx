import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { PartyProvider } from 'streamwell/react'
import { App } from './app.tsx'
import './styles/base.css'
import './styles/shell.css'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <PartyProvider>
      <App />
    </PartyProvider>
  </StrictMode>,
)
