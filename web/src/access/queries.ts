import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'

export const useTokens = () =>
  useQuery({
    queryKey: ['tokens'],
    queryFn: async () => (await answerOf(api.GET('/api_tokens'))).api_tokens,
  })

/** Making and deleting API tokens. */
export function useTokenActions() {
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['tokens'] })
  return {
    async create(name: string) {
      const { api_token } = await answerOf(api.POST('/api_tokens', { body: { api_token: { name } } }))
      await refresh()
      return api_token
    },
    async remove(id: number) {
      await answerOf(api.DELETE('/api_tokens/{id}', { params: { path: { id } } }))
      await refresh()
    },
  }
}

export const auditPerPage = 50

export const useAudit = (page: number) =>
  useQuery({
    queryKey: ['audit', page],
    queryFn: () => answerOf(api.GET('/audit_logs', { params: { query: { page, per_page: auditPerPage } } })),
  })
