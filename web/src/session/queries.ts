import { useQuery, useQueryClient } from '@tanstack/react-query'
import { del, get, post, put } from '../api/client'
import type { Session, Setup, User } from '../api/types'

const sessionQuery = {
  queryKey: ['session'],
  queryFn: () => get<{ session: Session }>('/session').then((answer) => answer.session),
  staleTime: 60_000,
}

/** Who is signed in, and what kind of server this is. */
export const useSession = () => useQuery(sessionQuery)

/** The signed-in person; only for pages behind the sign-in. */
export function useMe(): User {
  const { data } = useSession()
  if (!data?.user) throw new Error('useMe is for signed-in pages')
  return data.user
}

/** Ways to change who is signed in. */
export function useSigning() {
  const queries = useQueryClient()
  const keep = (answer: { session: Session }) => {
    queries.clear()
    queries.setQueryData(sessionQuery.queryKey, answer.session)
  }
  return {
    signIn: (email: string, password: string) => post<{ session: Session }>('/session', { email, password }).then(keep),
    setUp: (token: string, person: { name: string; email: string; password: string; locale: string }) =>
      post<{ session: Session }>(`/setup/${token}`, person).then(keep),
    signOut: async () => {
      await del('/session')
      // A full load drops everything that this person saw from memory.
      location.assign('/signin')
    },
  }
}

export const useSetup = (token: string) =>
  useQuery({
    queryKey: ['setup', token],
    queryFn: () => get<{ setup: Setup }>(`/setup/${token}`).then((answer) => answer.setup),
    retry: false,
  })

/** Changes one's own particulars. */
export function useSaveMe() {
  const queries = useQueryClient()
  return async (me: Partial<Pick<User, 'name' | 'locale' | 'time_zone' | 'signature'>>) => {
    await put('/users/me', { user: me })
    await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
  }
}

export const changePassword = (previous: string, password: string) =>
  put('/users/me/password', { previous_password: previous, password })
