import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'

const at = (id: number) => ({ params: { path: { id } } })

/** The latest probes of an address, newest first; looked at often while one runs. */
export const useProbes = (address: number) =>
  useQuery({
    queryKey: ['probes', address],
    queryFn: async () => (await answerOf(api.GET('/recipient_addresses/{id}/probes', at(address)))).probes,
    refetchInterval: ({ state }) => (state.data?.[0]?.state === 'running' ? 1000 : 60_000),
  })

export function useStartProbe(address: number) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => answerOf(api.POST('/recipient_addresses/{id}/probes', at(address))),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['probes', address] }),
  })
}

/** The latest preflight of an address, null before the first; its lines come one by one. */
export const usePreflight = (address: number) =>
  useQuery({
    queryKey: ['preflight', address],
    queryFn: async () => (await answerOf(api.GET('/recipient_addresses/{id}/preflight', at(address)))).preflight,
    refetchInterval: ({ state }) => (state.data && state.data.finished_at === null ? 700 : false),
  })

export function useStartPreflight(address: number) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => answerOf(api.POST('/recipient_addresses/{id}/preflight', at(address))),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['preflight', address] }),
  })
}
