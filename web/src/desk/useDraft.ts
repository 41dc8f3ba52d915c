import { useEffect, useState } from 'react'
import { keepDraft, readDraft } from './draft'

/** What is being written, kept in the browser with every key. */
export function useDraft(user: number, ticket: number | 'new') {
  const [draft, setDraft] = useState(() => readDraft(localStorage, user, ticket, new Date()))
  useEffect(() => keepDraft(localStorage, user, ticket, draft), [user, ticket, draft])
  return { draft, setDraft }
}
