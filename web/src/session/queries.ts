import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { Session, User } from '../api/types'

const sessionQuery = {
  queryKey: ['session'],
  queryFn: async () => (await answerOf(api.GET('/session'))).session,
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

const signedOutKey = 'tandem.signed_out'

/** Calls when the person has signed out in another tab of this browser. */
export function whenSignedOutElsewhere(act: () => void) {
  addEventListener('storage', ({ key }) => key === signedOutKey && act())
}

/** Ways to change who is signed in. */
export function useSigning() {
  const queries = useQueryClient()
  const keep = ({ session }: { session: Session }) => {
    queries.clear()
    queries.setQueryData(sessionQuery.queryKey, session)
  }
  return {
    signIn: async (email: string, password: string) =>
      keep(await answerOf(api.POST('/session', { body: { email, password } }))),
    setUp: async (token: string, person: { name: string; email: string; password: string; locale: string }) =>
      keep(await answerOf(api.POST('/setup/{token}', { params: { path: { token } }, body: person }))),
    signOut: async () => {
      await answerOf(api.DELETE('/session'))
      localStorage.setItem(signedOutKey, String(Date.now()))
      // A full load drops everything that this person saw from memory.
      location.assign('/signin')
    },
  }
}

export const useSetup = (token: string) =>
  useQuery({
    queryKey: ['setup', token],
    queryFn: async () => (await answerOf(api.GET('/setup/{token}', { params: { path: { token } } }))).setup,
    retry: false,
  })

/** Changes one's own particulars. */
export function useSaveMe() {
  const queries = useQueryClient()
  return async (me: Partial<Pick<User, 'name' | 'locale' | 'time_zone' | 'signature'>>) => {
    await answerOf(api.PUT('/users/me', { body: { user: me } }))
    await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
  }
}

export const changePassword = (previous: string, password: string) =>
  answerOf(api.PUT('/users/me/password', { body: { previous_password: previous, password } }))
