import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { get, post, put } from '../api/client'
import type { Brand, Comment, Counts, Mail, Ticket, TicketStatus, User } from '../api/types'

export interface TicketChange {
  status?: TicketStatus
  priority?: string | null
  assignee_id?: number | null
  subject?: string
  tags?: string[]
  email_ccs?: { user_email: string }[]
  comment?: { body: string; public: boolean; uploads: string[] }
}

export interface TicketPage {
  tickets: Ticket[]
  users?: User[]
  count: number
}

export const ticketsPerPage = 50

export const useTickets = (filter: Record<string, string>, page = 1, perPage = ticketsPerPage) =>
  useQuery({
    queryKey: ['tickets', 'list', filter, page, perPage],
    queryFn: ({ signal }) => get<TicketPage>('/tickets', { ...filter, include: 'users', page, per_page: perPage }, signal),
    placeholderData: keepPreviousData,
  })

export const useCounts = () =>
  useQuery({
    queryKey: ['tickets', 'counts'],
    queryFn: () => get<{ counts: Counts }>('/tickets/counts').then((answer) => answer.counts),
  })

export interface TicketWithPeople {
  ticket: Ticket
  users: User[]
  brands: Brand[]
}

export const useTicket = (id: number, enabled = true) =>
  useQuery({
    queryKey: ['ticket', id],
    queryFn: () => get<TicketWithPeople>(`/tickets/${id}`, { include: 'users' }),
    enabled,
  })

export interface Conversation {
  comments: Comment[]
  users: User[]
}

export const useConversation = (id: number) =>
  useQuery({
    queryKey: ['ticket', id, 'comments'],
    queryFn: () => get<Conversation>(`/tickets/${id}/comments`, { include: 'users', per_page: 100 }),
  })

/** The mails of a ticket, newest first. */
export const useTicketMails = (ticket: number) =>
  useQuery({
    queryKey: ['mails', { ticket }],
    queryFn: () => get<{ mail: Mail[] }>('/mail', { ticket_id: ticket, per_page: 100 }).then((answer) => answer.mail),
  })

/** Everyone who can be given a ticket. */
export const useAgents = () =>
  useQuery({
    queryKey: ['people', 'agents'],
    queryFn: () => get<{ users: User[] }>('/users?role[]=agent&role[]=admin&per_page=100').then(({ users }) => users),
    select: (users) => users.filter((user) => !user.suspended),
    staleTime: 60_000,
  })

export const usePeopleSearch = (query: string) =>
  useQuery<User[]>({
    queryKey: ['people', 'search', query],
    queryFn: ({ signal }) =>
      get<{ users: User[] }>('/users/search', { query, per_page: 8 }, signal).then((answer) => answer.users),
    enabled: query.trim().length >= 2,
    placeholderData: keepPreviousData,
  })

export const createTicket = (ticket: object) =>
  post<{ ticket: Ticket }>('/tickets', { ticket }).then((answer) => answer.ticket)

export interface BulkAnswer {
  tickets: Ticket[]
  failed: { id: number; code: string; message: string }[]
}

/** Changes to tickets and comments; each leaves the cache fresh. */
export function useDesk() {
  const queries = useQueryClient()
  const refresh = (id: number) =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['ticket', id] }),
      queries.invalidateQueries({ queryKey: ['tickets'] }),
    ])
  const atComment = (action: string, method: typeof post | typeof put) => async (comment: Comment, body: object = {}) => {
    await method(`/tickets/${comment.ticket_id}/comments/${comment.id}/${action}`, body)
    await refresh(comment.ticket_id)
  }
  return {
    async change(id: number, ticket: TicketChange) {
      const answer = await put<{ ticket: Ticket; comment?: Comment }>(`/tickets/${id}`, { ticket })
      queries.setQueryData<TicketWithPeople>(['ticket', id], (old) => old && { ...old, ticket: answer.ticket })
      await refresh(id)
      return answer
    },
    async changeMany(ids: number[], ticket: TicketChange) {
      const answer = await put<BulkAnswer>('/tickets/update_many', { ticket, ids })
      await queries.invalidateQueries({ queryKey: ['tickets'] })
      return answer
    },
    makeInternal: atComment('make_private', put),
    accept: atComment('accept', post),
    retryDelivery: atComment('retry_delivery', post),
    cancelDelivery: atComment('cancel_delivery', post),
  }
}
