import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { bulkEnd } from '../api/bulk'
import { answerOf, api } from '../api/client'
import type {
  Comment,
  Conversation,
  JobStatus,
  Mail,
  NewTicket,
  TicketChange,
  TicketPage,
  TicketQuery,
  TicketShown,
  User,
} from '../api/types'

export const useTickets = (filter: TicketQuery, page = 1, perPage = 50) =>
  useQuery<TicketPage>({
    queryKey: ['tickets', 'list', filter, page, perPage],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/tickets', { params: { query: { ...filter, include: 'users', page, per_page: perPage } }, signal }),
      ),
    placeholderData: keepPreviousData,
  })

export const useTicket = (id: number, enabled = true) =>
  useQuery({
    queryKey: ['ticket', id],
    queryFn: () => answerOf(api.GET('/tickets/{id}', { params: { path: { id }, query: { include: 'users' } } })),
    enabled,
  })

export const useConversation = (id: number) =>
  useQuery({
    queryKey: ['ticket', id, 'comments'],
    queryFn: () =>
      answerOf(api.GET('/tickets/{id}/comments', { params: { path: { id }, query: { include: 'users' } } })),
  })

/** The mails of a ticket, newest first, imported ones where they belong. */
export const useTicketMails = (ticket: number) =>
  useQuery({
    queryKey: ['mails', { ticket }],
    queryFn: async () =>
      (await answerOf(api.GET('/mail', { params: { query: { ticket_id: ticket, per_page: 100 } } }))).mail,
    select: (mails) => mails.toSorted((a, b) => instant(b) - instant(a)),
  })

const instant = (mail: Mail) => Date.parse(mailTime(mail)) || 0

/** When a mail came or went. */
export const mailTime = (mail: Mail): string => mail.received_at ?? mail.noticed_at ?? ''

export const usePeopleSearch = (query: string) =>
  useQuery<User[]>({
    queryKey: ['people', 'search', query],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/users/search', { params: { query: { query, per_page: 8 } }, signal }))).users,
    enabled: query.trim().length >= 2,
    placeholderData: keepPreviousData,
  })

/** Tags that contain what is typed. */
export const useTagSearch = (part: string) =>
  useQuery({
    queryKey: ['tags', part],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/autocomplete/tags', { params: { query: { name: part } }, signal }))).tags,
    enabled: part.length >= 2,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  })

/** How many unsolved incidents a problem has. */
export const useIncidentCount = (problem: number) =>
  useQuery({
    queryKey: ['tickets', 'incidents', problem],
    queryFn: async () =>
      (
        await answerOf(
          api.GET('/tickets/count', {
            params: { query: { problem_id: problem, status: ['new', 'open', 'pending', 'hold'] } },
          }),
        )
      ).count.value,
  })

export const createTicket = async (ticket: NewTicket) =>
  (await answerOf(api.POST('/tickets', { body: { ticket } }))).ticket

/** Where it is kept why the last change of a ticket was refused, for whoever shows what it was about. */
export const refusalKey = (id: number) => ['refusal', id]

/** Changes to tickets and comments; each leaves the cache fresh. */
export function useDesk() {
  const queries = useQueryClient()
  const refresh = (id: number) =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['ticket', id] }),
      queries.invalidateQueries({ queryKey: ['tickets'] }),
    ])
  const at = (comment: Comment) => ({ params: { path: { id: comment.ticket_id, cid: comment.id } } })
  return {
    async change(id: number, ticket: TicketChange) {
      const answer = await answerOf(api.PUT('/tickets/{id}', { params: { path: { id } }, body: { ticket } })).catch(
        async (thrown) => {
          queries.setQueryData(refusalKey(id), thrown)
          // It may have been refused because the ticket is no longer as it shows.
          await refresh(id)
          throw thrown
        },
      )
      queries.setQueryData(refusalKey(id), null)
      queries.setQueryData<TicketShown>(['ticket', id], (old) => old && { ...old, ticket: answer.ticket })
      await refresh(id)
      return answer
    },
    async changeMany(ids: number[], ticket: TicketChange, onProgress?: (job: JobStatus) => void) {
      const begun = await answerOf(api.PUT('/tickets/update_many', { body: { ticket, ids } }))
      const job = await bulkEnd(begun.job_status, onProgress)
      await queries.invalidateQueries({ queryKey: ['tickets'] })
      return job
    },
    async makeInternal(comment: Comment) {
      await answerOf(api.PUT('/tickets/{id}/comments/{cid}/make_private', at(comment)))
      await refresh(comment.ticket_id)
    },
    async accept(comment: Comment, addToCopy: boolean) {
      await answerOf(
        api.POST('/tickets/{id}/comments/{cid}/accept', { ...at(comment), body: { add_to_ccs: addToCopy } }),
      )
      await refresh(comment.ticket_id)
    },
    async retryDelivery(comment: Comment) {
      await answerOf(api.POST('/tickets/{id}/comments/{cid}/retry_delivery', at(comment)))
      await refresh(comment.ticket_id)
    },
    async cancelDelivery(comment: Comment) {
      await answerOf(api.POST('/tickets/{id}/comments/{cid}/cancel_delivery', at(comment)))
      // It is gone at once, on a page that is not open, too.
      queries.setQueryData<Conversation>(
        ['ticket', comment.ticket_id, 'comments'],
        (old) => old && { ...old, comments: old.comments.filter((one) => one.id !== comment.id) },
      )
      await refresh(comment.ticket_id)
    },
  }
}
