import { useLocation } from 'react-router'

/** Where people and organizations have their pages: in the admin centre for who is there, beside the tickets else. */
export function useDirectoryPaths() {
  const base = useLocation().pathname.startsWith('/admin') ? '/admin' : ''
  return {
    inAdmin: base !== '',
    person: (id: number) => `${base}/people/${id}`,
    organization: (id: number) => `${base}/organizations/${id}`,
  }
}
