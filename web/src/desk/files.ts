import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api, apiURL, ask } from '../api/client'
import type { Attachment, AttachmentSettingsChange, FileLink } from '../api/types'

/** The path of a file: its whole address may name another host than the one we were opened at. */
export function filePath(file: Pick<Attachment, 'content_url'>): string {
  const { pathname, search } = new URL(file.content_url)
  return pathname + search
}

/** What a file needs to have said beside its name; nothing for most. */
export function fileWarning(file: Attachment) {
  if (file.scan_state === 'malware') return 'malware'
  if (file.set_aside) return 'set_aside'
  if (file.scan_state === 'failed') return file.scan_finding === 'too_large' ? 'too_large' : 'failed'
  if (file.scan_state === 'waiting') return 'waiting'
  return undefined
}

/** Files and the links to them. */
export function useFiles() {
  const queries = useQueryClient()
  const at = (link: FileLink) => ({ params: { path: { id: link.id } } })
  const refresh = (ticket: number) => queries.invalidateQueries({ queryKey: ['ticket', ticket] })
  return {
    async revoke(link: FileLink, ticket: number) {
      await answerOf(api.POST('/file_links/{id}/revoke', at(link)))
      await refresh(ticket)
    },
    async renew(link: FileLink, ticket: number) {
      await answerOf(api.POST('/file_links/{id}/renew', at(link)))
      await refresh(ticket)
    },
    async fetchSetAside(mail: number, ticket: number) {
      await answerOf(api.POST('/mail/{id}/fetch_attachments', { params: { path: { id: mail } } }))
      await refresh(ticket)
    },
  }
}

/** Downloads a file that is withheld; the administrator has confirmed that they know. */
export async function downloadDangerous(file: Attachment) {
  const response = await ask(apiURL(`/attachments/${file.id}/dangerous`), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ confirm: true }),
  })
  const address = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = address
  link.download = file.file_name
  link.click()
  URL.revokeObjectURL(address)
}

export const useAttachmentSettings = () =>
  useQuery({
    queryKey: ['attachment-settings'],
    queryFn: async () => (await answerOf(api.GET('/attachment_settings'))).attachment_settings,
  })

export function useAttachmentSettingsActions() {
  const queries = useQueryClient()
  return {
    async save(change: AttachmentSettingsChange) {
      const { attachment_settings } = await answerOf(
        api.PUT('/attachment_settings', { body: { attachment_settings: change } }),
      )
      queries.setQueryData(['attachment-settings'], attachment_settings)
    },
  }
}
