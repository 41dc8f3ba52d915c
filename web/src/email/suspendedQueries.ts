import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { MailSettings, MailSettingsChange, RecoverWish, SenderListName, SuspendedQuery } from '../api/types'

export const suspendedPerPage = 50

/** How many the API takes at once; longer work goes in pieces, so that progress can be shown. */
const atOnce = 20

export const useSuspendedList = (filter: SuspendedQuery, page: number) =>
  useQuery({
    queryKey: ['suspended', filter, page],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/suspended_tickets', { params: { query: { ...filter, page, per_page: suspendedPerPage } }, signal }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  })

export const useSuspended = (id: number) =>
  useQuery({
    queryKey: ['suspended', id],
    queryFn: async () =>
      (await answerOf(api.GET('/suspended_tickets/{id}', { params: { path: { id } } }))).suspended_ticket,
    retry: false,
  })

export const useMailSettings = () =>
  useQuery({
    queryKey: ['mail-settings'],
    queryFn: async () => (await answerOf(api.GET('/mail_settings'))).mail_settings,
  })

export const useSenders = (list: SenderListName) =>
  useQuery({
    queryKey: ['senders', list],
    queryFn: async () => (await answerOf(api.GET('/mail_settings/senders', { params: { query: { list } } }))).senders,
  })

/** Cuts a list into pieces. */
function pieces(ids: number[]): number[][] {
  return Array.from({ length: Math.ceil(ids.length / atOnce) }, (_, i) => ids.slice(i * atOnce, (i + 1) * atOnce))
}

/** What is done with suspended mail and with the rules that suspend it. */
export function useSuspendedActions() {
  const queries = useQueryClient()
  const refresh = async (...keys: string[]) => {
    await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })))
  }
  const afterQueue = () => refresh('suspended', 'mails', 'mail', 'tickets', 'ticket', 'overview', 'senders')
  return {
    async recover(id: number, wish: RecoverWish) {
      const { ticket } = await answerOf(
        api.PUT('/suspended_tickets/{id}/recover', { params: { path: { id } }, body: { suspended_ticket: wish } }),
      )
      await afterQueue()
      return ticket[0]
    },
    async recoverMany(ids: number[], trust: boolean, onProgress: (done: number) => void) {
      let recovered = 0
      const failed = []
      for (const piece of pieces(ids)) {
        const answer = await answerOf(
          api.PUT('/suspended_tickets/recover_many', { params: { query: { ids: piece, trust } } }),
        )
        recovered += answer.tickets.length
        failed.push(...answer.failed)
        onProgress(recovered + failed.length)
      }
      await afterQueue()
      return { recovered, failed }
    },
    async deleteMany(ids: number[], onProgress: (done: number) => void) {
      let done = 0
      for (const piece of pieces(ids)) {
        await answerOf(api.DELETE('/suspended_tickets/destroy_many', { params: { query: { ids: piece } } }))
        onProgress((done += piece.length))
      }
      await afterQueue()
    },
    async changeSettings(change: MailSettingsChange): Promise<MailSettings> {
      const { mail_settings } = await answerOf(api.PUT('/mail_settings', { body: { mail_settings: change } }))
      await refresh('mail-settings', 'suspended')
      return mail_settings
    },
    async addSender(list: SenderListName, pattern: string) {
      await answerOf(api.POST('/mail_settings/senders', { body: { sender: { list, pattern } } }))
      await refresh('senders')
    },
    async removeSender(id: number) {
      await answerOf(api.DELETE('/mail_settings/senders/{id}', { params: { path: { id } } }))
      await refresh('senders')
    },
  }
}
