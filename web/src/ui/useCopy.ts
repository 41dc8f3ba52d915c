import { useState } from 'react'

/** Copies text, and says for a moment that it did. */
export function useCopy(): [copied: boolean, copy: (text: string) => void] {
  const [copied, setCopied] = useState(false)
  const copy = async (text: string) => {
    await writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 2500)
  }
  return [copied, (text) => void copy(text)]
}

async function writeText(text: string) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  // Browsers give no clipboard to pages without TLS on another machine.
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}
