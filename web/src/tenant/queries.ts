import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { NewCredential } from '../api/types'

export const useTenants = () =>
  useQuery({
    queryKey: ['tenants'],
    queryFn: async () => (await answerOf(api.GET('/microsoft_tenants'))).microsoft_tenants,
  })

export const useTenant = (id: number) =>
  useQuery({
    queryKey: ['tenants', id],
    queryFn: async () =>
      (await answerOf(api.GET('/microsoft_tenants/{id}', { params: { path: { id } } }))).microsoft_tenant,
  })

export interface TenantDetails {
  name: string
  directory: string
  client_id: string
}

/** What an administrator does with Microsoft tenants and their credentials. */
export function useTenantActions() {
  const queries = useQueryClient()
  const refresh = () =>
    Promise.all(['tenants', 'overview'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
  const at = (id: number) => ({ params: { path: { id } } })
  const of = (id: number, cid: number) => ({ params: { path: { id, cid } } })
  return {
    async save(id: number | undefined, microsoft_tenant: TenantDetails) {
      const answer = id
        ? await answerOf(api.PUT('/microsoft_tenants/{id}', { ...at(id), body: { microsoft_tenant } }))
        : await answerOf(api.POST('/microsoft_tenants', { body: { microsoft_tenant } }))
      await refresh()
      return answer.microsoft_tenant
    },
    async remove(id: number) {
      await answerOf(api.DELETE('/microsoft_tenants/{id}', at(id)))
      await refresh()
    },
    async addCredential(id: number, credential: NewCredential) {
      const answer = await answerOf(api.POST('/microsoft_tenants/{id}/credentials', { ...at(id), body: { credential } }))
      await refresh()
      return answer.credential
    },
    async tryCredential(id: number, cid: number) {
      const answer = await answerOf(api.POST('/microsoft_tenants/{id}/credentials/{cid}/try', of(id, cid)))
      await refresh()
      return answer.credential
    },
    async changeCredential(id: number, cid: number, credential: { name: string; expires_at?: string | null }) {
      await answerOf(api.PUT('/microsoft_tenants/{id}/credentials/{cid}', { ...of(id, cid), body: { credential } }))
      await refresh()
    },
    /** The administrator was told what it means when it is the last one that works. */
    async removeCredential(id: number, cid: number) {
      const params = { path: { id, cid }, query: { confirm: true } }
      await answerOf(api.DELETE('/microsoft_tenants/{id}/credentials/{cid}', { params }))
      await refresh()
    },
  }
}

/** Where the public part of a certificate is downloaded. */
export const certificateLink = (id: number, cid: number, format: 'cer' | 'pem') =>
  `/api/v2/microsoft_tenants/${id}/credentials/${cid}/certificate?format=${format}`
