import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../../api/client'
import type { View, ViewBody } from '../../api/types'

export const useAllViews = () =>
  useQuery({ queryKey: ['views', 'list'], queryFn: async () => (await answerOf(api.GET('/views'))).views })

export const useView = (id: number, enabled = true) =>
  useQuery({
    queryKey: ['views', id],
    queryFn: async () => (await answerOf(api.GET('/views/{id}', { params: { path: { id } } }))).view,
    enabled,
    // Somebody writes in the form that shows it.
    refetchOnWindowFocus: false,
  })

export const useViewDefinitions = () =>
  useQuery({
    queryKey: ['view-definitions'],
    queryFn: async () => (await answerOf(api.GET('/views/definitions'))).definitions,
  })

/** What a view would list that is not saved yet, and how many that are. */
export const useViewPreview = (view: ViewBody) =>
  useQuery({
    queryKey: ['tickets', 'preview', view],
    queryFn: async () => {
      const body = { view: { conditions: view.conditions, output: view.output } }
      const [rows, count] = await Promise.all([
        answerOf(api.POST('/views/preview', { body, params: { query: { per_page: 10 } } })),
        answerOf(api.POST('/views/preview/count', { body })),
      ])
      return { rows, count: count.view_count }
    },
    placeholderData: keepPreviousData,
    retry: false,
  })

export function useViewActions() {
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['views'] })
  const at = (id: number) => ({ params: { path: { id } } })
  return {
    async save(id: number | undefined, view: ViewBody) {
      const asked = id ? api.PUT('/views/{id}', { ...at(id), body: { view } }) : api.POST('/views', { body: { view } })
      const saved = (await answerOf<{ view: View }>(asked)).view
      await refresh()
      return saved
    },
    async remove(id: number) {
      await answerOf(api.DELETE('/views/{id}', at(id)))
      await refresh()
    },
    async move(id: number, position: number) {
      await answerOf(api.PUT('/views/update_many', { body: { views: [{ id, position }] } }))
      await refresh()
    },
  }
}
