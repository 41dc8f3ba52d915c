import { useQuery, useQueryClient } from '@tanstack/react-query'
import { del, get, post } from '../api/client'
import type { ApiToken, AuditLog } from '../api/types'

export const useTokens = () =>
  useQuery({
    queryKey: ['tokens'],
    queryFn: () => get<{ api_tokens: ApiToken[] }>('/api_tokens').then((answer) => answer.api_tokens),
  })

export function useTokenActions() {
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['tokens'] })
  return {
    async create(name: string) {
      const { api_token } = await post<{ api_token: ApiToken }>('/api_tokens', { api_token: { name } })
      await refresh()
      return api_token
    },
    async remove(id: number) {
      await del(`/api_tokens/${id}`)
      await refresh()
    },
  }
}

export const auditPerPage = 50

export const useAudit = (page: number) =>
  useQuery({
    queryKey: ['audit', page],
    queryFn: () =>
      get<{ audit_logs: AuditLog[]; count: number }>('/audit_logs', { page, per_page: auditPerPage }),
  })
